"""Hooks of git itself: ours stands in front of the user's, which is kept beside it and runs first. Decisions only.

    hooks/pre-commit                  ours
    hooks/pre-commit.agentops-yours   what stood there before, bytes, mode or link as it was

Nothing records them in the workspace, because ``.git`` belongs to one clone: our file is known by its
second line, and the user's by its name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.githooks.caller import HOOKS
from agentops_kit.install.actions import Action
from agentops_kit.install.snapshot import ABSENT, Seen, look, umask

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOLDER = "hooks"
KEPT = ".agentops-yours"
_MADE = "hooks/.agentops-made"
"""Marks a folder of hooks that was not there before."""
_MARK = b"\n# AgentOps Kit: "
_LEGACY = ".legacy"
"""What pre-commit calls a hook that stood where it put its own."""


def put(common_dir: Path, shim: bytes) -> Iterator[Action]:
    """Yield what brings our hooks into a clone; a hook of the user's moves aside once and is never overwritten."""
    folder = look(common_dir / FOLDER)
    if folder.kind == "absent":
        yield _git("make-folder", FOLDER, "holds git's hooks", ABSENT, Seen("folder"))
        yield _git("create", _MADE, "this folder was not there before", ABSENT, Seen("file", b"", 0o666 & ~umask()))
    wanted = Seen("file", shim, 0o777 & ~umask())
    for name in HOOKS:
        yield from _put(common_dir, f"{FOLDER}/{name}", wanted)


def take(common_dir: Path) -> Iterator[Action]:
    """Yield what takes our hooks out of a clone and puts the user's back."""
    gone = set()
    for name in HOOKS:
        for action in _take(common_dir, f"{FOLDER}/{name}"):
            gone |= {action.path} if action.after.kind == "absent" else set()
            yield action
    mark = look(common_dir / _MADE)
    if mark.kind == "file":
        yield _git("remove-own", _MADE, "uninstall", mark, ABSENT)
        left = {f"{FOLDER}/{one.name}" for one in (common_dir / FOLDER).iterdir()} - gone - {_MADE}
        if not left:
            yield _git("remove-folder", FOLDER, "empty, and made by us", Seen("folder"), ABSENT)


def standing(common_dir: Path) -> tuple[str, ...]:
    """Return the hooks for which git, or a hook that took our place, calls ours."""
    return tuple(name for name in HOOKS if _ours_at(common_dir, f"{FOLDER}/{name}"))


def is_ours(seen: Seen) -> bool:
    """Say whether a file is a hook we wrote."""
    return seen.kind == "file" and _MARK in seen.data[:200]


def _ours_at(common_dir: Path, path: str) -> str:
    return next((one for one in (path, f"{path}{_LEGACY}") if is_ours(look(common_dir / one))), "")


def _put(common_dir: Path, path: str, wanted: Seen) -> Iterator[Action]:
    seen, kept = look(common_dir / path), look(common_dir / f"{path}{KEPT}")
    place = _ours_at(common_dir, path)
    if place:
        yield from _renewed(place, look(common_dir / place), wanted)
    elif seen.kind == "absent":
        yield _git("create", path, "runs the checks", ABSENT, wanted)
    elif seen.kind not in {"file", "link"}:
        yield _git("conflict", path, "no file, so ours is not put there", seen, seen)
    elif kept.kind != "absent":
        yield _git("conflict", path, f"yours, and {path}{KEPT} is taken; ours is not put there", seen, seen)
    else:
        yield _git("beside", f"{path}{KEPT}", "your hook, which runs first", ABSENT, seen)
        yield _git("merge-settings", path, "runs your hook, then the checks", seen, wanted)


def _renewed(path: str, seen: Seen, wanted: Seen) -> Iterator[Action]:
    if seen.data == wanted.data and seen.mode & 0o100:
        yield _git("keep-unchanged", path, "runs the checks", seen, seen)
    else:
        yield _git("replace-own", path, "newer text", seen, wanted)


def _take(common_dir: Path, path: str) -> Iterator[Action]:
    seen, kept = look(common_dir / path), look(common_dir / f"{path}{KEPT}")
    place = _ours_at(common_dir, path)
    if not place:
        if kept.kind != "absent":
            yield _git("conflict", f"{path}{KEPT}", "your former hook; another stands in its place now", kept, kept)
        return
    ours = look(common_dir / place)
    if kept.kind == "absent":
        yield _git("remove-own", place, "uninstall", ours, ABSENT)
        return
    reason = "your hook comes back" if place == path else f"your hook comes back, below {seen.kind} {path}"
    yield _git("merge-settings", place, reason, ours, kept)
    yield _git("remove-own", f"{path}{KEPT}", "your hook is back in its place", kept, ABSENT)


def _git(kind: str, path: str, reason: str, before: Seen, after: Seen) -> Action:
    return Action(kind, path, reason, before, after, base="git")  # type: ignore[arg-type]
