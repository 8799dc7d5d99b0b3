"""A profile's files as values: what a package may hold, how much of it, and under which names."""

from __future__ import annotations

import re
import stat
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.content.locked import Held
from agentops_kit.errors import ContentInvalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

Tree = dict[str, Held]
"""Path relative to the profile's folder → file."""

MOST_FILES = 400
MOST_BYTES = 4 * 1024 * 1024
LARGEST = 1024 * 1024
_DEEPEST = 8
_LONGEST = 200
SIGNATURE = "profile.sig"
"""The package's signature; it is not part of what is signed."""

_LAYOUT = re.compile(
    r"profile\.yaml|(?:README|CHANGELOG|NOTICE)(?:\.md|\.txt)?|LICEN[CS]E(?:\.md|\.txt)?"
    r"|commands/[^/]+\.md|commands/partials/[^/]+\.md|agents/[^/]+\.md|workflows/[^/]+\.yaml|scenarios/[^/]+\.yaml"
    r"|examples/[^/]+\.txt|skills/[^/]+/.+"
)


class Admitted(NamedTuple):
    """The files of a package that belong to a profile, a signature if there is one, and what stays outside."""

    files: Tree
    signature: bytes
    left_out: tuple[str, ...]


def admit(files: Mapping[str, Held], where: str) -> Admitted:
    """Return what of a package's files is a profile's.

    ``ContentInvalid`` names a path that leads out or reads as another, or a limit that is passed. Files a profile
    cannot use (a hook, a script beside the skills, hidden files) are named and left out; only a skill's files keep
    the run bit.
    """
    _require_small(files, where)
    for path in files:
        _require_plain(path, where)
    _require_apart(files, where)
    if "profile.yaml" not in files:
        message = f"{where} holds no profile.yaml."
        raise ContentInvalid(message, remedy="Name the profile's own folder, such as URL#profiles/NAME.")
    kept = {path: _of_profile(path, one) for path, one in sorted(files.items()) if _belongs(path)}
    outside = tuple(path for path in sorted(files) if path not in kept and path != SIGNATURE)
    return Admitted(kept, files[SIGNATURE].content if SIGNATURE in files else b"", outside)


def of_folder(folder: Path, where: str) -> Tree:
    """Return the files of a folder on disk; ``ContentInvalid`` for a link, a device, or too many of them."""
    found: Tree = {}
    total = 0
    waiting = [folder]
    while waiting:
        for path in sorted(waiting.pop().iterdir()):
            relative = path.relative_to(folder).as_posix()
            status = path.lstat()
            if stat.S_ISDIR(status.st_mode) and path.name != ".git":
                waiting.append(path)
            elif stat.S_ISREG(status.st_mode):
                total += require_room(relative, status.st_size, total, len(found), where)
                found[relative] = Held(path.read_bytes(), bool(status.st_mode & 0o100))
            elif not stat.S_ISDIR(status.st_mode):
                raise no_plain_file(relative, where)
    return found


def require_room(path: str, size: int, total: int, files: int, where: str) -> int:
    """Return ``size`` when a further file of it fits below the limits, before it is read; else ``ContentInvalid``."""
    if size > LARGEST:
        message = f"{where}: {path} has {size:,} bytes, more than {LARGEST:,}."
        raise ContentInvalid(message, remedy="A profile is text; keep large data where it is used.")
    if total + size > MOST_BYTES or files >= MOST_FILES:
        message = f"{where} is larger than a profile may be ({MOST_FILES} files, {MOST_BYTES // 1024**2} MB in all)."
        raise ContentInvalid(message, remedy="Name the profile's own folder, not the whole repository.")
    return size


def no_plain_file(path: str, where: str) -> ContentInvalid:
    """Return the refusal of a link, a device, a socket or a submodule."""
    message = f"{where}: {path} is a link or no plain file."
    return ContentInvalid(message, remedy="A package holds plain files only; put the file itself there.")


def _require_small(files: Mapping[str, Held], where: str) -> None:
    total = 0
    for number, (path, one) in enumerate(files.items()):
        total += require_room(path, len(one.content), total, number, where)


def _require_plain(path: str, where: str) -> None:
    """Refuse what is no relative path made of names that look like what they are."""
    parts = path.split("/")
    odd = next((letter for letter in path if not letter.isprintable() or letter in '\\:*?"<>|'), "")
    why = ""
    if path.startswith("/") or {"", ".", ".."} & set(parts):
        why = "leads out of the package"
    elif odd or unicodedata.normalize("NFC", path) != path:
        why = f"holds a letter that reads as another or cannot be written everywhere ({odd!r})"
    elif len(parts) > _DEEPEST or len(path) > _LONGEST:
        why = "is longer than a path of a profile may be"
    elif any(part.endswith((".", " ")) for part in parts):
        why = "holds a name that ends in a dot or a space"
    if why:
        message = f"{where}: the path {path!r} {why}."
        raise ContentInvalid(message, remedy="Nothing was written. Ask whoever made the package to rename it.")


def _require_apart(files: Iterable[str], where: str) -> None:
    """Refuse names that some file systems take for one another, and a file where another needs a folder."""
    names = sorted({(one, kind) for path in files for one, kind in _steps(path)})
    seen: dict[str, tuple[str, str]] = {}
    for path, kind in names:
        other = seen.setdefault(unicodedata.normalize("NFKC", path).casefold(), (path, kind))
        if other != (path, kind):
            message = f"{where}: {path!r} and {other[0]!r} cannot both be written on every file system."
            raise ContentInvalid(message, remedy="Nothing was written. Ask whoever made the package to rename one.")


def _steps(path: str) -> Iterator[tuple[str, str]]:
    parts = path.split("/")
    yield from (("/".join(parts[:count]), "folder") for count in range(1, len(parts)))
    yield path, "file"


def _belongs(path: str) -> bool:
    hidden = any(part.startswith(".") for part in path.split("/"))
    return bool(_LAYOUT.fullmatch(path)) and not hidden


def _of_profile(path: str, one: Held) -> Held:
    return one if path.startswith("skills/") else one._replace(executable=False)
