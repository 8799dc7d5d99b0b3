"""How a clone's git hooks come to call our checks, and stop again: the actions that an install adds to its plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.githooks import caller, plain, precommit
from agentops_kit.githooks.caller import PRE_COMMIT
from agentops_kit.install.actions import Action
from agentops_kit.install.snapshot import ABSENT, Seen, look, take, umask

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from agentops_kit.memory.git import Repo

SHIM = ".agentops/hooks/git"
"""What every manager calls; committed, and silent for a teammate without the kit."""
_TYPES = " ".join(f"--hook-type {hook}" for hook in caller.HOOKS)


class Setup(NamedTuple):
    """Actions for the plan, and sentences for the person."""

    actions: tuple[Action, ...]
    notes: tuple[str, ...] = ()


def prepare(repo: Repo, choice: str, chain: bytes) -> Setup:
    """Return what brings the hooks to where ``choice`` wants them: auto, pre-commit, plain or none.

    ``chain`` is the text of a plain hook. What an earlier choice left is taken out.
    """
    found = caller.find(repo)
    name = found.name if choice == "auto" else choice
    if name == "none":
        return remove(repo, everywhere=True)
    if found.name not in {"pre-commit", "plain"} and choice != "pre-commit":
        return Setup(remove(repo, everywhere=True).actions, caller.advice(found))
    if name == "pre-commit":
        others = tuple(plain.take(repo.common_dir))
        return _pre_commit(repo, others)
    return Setup((*_unmerged(repo.root), *plain.put(repo.common_dir, chain)))


def remove(repo: Repo, *, everywhere: bool) -> Setup:
    """Return what takes the hooks out; ``everywhere`` says that no other worktree of the clone needs them."""
    taken = tuple(plain.take(repo.common_dir)) if everywhere else ()
    return Setup((*_unmerged(repo.root), *taken))


def _pre_commit(repo: Repo, others: tuple[Action, ...]) -> Setup:
    seen = look(repo.root / PRE_COMMIT)
    hindered = take(repo.root, (PRE_COMMIT,)).hindrance(PRE_COMMIT)
    if seen.kind not in {"file", "absent"} or hindered:
        return Setup(others, (hindered or f"{PRE_COMMIT} is no plain file, so our hooks are not added to it.",))
    notes = (f"pre-commit runs the hooks once each clone has said: pre-commit install {_TYPES}",)
    if seen.kind == "absent":
        after = Seen("file", precommit.created().encode(), 0o666 & ~umask())
        return Setup(
            (*others, Action("create", PRE_COMMIT, "runs the checks through pre-commit", ABSENT, after)), notes
        )
    text = _text(seen)
    merged = precommit.merged(text) if text is not None else None
    if merged is None:
        mend = "Write `repos:` as a list of `- repo:` lines, then install again."
        return Setup(others, (f"{PRE_COMMIT} has a layout that cannot be edited safely, so it stays. {mend}",))
    after = seen._replace(data=merged.encode())
    if after == seen:
        return Setup((*others, Action("keep-unchanged", PRE_COMMIT, "runs the checks", seen, seen)))
    return Setup((*others, Action("merge-settings", PRE_COMMIT, "runs the checks beside yours", seen, after)), notes)


def _unmerged(root: Path) -> Iterator[Action]:
    seen = look(root / PRE_COMMIT)
    text = _text(seen) if seen.kind == "file" else None
    if text is None or not precommit.holds(text):
        return
    rest = precommit.removed(text)
    if rest:
        yield Action("merge-settings", PRE_COMMIT, "our lines go, yours stay", seen, seen._replace(data=rest.encode()))
    else:
        yield Action("remove-own", PRE_COMMIT, "uninstall", seen)


def _text(seen: Seen) -> str | None:
    try:
        return seen.data.decode("utf-8")
    except UnicodeDecodeError:
        return None
