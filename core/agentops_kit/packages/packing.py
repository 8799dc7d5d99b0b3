"""A profile that is here as one file to share."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from agentops_kit.content.library import BASE
from agentops_kit.content.locked import Held, digest
from agentops_kit.errors import InputInvalid, WorkspaceUnusable
from agentops_kit.packages import archive, seal, tree

if TYPE_CHECKING:
    from agentops_kit.content.library import Library
    from agentops_kit.memory.git import Repo

_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+_-]*")


@dataclass(frozen=True)
class Packed:
    """An archive: its file name and bytes, their sha256, and the digest of the files in it."""

    name: str
    data: bytes
    sha256: str
    digest: str
    files: int
    left_out: tuple[str, ...]


def pack(library: Library, name: str, signer: Repo | None = None) -> Packed:
    """Return a profile's archive, signed with the key of the repository ``signer``.

    ``ContentInvalid`` when the profile does not load or holds what no package may, ``InputInvalid`` for one that
    cannot be a package.
    """
    loaded = library.load(name)
    if name == BASE and library.origin(name) == "shipped":
        message = f"{BASE!r} is the kit's own ground and no package."
        raise InputInvalid(message, remedy="Extend it: agentops profile create NAME")
    version = loaded.profile.metadata.version
    if not _VERSION.fullmatch(version):
        message = f"{loaded.where}: the version {version!r} cannot be part of a file's name."
        raise InputInvalid(message, remedy="Write it like 1.2.0.")
    admitted = tree.admit(tree.of_folder(library.folder(name), loaded.where), loaded.where)
    files = dict(admitted.files)
    if signer is not None:
        at = datetime.now(UTC).isoformat(timespec="seconds")
        files[tree.SIGNATURE] = Held(seal.sign(signer, name, version, admitted.files, at))
    elif admitted.signature:
        files[tree.SIGNATURE] = Held(admitted.signature)
    data = archive.pack(files, name)
    found = hashlib.sha256(data).hexdigest()
    return Packed(f"{name}-{version}.tar.gz", data, found, digest(admitted.files), len(files), admitted.left_out)


def write(packed: Packed, folder: Path) -> Path:
    """Write the archive into a folder, over one of the same name that we wrote before; whole or not at all."""
    target = folder / packed.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".", delete=False) as spare:
            spare.write(packed.data)
        mask = os.umask(0o077)
        os.umask(mask)
        Path(spare.name).chmod(0o666 & ~mask)
        Path(spare.name).replace(target)
    except OSError as error:
        message = f"{target} cannot be written: {error.strerror}."
        raise WorkspaceUnusable(message, remedy="Name another folder with --output.") from error
    return target
