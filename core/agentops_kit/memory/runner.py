"""The only module that talks to git.

Git itself is run through GitPython's process runner with every location spelled out, so that
variables a hook inherits (``GIT_DIR``, ``GIT_INDEX_FILE`` and friends) cannot redirect us, and
with the user's own git hooks off, because nothing here is an act of the user's.
"""

from __future__ import annotations

import os
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
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            from git.cmd import Git

        command = [Git.GIT_PYTHON_GIT_EXECUTABLE or "git", *_NEUTRAL, *arguments]
        process = Git(str(self.root)).execute(
            command, as_process=True, istream=subprocess.PIPE, env={**self._places(), **(env or {})}
        )
        output, words = process.proc.communicate(data)  # type: ignore[union-attr]
        return process.proc.returncode, output, words.decode("utf-8", "replace").strip()  # type: ignore[union-attr]

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


@contextmanager
def _without(names: Iterable[str]) -> Iterator[None]:
    """Hide variables from GitPython, which would believe them more than the folder it is given."""
    hidden = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(hidden)
