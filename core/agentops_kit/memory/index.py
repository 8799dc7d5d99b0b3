"""Folders and index files of our own beside the user's."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from agentops_kit.errors import WorkspaceUnusable

if TYPE_CHECKING:
    from typing import Self

    from agentops_kit.memory.git import Repo
    from agentops_kit.memory.worktree import WorkTree

_FOLDER = "indexes"


def make_folder(path: Path) -> Path:
    """Make a folder of ours; ``WorkspaceUnusable`` where nothing can be written."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{path} cannot be made: {error.strerror}."
        raise WorkspaceUnusable(message, remedy="Give yourself write access to it, or work in a clone.") from error
    return path


def forget_indexes(repo: Repo) -> None:
    """Remove the private indexes of processes that were killed."""
    for path in (repo.state_dir / _FOLDER).glob("*-*"):
        if not _alive(int(path.name.split("-", 1)[0])):
            path.unlink(missing_ok=True)


class PrivateIndex:
    """An index file of our own for the length of a ``with`` block."""

    def __init__(self, repo: WorkTree, *, seed_from_user: bool) -> None:
        """Start from a copy of the user's index (keeps its stat cache) or from nothing."""
        self._repo = repo
        self._seed = seed_from_user
        self._path = Path()
        self._env: dict[str, str] = {}

    def __enter__(self) -> Self:
        """Create the file in the state folder."""
        import shutil
        import tempfile

        folder = make_folder(self._repo.state_dir / _FOLDER)
        handle, name = tempfile.mkstemp(prefix=f"{os.getpid()}-", dir=folder)
        os.close(handle)
        self._path = Path(name)
        self._path.unlink()  # git wants a missing or a valid index, not an empty file
        user = self._repo.git_dir / "index"
        if self._seed and user.exists():
            shutil.copy2(user, self._path)
        self._env = {"GIT_INDEX_FILE": name, "GIT_OPTIONAL_LOCKS": "1"}
        if self._seed:
            self._env |= self._repo.side_store()
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the file and a lock that an interrupted git may have left beside it."""
        self._path.unlink(missing_ok=True)
        self._path.with_name(self._path.name + ".lock").unlink(missing_ok=True)

    def git(self, *arguments: str, data: bytes = b"") -> bytes:
        """Run git against this index."""
        return self._repo.run(*arguments, data=data, env=self._env)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # somebody else's
    return True
