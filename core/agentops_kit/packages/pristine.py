"""The files of a package as they came, kept in the git directory so that local edits can be told and merged."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from agentops_kit.content.library import WORKSPACE_PROFILES
from agentops_kit.content.locked import digest, held
from agentops_kit.errors import AgentOpsError
from agentops_kit.packages import archive, fetch, source, tree

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops_kit.content.locked import Locked
    from agentops_kit.memory.git import Repo
    from agentops_kit.packages.tree import Tree

_FOLDER = "agentops/packages"


def keep(repo: Repo, files: Tree) -> None:
    """Keep a copy under the digest of the files; all worktrees of the clone share it."""
    from agentops_kit.memory.index import make_folder

    folder = make_folder(repo.common_dir / _FOLDER)
    place = folder / f"{digest(files)}.tar.gz"
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as spare:
        spare.write(archive.pack(files, "package"))
    Path(spare.name).replace(place)


def find(repo: Repo, locked: Locked) -> Tree | None:
    """Return the files a lock line speaks of: as they stand, as kept, or from where they came; None when lost.

    Whatever is found is what the lock says, by its digest.
    """
    standing = held(repo.root / WORKSPACE_PROFILES / locked.name)
    if digest(standing) == locked.sha256:
        return standing
    place = repo.common_dir / _FOLDER / f"{locked.sha256}.tar.gz"
    return _same(locked, lambda: archive.of_file(place)) or _same(locked, lambda: _again(repo, locked))


def _same(locked: Locked, read: Callable[[], Tree]) -> Tree | None:
    try:
        files = read()
    except (AgentOpsError, OSError):
        return None
    return files if digest(files) == locked.sha256 else None


def _again(repo: Repo, locked: Locked) -> Tree:
    """Fetch the locked commit once more."""
    place = source.of_lock(locked, repo.root)
    if locked.commit:
        place = source.at(place, locked.commit)
    return tree.admit(fetch.fetch(place).files, str(place)).files
