"""The only module that talks to git.

Git is run with every location spelled out, so that variables a hook inherits (``GIT_DIR``,
``GIT_INDEX_FILE`` and friends) cannot redirect us, and with the user's own git hooks off, because
nothing here is an act of the user's. A repository that lies the usual way is found by a few
look-ups; any other layout is left to GitPython, whose import alone costs more than many a command.
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from agentops_kit.errors import WorkspaceUnusable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Self

_SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.quotePath=false",
    "core.safecrlf=false",  # a warning of the user's about line ends must not stop us
    "core.splitIndex=false",  # a private index stays one file
    "i18n.commitEncoding=UTF-8",
    "log.showSignature=false",  # would mix gpg's words into what we read
    "log.showRoot=true",
    "diff.relative=false",
)
_NEUTRAL = tuple(part for setting in _SETTINGS for part in ("-c", setting))
_UNUSUAL = re.compile(rb"worktree|include|bare(?!\s*=\s*false\b)", re.IGNORECASE)  # in a repository's configuration
_REDIRECTING = ("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_INDEX_FILE")


class GitFailed(WorkspaceUnusable):
    """Git refused; its own words are in the message."""


class Runner:
    """A work tree and its git directory, where git is run; what is asked of it stands in the classes built on this."""

    def __init__(self, root: Path, git_dir: Path, common_dir: Path) -> None:
        """Hold three absolute folders; ``git_dir`` is per worktree, ``common_dir`` is shared."""
        self.root = root
        self.git_dir = git_dir
        self.common_dir = common_dir

    @classmethod
    def open(cls, start: Path) -> Self:
        """Find the work tree that holds ``start``; ``WorkspaceUnusable`` when there is none."""
        usual = _usual(start)
        if usual is not None:
            return cls(usual, usual / ".git", usual / ".git")
        from git import InvalidGitRepositoryError, NoSuchPathError
        from git import Repo as Found

        try:
            with _without(_REDIRECTING):
                found = Found(start, search_parent_directories=True, expand_vars=False)
        except NoSuchPathError as error:
            message = f"There is no folder {start.absolute()}."
            raise WorkspaceUnusable(message, remedy="Name a folder that exists.") from error
        except InvalidGitRepositoryError as error:
            message = f"{start.absolute()} is not inside a git repository."
            raise WorkspaceUnusable(message, remedy="Run `git init` there, or name another folder.") from error
        with found:
            if found.bare or found.working_tree_dir is None:
                message = f"{found.git_dir} is a bare repository, which has no files to work on."
                raise WorkspaceUnusable(message, remedy="Use a clone or `git worktree add`.")
            return cls(
                Path(os.path.realpath(found.working_tree_dir)),
                Path(os.path.realpath(found.git_dir)),
                Path(os.path.realpath(found.common_dir)),
            )

    @classmethod
    def create(cls, root: Path) -> Self:
        """Make a new repository with an identity of its own, for a scratch copy."""
        from git import Repo as Made

        with (
            Made.init(root, mkdir=True, expand_vars=False, initial_branch="main") as made,
            made.config_writer() as settings,
        ):
            settings.set_value("user", "name", "AgentOps Kit")
            settings.set_value("user", "email", "agentops@localhost")
            settings.set_value("commit", "gpgsign", "false")
        return cls.open(root)

    @property
    def state_dir(self) -> Path:
        """Local state of this worktree, never committed."""
        return self.git_dir / "agentops"

    @property
    def cache_dir(self) -> Path:
        """Caches shared by all worktrees, safe to delete."""
        return self.common_dir / "agentops" / "cache"

    def run(self, *arguments: str, data: bytes = b"", env: Mapping[str, str] | None = None) -> bytes:
        """Return git's standard output, or raise ``GitFailed`` with its words."""
        status, output, words = self.attempt(*arguments, data=data, env=env)
        if status:
            message = f"git {arguments[0]} failed in {self.root}: {words or f'exit status {status}'}"
            raise GitFailed(message, remedy="Run the same git command by hand to see more.")
        return output

    def attempt(
        self, *arguments: str, data: bytes = b"", env: Mapping[str, str] | None = None
    ) -> tuple[int, bytes, str]:
        """Return exit status, standard output and the words on standard error."""
        import subprocess

        command = [os.environ.get("GIT_PYTHON_GIT_EXECUTABLE") or "git", *_NEUTRAL, *arguments]
        where = self.root if os.access(self.root, os.X_OK) else None  # its git directory may be there all the same
        try:
            done = subprocess.run(
                command,
                input=data,
                cwd=where,
                env={**os.environ, "LANGUAGE": "C", "LC_ALL": "C", **self._places(), **(env or {})},
                capture_output=True,
                check=False,
            )
        except FileNotFoundError as error:
            message = "git was not found."
            raise WorkspaceUnusable(message, remedy="Install git, or put it on the PATH.") from error
        return done.returncode, done.stdout, done.stderr.decode("utf-8", "replace").strip()

    def _places(self) -> dict[str, str]:
        return {
            "GIT_DIR": str(self.git_dir),
            "GIT_COMMON_DIR": str(self.common_dir),
            "GIT_WORK_TREE": str(self.root),
            "GIT_INDEX_FILE": str(self.git_dir / "index"),
            "GIT_OBJECT_DIRECTORY": str(self.common_dir / "objects"),
            "GIT_PREFIX": "",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_PAGER": "cat",
            "GIT_LITERAL_PATHSPECS": "0",
            "GIT_GLOB_PATHSPECS": "0",
            "GIT_NOGLOB_PATHSPECS": "0",
            "GIT_ICASE_PATHSPECS": "0",
        }


def _usual(start: Path) -> Path | None:
    """Return the work tree around ``start`` whose git directory is its ``.git`` folder; None for any other layout."""
    at = Path(os.path.abspath(start))  # noqa: PTH100 - as GitPython reads ".."
    if not os.path.isdir(at):  # noqa: PTH112 - it never raises
        return None
    for folder in (at, *at.parents):
        if os.path.lexists(folder / "HEAD"):  # perhaps inside a git directory
            return None
        if os.path.lexists(folder / ".git"):
            root = Path(os.path.realpath(folder))
            return root if _is_usual(root / ".git") else None
    return None


def _is_usual(folder: Path) -> bool:
    try:
        if folder.is_symlink() or (folder / "commondir").exists() or not (folder / "HEAD").is_file():
            return False
        settings = (folder / "config").read_bytes()
        return (folder / "objects").is_dir() and (folder / "refs").is_dir() and not _UNUSUAL.search(settings)
    except OSError:
        return False


@contextmanager
def _without(names: Iterable[str]) -> Iterator[None]:
    """Hide variables from GitPython, which would believe them more than the folder it is given."""
    hidden = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(hidden)
