"""Where a package comes from, as a person writes it: a folder, a repository, an archive, or a name in an index."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from agentops_kit.errors import InputInvalid
from agentops_kit.packages.archive import ENDINGS

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops_kit.content.locked import Locked

Kind = Literal["git", "folder", "archive", "index"]
_SCHEMES = ("https", "ssh", "file")
_URL = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<host>[^/]*)(?P<path>/.*)?", re.IGNORECASE)
_SCP = re.compile(r"(?P<host>[\w.-]+@\w[\w.-]*):(?P<path>[^/].*|/.*)")
_NAMED = re.compile(r"(?:(?P<index>[a-z0-9]+(?:-[a-z0-9]+)*):)?(?P<name>[a-z0-9]+(?:-[a-z0-9]+)*)")
_REF = re.compile(r"[A-Za-z0-9][\w./+-]*")


@dataclass(frozen=True)
class Source:
    """A place to take a package from.

    ``location`` is an address of a repository, an absolute path, or a name; ``ref`` a branch, tag or commit;
    ``folder`` where in it the profile lies.
    """

    kind: Kind
    location: str
    ref: str = ""
    folder: str = ""
    index: str = ""
    """Which index a name is looked up in; every one when empty."""

    def __str__(self) -> str:
        """Return it as a person would write it."""
        index = f"{self.index}:" if self.index else ""
        ref = f"@{self.ref}" if self.ref else ""
        return index + self.location + ref + (f"#{self.folder}" if self.folder else "")


def parse(text: str, start: Path) -> Source:
    """Read a source; a relative path starts at ``start``. ``InputInvalid`` says what cannot be used and why.

    ``FOLDER``, ``ARCHIVE.tar.gz``, ``URL[@REF][#FOLDER]``, ``PATH-OF-A-REPOSITORY[@REF][#FOLDER]``, ``NAME`` or
    ``INDEX:NAME``; a URL is https, ssh (also ``git@host:path``) or file.
    """
    said = text.strip().removeprefix("git+")
    if not said or said.startswith("-") or not said.isprintable():
        message = f"{text[:80]!r} is no source of a profile."
        raise InputInvalid(message, remedy="Give a folder, an archive, a git URL or a name in an index.")
    body, _, folder = said.partition("#")
    folder = _inside(folder, text)
    url, scp = _URL.fullmatch(body), _SCP.fullmatch(body)
    if url:
        return _of_url(url, folder, text)
    if scp:
        path, ref = _split_ref(scp["path"], text)
        return Source("git", f"{scp['host']}:{path}", ref, folder)
    return _of_path(body, folder, start) or _of_name(body, folder, text)


def of_lock(locked: Locked, root: Path) -> Source:
    """Return where a locked profile came from; relative paths start at the workspace's root."""
    local = locked.kind != "git" or not (_URL.fullmatch(locked.source) or _SCP.fullmatch(locked.source))
    location = os.path.normpath(root / locked.source) if local else locked.source
    kind: Kind = "git" if locked.kind == "git" else "archive" if locked.kind == "archive" else "folder"
    return Source(kind, location, locked.ref, locked.folder)


def for_lock(source: Source, root: Path) -> str:
    """Return the location as the lock file says it: an address as it is, a path relative to the workspace."""
    if _URL.fullmatch(source.location) or _SCP.fullmatch(source.location):
        return source.location
    return Path(os.path.relpath(source.location, root)).as_posix()


def is_local(source: Source) -> bool:
    """Say whether a source lies on this machine."""
    return source.kind != "index" and (
        source.location.lower().startswith("file://")
        or not (_URL.fullmatch(source.location) or _SCP.fullmatch(source.location))
    )


def _of_url(url: re.Match[str], folder: str, text: str) -> Source:
    scheme = url["scheme"].lower()
    if scheme not in _SCHEMES:
        message = f"A profile is not taken over {scheme}://, which is open to anybody on the way."
        raise InputInvalid(message, remedy="Use https://, ssh:// or git@host:path.")
    if ":" in url["host"].rpartition("@")[0] or (scheme == "https" and "@" in url["host"]):
        message = "The address holds a name or a password, which would be committed in the lock file."
        raise InputInvalid(message, remedy="Leave it out; git asks its credential helper.")
    path, ref = _split_ref(url["path"] or "/", text)
    if scheme == "https" and path.endswith(ENDINGS):
        message = f"{text} is an archive, and archives are not fetched."
        raise InputInvalid(message, remedy="Download it, compare its sha256, and add the file.")
    return Source("git", f"{scheme}://{url['host']}{path}", ref, folder)


def _of_path(body: str, folder: str, start: Path) -> Source | None:
    """Return the source on disk, None when there is no such path; ``PATH@REF`` is a repository."""
    path = _on_disk(body, start)
    if _is(Path.is_dir, path):
        return Source("folder", str(path / folder) if folder else str(path))
    if _is(Path.is_file, path):
        return Source("archive", str(path), "", folder)
    plain, at, ref = body.rpartition("@")
    place = _on_disk(plain, start)
    if at and _is(Path.is_dir, place) and _REF.fullmatch(ref) and ".." not in ref:
        return Source("git", str(place), ref, folder)
    return None


def _is(kind: Callable[[Path], bool], path: Path) -> bool:
    try:
        return kind(path)
    except OSError:  # too long for a path
        return False


def _on_disk(said: str, start: Path) -> Path:
    home = os.path.expanduser(said)  # noqa: PTH111 - leaves ~name of nobody as it is, where pathlib raises
    return Path(os.path.normpath(start / home))


def _of_name(body: str, folder: str, text: str) -> Source:
    named = _NAMED.fullmatch(body)
    if named is None or folder:
        message = f"{text[:80]!r} is no folder, archive or repository here, and no name in an index."
        raise InputInvalid(message, remedy="Give a path that exists, a git URL, or a name such as `acme-payments`.")
    return Source("index", named["name"], index=named["index"] or "")


def _split_ref(path: str, text: str) -> tuple[str, str]:
    plain, at, ref = path.partition("@")
    if at and (not _REF.fullmatch(ref) or ".." in ref):
        message = f"{ref!r} in {text!r} is no branch, tag or commit."
        raise InputInvalid(message, remedy="Write it as URL@v1.2.0 or URL@main#folder.")
    return plain, ref


def _inside(folder: str, text: str) -> str:
    clean = folder.strip("/")
    if clean and {"", ".", ".."} & set(clean.split("/")):
        message = f"{folder!r} in {text!r} does not lie in the source."
        raise InputInvalid(message, remedy="Name a folder inside it, such as URL#profiles/NAME.")
    return clean


def at(source: Source, commit: str) -> Source:
    """Return the same place at one commit."""
    return replace(source, ref=commit)


def relative(source: Source, root: Path) -> Source:
    """Return the same place with a path relative to the workspace, as a committed file says it."""
    return replace(source, location=for_lock(source, root))
