"""``.agentops/profiles.lock.yaml``: profiles that came from elsewhere, and whether they still are what came."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from agentops_kit.errors import ContentInvalid
from agentops_kit.ids import Sha256

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

FOLDER = Path(".agentops/profiles")
"""Where a workspace keeps profiles of its own and those it was given."""
LOCK = ".agentops/profiles.lock.yaml"
VERSION = 1
KINDS = ("git", "folder", "archive")
_HEAD = (
    "# Profiles that came from elsewhere, one line each. Written by `agentops profile add`, `update` and `remove`.\n"
    f"version: {VERSION}\n"
    "packages:\n"
)
_FIELDS = ("kind", "source", "ref", "folder", "commit", "version", "sha256", "signer", "via")
NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
"""What a profile may be called; ``content.schema`` says the same to pydantic."""
_DIGEST = re.compile(r"[0-9a-f]{64}")
_MARKS = ("<<<<<<<", "|||||||", "=======", ">>>>>>>")
"""What git leaves around lines that two branches changed; every line here stands for itself, so both are kept."""


class Held(NamedTuple):
    """A file of a profile: its bytes, and whether it has the run bit."""

    content: bytes
    executable: bool = False


class Locked(NamedTuple):
    """Where a vendored profile came from, and the digest of the files that came.

    ``source`` is an address, or a path relative to the workspace; ``commit`` and ``ref`` are empty for what is no
    repository; ``signer`` is the mail address of a signature that held when it was added, ``via`` the index in
    which it was looked up and is looked up again.
    """

    name: str
    kind: str
    source: str
    sha256: str
    version: str
    ref: str = ""
    folder: str = ""
    commit: str = ""
    signer: str = ""
    via: str = ""


def digest(files: Mapping[str, Held]) -> Sha256:
    """Return the digest of a profile's files: paths, bytes and run bits, whatever order they come in.

    Windows line ends of text count as plain ones, because a clone may be set up to write them.
    """
    found = hashlib.sha256()
    for path in sorted(files):
        content, executable = files[path]
        plain = content if b"\0" in content else content.replace(b"\r\n", b"\n")
        found.update(f"{hashlib.sha256(plain).hexdigest()} {'x' if executable else '-'} {path}\n".encode())
    return Sha256(found.hexdigest())


def held(folder: Path) -> dict[str, Held]:
    """Return the files below a folder; a link counts as a file that holds its target, so that it shows."""
    found: dict[str, Held] = {}
    for place, folders, names in os.walk(folder):
        links = [name for name in folders if os.path.islink(os.path.join(place, name))]  # noqa: PTH114, PTH118
        for name in (*names, *links):
            path = folder.__class__(place) / name
            relative = path.relative_to(folder).as_posix()
            if path.is_symlink():
                found[relative] = Held(b"link to " + os.fsencode(path.readlink()))
            elif path.is_file():
                found[relative] = Held(path.read_bytes(), bool(path.stat().st_mode & 0o100))
    return found


def read(root: Path) -> dict[str, Locked]:
    """Return a workspace's locked profiles by name; ``ContentInvalid`` when the file is broken."""
    path = root / LOCK
    return parse(path.read_bytes()) if path.is_file() else {}


def parse(data: bytes) -> dict[str, Locked]:
    """Return the profiles a lock file names; two branches' lines between git's conflict marks both count."""
    import yaml

    lines = [line for line in data.decode("utf-8", "replace").splitlines() if not line.startswith(_MARKS)]
    kept = dict.fromkeys(lines)  # a line that both branches have counts once
    try:
        from agentops_kit.content.frontmatter import parse_yaml

        values = parse_yaml("\n".join(kept) + "\n", LOCK).values
        if values.get("version") != VERSION:
            raise ContentInvalid(f"{LOCK} has version {values.get('version')!r}.", remedy="Upgrade agentops-kit.")
        return {name: _locked(name, said) for name, said in (values.get("packages") or {}).items()}
    except (yaml.YAMLError, TypeError, KeyError, AttributeError, ValueError) as error:
        message = f"{LOCK} does not load ({type(error).__name__}: {str(error)[:80]})."
        raise ContentInvalid(message, remedy=f"Restore it: git checkout -- {LOCK}") from error


def dump(packages: Iterable[Locked]) -> bytes:
    """Return the lock file's bytes; equal packages give equal bytes, one line each, sorted by name."""
    lines = [_line(one) for one in sorted(packages)]
    return ("".join([_HEAD, *lines]) if lines else _HEAD.replace("packages:", "packages: {}")).encode()


def altered(root: Path, names: Iterable[str]) -> Iterator[str]:
    """Yield a sentence for each of these profiles that is locked and whose files are not what the lock says."""
    packages = read(root)
    for name in names:
        locked = packages.get(name)
        if locked is None:
            continue
        folder = root / FOLDER / name
        if digest(held(folder)) != locked.sha256:
            yield (
                f"The profile {name!r} in {FOLDER}/{name} is not what was added from {locked.source}: "
                f"its files differ from {LOCK}. See `agentops profile info {name}`."
            )


def _line(one: Locked) -> str:
    import json

    said = {key: getattr(one, key) for key in _FIELDS if getattr(one, key)}
    inside = ", ".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in said.items())
    return f"  {json.dumps(one.name)}: {{{inside}}}\n"  # quoted, for YAML reads a bare 1e3 or null as no text


def _locked(name: Any, said: Mapping[str, Any]) -> Locked:
    if not NAME.fullmatch(str(name)):
        message = f"{LOCK} names {name!r}, which is no name of a profile."
        raise ContentInvalid(message, remedy="Restore the file from a commit you trust.")
    unknown = set(said) - set(_FIELDS)
    if unknown or said["kind"] not in KINDS or not _DIGEST.fullmatch(str(said["sha256"])):
        message = f"{LOCK}: the line of {name!r} is not as it was written."
        raise ContentInvalid(message, remedy=f"Restore it: git checkout -- {LOCK}")
    return Locked(str(name), **{key: str(value) for key, value in said.items()})
