"""What we shipped before, by digest: copies in the git directory, else the workspace's own history.

A copy is a convenience: one that is missing or damaged is looked for in history, and what is not
there either cannot be merged, which is said and loses nothing.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from agentops_kit.install.snapshot import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from agentops_kit.ids import Sha256
    from agentops_kit.memory.git import Repo

FOLDER = "agentops/shipped"
"""In the git directory that all worktrees share; one file a text, named by its sha256."""


def keep(repo: Repo, contents: Iterable[bytes]) -> None:
    """Keep copies of what an install is about to write; a disk that takes none is no reason to stop."""
    folder = repo.common_dir / FOLDER
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        held = {one.name for one in folder.iterdir()}
        for data in contents:
            name = digest(data)
            if name not in held:
                _write(folder, name, data)


def find(repo: Repo, wanted: Mapping[str, Sha256]) -> dict[Sha256, bytes]:
    """Return the texts by digest, as far as they are found; ``wanted`` has the digest last shipped at each path."""
    folder = repo.common_dir / FOLDER
    found = {name: data for name in wanted.values() if (data := _read(folder / name, name)) is not None}
    lost = {path: name for path, name in wanted.items() if name not in found}
    if lost:
        digests = set(lost.values())
        blobs = repo.read_blobs(repo.blobs_at(lost))
        found |= {name: data for data in blobs.values() if (name := digest(data)) in digests}
    return found


def _read(path: Path, name: Sha256) -> bytes | None:
    with suppress(OSError):
        data = path.read_bytes()
        return data if digest(data) == name else None
    return None


def _write(folder: Path, name: str, data: bytes) -> None:
    """Write without waiting for the disk: what a crash leaves damaged is noticed by its digest."""
    handle, spare = tempfile.mkstemp(dir=folder)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        Path(spare).replace(folder / name)
    except OSError:
        Path(spare).unlink(missing_ok=True)
        raise
