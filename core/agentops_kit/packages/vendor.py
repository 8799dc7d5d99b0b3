"""Bringing a profile's folder and its lock line to a wanted state: the decision, as the installer's own actions.

``install.apply`` performs them: all or nothing, also when it is killed. A profile that is being added gets its
``profile.yaml`` last and one that is removed loses it first, so that no reader ever finds a part of one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.content.library import WORKSPACE_PROFILES
from agentops_kit.content.locked import LOCK, dump, held
from agentops_kit.install import snapshot
from agentops_kit.install.actions import Action, InstallPlan, emptied, refused
from agentops_kit.install.snapshot import ABSENT, Seen, folders_above

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from agentops_kit.content.locked import Held, Locked
    from agentops_kit.install.actions import Kind
    from agentops_kit.install.snapshot import Snapshot


def towards(root: Path, name: str, wanted: Mapping[str, Held], packages: Iterable[Locked] | None = None) -> InstallPlan:
    """Return the plan after which ``.agentops/profiles/<name>`` holds exactly ``wanted``, and the lock ``packages``.

    No files wanted means that the folder goes; without ``packages`` the lock stays as it is.
    """
    home = f"{WORKSPACE_PROFILES.as_posix()}/{name}"
    folder = root / home
    standing = {f"{home}/{path}" for path in held(folder)} if folder.is_dir() and not folder.is_symlink() else set()
    files = {f"{home}/{path}": one for path, one in wanted.items()}
    seen = snapshot.take(root, {*standing, *files, home, LOCK, *_folders(root, home)})
    actions = [_file(seen, path, files.get(path)) for path in _ordered({*standing, *files}, home, adding=bool(files))]
    lock = [] if packages is None else _lock(seen, tuple(packages))
    made = _made(seen, (*files, *(step.path for step in lock)))
    gone = {one.path for one in actions if one.kind == "remove-own"}
    emptied_now = emptied(seen, _folders(root, home), gone) if gone else []
    planned = [*made, *actions, *emptied_now, *lock]
    return InstallPlan((*refused(seen, planned), *planned))


def _made(seen: Snapshot, paths: Iterable[str]) -> list[Action]:
    return [
        Action("make-folder", path, "holds the profile", ABSENT, Seen("folder"))
        for path in sorted({one for path in paths for one in folders_above(path)})
        if seen[path].kind == "absent"
    ]


def _folders(root: Path, home: str) -> list[str]:
    base = root / home
    if base.is_symlink() or not base.is_dir():
        return []
    inner = [path for path in base.rglob("*") if path.is_dir() and not path.is_symlink()]
    return [WORKSPACE_PROFILES.as_posix(), home, *(path.relative_to(root).as_posix() for path in inner)]


def _ordered(paths: Iterable[str], home: str, *, adding: bool) -> list[str]:
    """Return the paths with ``profile.yaml`` last, or first when the profile goes."""
    first, last = (False, True) if adding else (True, False)
    return sorted(paths, key=lambda path: (last if path == f"{home}/profile.yaml" else first, path))


def _file(seen: Snapshot, path: str, wanted: Held | None) -> Action:
    before = seen[path]
    if wanted is None:
        return Action("remove-own", path, "no longer part of the profile", before)
    after = seen.new_file(wanted.content, executable=wanted.executable)
    if before.kind == "absent":
        return Action("create", path, "part of the profile", before, after)
    if before.kind != "file":
        return Action("refuse", path, f"{path} is no plain file, so the profile's cannot go there.", before, before)
    after = after._replace(mode=_mode(before.mode, after.mode, executable=wanted.executable))
    kind: Kind = "keep-unchanged" if before == after else "replace-own"
    return Action(kind, path, "unchanged" if before == after else "the profile's newer text", before, after)


def _mode(before: int, new: int, *, executable: bool) -> int:
    """Keep a file's permissions; only the run bit is the package's."""
    return before | (new & 0o111) if executable else before & ~0o111


def _lock(seen: Snapshot, packages: tuple[Locked, ...]) -> list[Action]:
    before, reason = seen[LOCK], "says where profiles came from"
    if before.kind not in {"absent", "file"}:
        return [Action("refuse", LOCK, f"{LOCK} is no plain file, and has to be one.", before, before)]
    if not packages:
        return [Action("remove-own", LOCK, "no added profile is left", before)] if before.kind == "file" else []
    data = dump(packages)
    if before.kind == "absent":
        return [Action("create", LOCK, reason, before, seen.new_file(data, executable=False))]
    return [] if before.data == data else [Action("replace-own", LOCK, reason, before, before._replace(data=data))]
