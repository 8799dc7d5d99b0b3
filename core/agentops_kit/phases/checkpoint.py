"""Whether the work tree still stands where a phase's checkpoint left it, said in words a person can act on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agentops_kit.ids import CommitId
    from agentops_kit.phases.record import Checkpoint

_SHOWN = 5
_OURS = ".agentops/"


class Came(NamedTuple):
    """A commit that came in after the checkpoint."""

    id: str
    author: str
    subject: str
    files: tuple[str, ...]


@dataclass(frozen=True)
class Present:
    """Where the work tree stands now.

    ``came`` are the commits since the checkpoint, None when its commit is not below HEAD any more;
    ``changed`` the paths that differ from its tree, ``allowed`` says which of them the phase may change.
    """

    commit: CommitId
    branch: str | None
    staged: tuple[str, ...]
    came: tuple[Came, ...] | None
    changed: tuple[str, ...]
    allowed: Callable[[str], bool]


@dataclass(frozen=True)
class Comparison:
    """What is as the checkpoint and the phase expect (``fits``), and what is not (``differs``), one sentence each."""

    fits: tuple[str, ...]
    differs: tuple[str, ...]


def compare(point: Checkpoint, now: Present) -> Comparison:
    """Compare the present state with a checkpoint. Commits and edits within the phase's scope are its own work."""
    found = (*_branches(point, now), *_commits(point, now), *_edits(now), *_staging(point, now))
    return Comparison(
        tuple(sentence for sentence, own in found if own), tuple(sentence for sentence, own in found if not own)
    )


def _branches(point: Checkpoint, now: Present) -> list[tuple[str, bool]]:
    if now.branch == point.branch:
        return []
    back = f"git switch {point.branch}" if point.branch else f"git switch --detach {point.commit[:12]}"
    sentence = (
        f"The checkpoint is on {_branch(point.branch)}, and you are on {_branch(now.branch)}: `{back}` goes back."
    )
    return [(sentence, False)]


def _edits(now: Present) -> list[tuple[str, bool]]:
    own = tuple(path for path in now.changed if now.allowed(path))
    foreign = tuple(path for path in now.changed if not now.allowed(path))
    said = [(f"Work of this phase since the checkpoint: {_named(own)}.", True)] if own else []
    return said + ([(f"Files differ that this phase may not change: {_named(foreign)}.", False)] if foreign else [])


def _staging(point: Checkpoint, now: Present) -> list[tuple[str, bool]]:
    staged = tuple(path for path in now.staged if not path.startswith(_OURS))
    then = tuple(path for path in point.staged if not path.startswith(_OURS))
    if staged == then:
        return []
    added = tuple(path for path in staged if path not in then)
    gone = tuple(path for path in then if path not in staged)
    parts = [f"now also {_named(added)}" if added else "", f"no longer {_named(gone)}" if gone else ""]
    sentence = f"Staged: {' and '.join(part for part in parts if part)}."
    return [(sentence, all(now.allowed(path) for path in added))]


def _commits(point: Checkpoint, now: Present) -> list[tuple[str, bool]]:
    """Return a sentence on the commits since the checkpoint, with whether they are the phase's own."""
    if now.commit == point.commit:
        return []
    if now.came is None:
        sentence = (
            f"The checkpoint's commit {point.commit[:12]} is no longer below HEAD {now.commit[:12]}: the branch was "
            f"reset or rebased, or is another one; `git log {point.commit[:12]}` shows it if it still exists."
        )
        return [(sentence, False)]
    others = [one for one in now.came if any(not path.startswith(_OURS) for path in one.files) or not one.files]
    own = [
        one for one in others if one.files and all(now.allowed(path) or path.startswith(_OURS) for path in one.files)
    ]
    foreign = [one for one in others if one not in own]
    found = []
    if own:
        found.append((f"Work of this phase was committed: {_listed(own)}.", True))
    if foreign:
        found.append((f"Commits came in since the checkpoint: {_listed(foreign)}.", False))
    return found


def _listed(commits: Sequence[Came]) -> str:
    shown = [f"{one.id[:12]} “{one.subject[:60]}” by {one.author}" for one in commits[:_SHOWN]]
    return ", ".join(shown) + (f" and {len(commits) - _SHOWN} more" if len(commits) > _SHOWN else "")


def _named(paths: Sequence[str]) -> str:
    return ", ".join(paths[:_SHOWN]) + (f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else "")


def _branch(name: str | None) -> str:
    return f"branch {name}" if name else "a detached HEAD"
