"""What stands in a workspace where our files would go; looking changes nothing."""

from __future__ import annotations

import os
import stat
import unicodedata
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from agentops_kit.errors import WorkspaceUnusable
from agentops_kit.ids import Sha256

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Kind = Literal["absent", "file", "folder", "link", "other"]


class Seen(NamedTuple):
    """What a path is: a file's bytes (a link's target as bytes) and permission bits."""

    kind: Kind
    data: bytes = b""
    mode: int = 0

    @property
    def sha256(self) -> Sha256:
        """Digest of the bytes."""
        return digest(self.data)


ABSENT = Seen("absent")


@dataclass(frozen=True)
class Snapshot:
    """The paths asked for, every folder above them, and what keeps us from writing there.

    ``held`` has the names inside each folder that was looked at; ``hindrances`` maps a path to one
    sentence; ``mask`` is the process's umask; ``rivals`` maps a path to another that is there and
    differs from it by upper and lower case only.
    """

    seen: Mapping[str, Seen]
    held: Mapping[str, frozenset[str]]
    hindrances: Mapping[str, str]
    mask: int
    rivals: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, path: str) -> Seen:
        return self.seen[path]

    def hindrance(self, path: str) -> str:
        """Return why nothing can be written at ``path``, "" when it can."""
        reasons = (self.hindrances.get(one, "") for one in (*folders_above(path), path))
        return next((reason for reason in reasons if reason), "")

    def new_file(self, data: bytes, *, executable: bool) -> Seen:
        """Return a file as this process would make it."""
        return Seen("file", data, (0o777 if executable else 0o666) & ~self.mask)


def digest(data: bytes) -> Sha256:
    """Return the hexadecimal sha256 of some bytes."""
    return Sha256(sha256(data).hexdigest())


def look(path: Path) -> Seen:
    """Return what stands at ``path`` itself, not where a link leads."""
    try:
        status = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return ABSENT
    mode = stat.S_IMODE(status.st_mode)
    if stat.S_ISLNK(status.st_mode):
        return Seen("link", os.fsencode(path.readlink()), mode)
    if stat.S_ISDIR(status.st_mode):
        return Seen("folder", b"", mode)
    if not stat.S_ISREG(status.st_mode):
        return Seen("other", b"", mode)
    try:
        return Seen("file", path.read_bytes(), mode)
    except PermissionError as error:
        message = f"{path} cannot be read."
        raise WorkspaceUnusable(message, remedy="Give yourself read permission, then try again.") from error


def follow(root: Path, path: str) -> str:
    """Return the file of the workspace that a link at ``path`` leads to, ``path`` itself where there is none."""
    place = root / path
    if not place.is_symlink() or not place.is_file() or _astray(root, path):
        return path
    return Path(os.path.relpath(os.path.realpath(place), os.path.realpath(root))).as_posix()


def folders_above(path: str) -> list[str]:
    """Return the folders above a workspace path, outermost first, without the workspace itself."""
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]


def take(root: Path, paths: Iterable[str]) -> Snapshot:
    """Look at ``paths`` (relative, forward slashes) and every folder above each."""
    wanted = sorted({one for path in paths for one in (path, *folders_above(path))})
    seen = {path: look(root / path) for path in wanted}
    held = {
        path: frozenset(one.name for one in (root / path).iterdir()) for path in ("", *wanted) if _is_folder(path, seen)
    }
    rivals = _rivals(wanted, held)
    hindrances = {path: sentence for path in wanted if (sentence := _hindrance(root, path, seen))}
    for path, other in rivals.items():
        if seen[path].kind == "absent":
            clash = f"{other} differs from {path} by upper and lower case only, and many computers take them for one."
            hindrances.setdefault(path, clash)
    return Snapshot(seen, held, hindrances, umask(), rivals)


def _is_folder(path: str, seen: Mapping[str, Seen]) -> bool:
    return not path or seen[path].kind == "folder"


def _rivals(wanted: Iterable[str], held: Mapping[str, frozenset[str]]) -> dict[str, str]:
    """Return, for each path, the other of two names that a file system which ignores case would take for one."""
    ours = set(wanted)
    others: dict[str, str] = {}
    for folder, names in held.items():
        paths = (f"{folder}/{name}" if folder else name for name in sorted(names))
        others |= {_folded(path): path for path in paths if path not in ours}
    return {path: others[_folded(path)] for path in ours if _folded(path) in others}


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold()


def umask() -> int:
    """Return the permission bits this process keeps from new files."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _hindrance(root: Path, path: str, seen: Mapping[str, Seen]) -> str:
    if seen[path].kind == "link":
        return _astray(root, path)
    for folder in folders_above(path):
        if seen[folder].kind in {"file", "other"}:
            return f"{folder} is a file, so {path} cannot be written."
        if seen[folder].kind == "link" and not (root / folder).is_dir():
            return f"{folder} is a symbolic link to no folder, so {path} cannot be written."
    return "" if seen[path].kind == "folder" else _read_only(root, path)


def _astray(root: Path, path: str) -> str:
    """Say so when a link leads out of the workspace or into its git directory."""
    place = os.path.realpath(root / path)
    home = os.path.realpath(root)
    inside = place.startswith(home + os.sep)
    if inside and ".git" not in Path(os.path.relpath(place, home)).parts:
        return ""
    return f"{path} is a symbolic link that leads out of the workspace, to {place}."


def _read_only(root: Path, path: str) -> str:
    place = (root / path).parent
    while not os.path.lexists(place):
        place = place.parent
    if place.is_dir() and not os.access(place, os.W_OK | os.X_OK, effective_ids=True):
        return f"{place} is read-only, so {path} cannot be written."
    return ""
