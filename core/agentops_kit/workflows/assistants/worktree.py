"""A worktree for one try of one step: made at HEAD, gone afterwards, its changes a commit on a branch of its own.

A lock file beside it is held while the try runs, and falls with the process that holds it. So whoever comes next can
tell what a crash has left, and clears it: the assistant that still runs there, the folder, and a branch without work.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.errors import WorkspaceUnusable
from agentops_kit.workflows.assistants import process

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agentops_kit.memory.git import Repo

BRANCHES = "agentops/runs/"
"""Where branches with a step's work are."""
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_-]+")
_LONGEST = 80
_NOBODY = {
    "GIT_AUTHOR_NAME": "AgentOps Kit",
    "GIT_AUTHOR_EMAIL": "agentops@localhost",
    "GIT_COMMITTER_NAME": "AgentOps Kit",
    "GIT_COMMITTER_EMAIL": "agentops@localhost",
}
"""Who commits where git knows nobody."""


class Work(NamedTuple):
    """What was done in a worktree: a unified diff, and the commit and branch that hold it ("" for none)."""

    diff: str = ""
    commit: str = ""
    branch: str = ""


class Worktree:
    """A worktree in use."""

    def __init__(self, home: Repo, name: str, environment: Mapping[str, str]) -> None:
        """Name it after the try; nothing is made yet."""
        label = _label(name)
        folder = folder_of(home, environment)
        self._home = home
        self._path = folder / label
        self._lock = folder / f"{label}.lock"
        self._branch = f"{BRANCHES}{label}"
        self._handle = -1
        self._base = home.require_head()

    def open(self) -> Repo:
        """Make it at HEAD, over what an earlier try of the same name left; return its repository.

        Raises ``WorkspaceUnusable`` when a try of that name is still at work.
        """
        self._lock.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = _hold(self._lock, new=True)
        if handle is None:
            message = f"The worktree {self._path} is in use by another process."
            raise WorkspaceUnusable(message, remedy="Wait for its end, or end that process.")
        self._handle = handle
        _end_worker(self._lock)
        self._lock.write_text(os.urandom(16).hex(), encoding="utf-8")
        _drop(self._home, self._path, self._branch)
        return self._home.add_worktree(self._path, self._branch, self._base)

    @property
    def mark(self) -> str:
        """Return what marks the processes that work here, as the lock file says too."""
        return self._lock.read_text(encoding="utf-8")

    def keep(self, repo: Repo, message: str) -> Work:
        """Commit what was changed on top of what the assistant committed itself; return all of it."""
        repo.run("add", "--all", "--", ":/")
        if repo.staged():
            unsigned = ("-c", "commit.gpgSign=false")
            repo.run(*unsigned, "commit", "--quiet", "--no-verify", "--message", message, env=_author(repo))
        head = repo.require_head()
        if head == self._base:
            return Work()
        repo.run("update-ref", f"refs/heads/{self._branch}", head)  # it may have gone to another branch
        diff = repo.run("diff", "--binary", "--no-color", "--no-ext-diff", self._base, head)
        return Work(diff.decode("utf-8", "replace"), head, self._branch)

    def close(self) -> None:
        """Remove it, and its branch when no work is on it."""
        if self._handle >= 0:
            _drop(self._home, self._path, self._branch)
            self._lock.unlink(missing_ok=True)
            os.close(self._handle)
            self._handle = -1


def clear(home: Repo, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Remove what tries have left whose process was killed; return their names. What is in use is left alone."""
    folder = folder_of(home, environment)
    gone = []
    for lock in sorted(folder.glob("*.lock")):
        with suppress(FileNotFoundError):
            handle = _hold(lock, new=False)
            if handle is None:
                continue
            label = lock.name.removesuffix(".lock")
            _end_worker(lock)
            _drop(home, folder / label, f"{BRANCHES}{label}")
            lock.unlink()
            os.close(handle)
            gone.append(label)
    return tuple(gone)


def folder_of(home: Repo, environment: Mapping[str, str]) -> Path:
    """Return where the worktrees of a repository are: in the user's cache, outside every repository."""
    base = environment.get("XDG_CACHE_HOME") or f"{environment.get('HOME') or Path.home()}/.cache"
    mark = hashlib.sha256(str(home.common_dir).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return Path(base) / "agentops-kit" / "worktrees" / mark


def _label(name: str) -> str:
    """Return a name for folder and branch: what the try is called, and a digest where that could not stay."""
    plain = _NOT_IN_NAMES.sub("-", name).strip("-")
    if plain == name and len(plain) <= _LONGEST:
        return plain
    return f"{plain[: _LONGEST - 9].rstrip('-')}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _hold(lock: Path, *, new: bool) -> int | None:
    """Return the handle of a lock file that is now ours, None when another process has it."""
    handle = os.open(lock, os.O_RDWR | (os.O_CREAT if new else 0), 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


def _end_worker(lock: Path) -> None:
    """End what a killed process has left running."""
    mark = lock.read_text(encoding="utf-8")
    if mark:
        process.end_marked(mark)


def _drop(home: Repo, path: Path, branch: str) -> None:
    """Remove a worktree, and its branch when all that is on it is part of where we are."""
    home.drop_worktree(path)
    head = home.branch_head(branch)
    if head is not None and home.is_ancestor(head):
        home.drop_branch(branch, head)


def _author(repo: Repo) -> dict[str, str]:
    try:
        repo.identity()
    except WorkspaceUnusable:
        return _NOBODY
    return {}
