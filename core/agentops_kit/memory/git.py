"""The only module that talks to git.

Git itself is run through GitPython's process runner with every location spelled out, so that
variables a hook inherits (``GIT_DIR``, ``GIT_INDEX_FILE`` and friends) cannot redirect us, and
with the user's own git hooks off, because nothing here is an act of the user's.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from agentops_kit.errors import WorkspaceUnusable
from agentops_kit.ids import BlobId, CommitId, TreeId

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_Name = TypeVar("_Name", bound=str)
_OURS = ".agentops"
_UNIT = "\x1f"
_RECORD = "\x1e"
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
_UNFINISHED = {
    "MERGE_HEAD": ("merge", "git merge --continue"),
    "rebase-merge": ("rebase", "git rebase --continue"),
    "rebase-apply": ("rebase", "git rebase --continue"),
    "CHERRY_PICK_HEAD": ("cherry-pick", "git cherry-pick --continue"),
    "REVERT_HEAD": ("revert", "git revert --continue"),
}


class Entry(NamedTuple):
    """A file in a commit's tree; ``size`` in bytes."""

    path: str
    mode: str
    blob: BlobId
    size: int


class Commit(NamedTuple):
    """A commit with the paths it changed; ``date`` is ISO 8601."""

    id: CommitId
    parents: tuple[CommitId, ...]
    author: str
    date: str
    subject: str
    body: str
    files: tuple[str, ...]


class GitFailed(WorkspaceUnusable):
    """Git refused; its own words are in the message."""


class Repo:
    """A work tree and its git directory; reads and the few writes the kit needs."""

    def __init__(self, root: Path, git_dir: Path, common_dir: Path) -> None:
        """Hold three absolute folders; ``git_dir`` is per worktree, ``common_dir`` is shared."""
        self.root = root
        self.git_dir = git_dir
        self.common_dir = common_dir

    @classmethod
    def open(cls, start: Path) -> Repo:
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
    def create(cls, root: Path) -> Repo:
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

    def fetch(self, address: str, ref: str = "HEAD") -> CommitId:
        """Take one commit of another repository into this one's objects, without its history, and return it.

        No file of it is written to the work tree and no program it names is run. Only https, ssh and files on this
        machine are asked; ``GitFailed`` holds git's words.
        """
        only = {"GIT_ALLOW_PROTOCOL": "https:ssh:file", "GIT_NO_LAZY_FETCH": "0"}
        shape = ("--quiet", "--depth=1", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules")
        kept = f"refs/agentops/fetched/{os.urandom(8).hex()}"
        self.run("fetch", *shape, "--end-of-options", address, f"+{ref}:{kept}", env=only)
        return CommitId(self.run("rev-parse", "--verify", f"{kept}^{{commit}}").decode().strip())

    def hand_over(self, commit: CommitId, to: Repo) -> None:
        """Make ``commit`` the head of the scratch repository ``to``, which gets its ancestors and nothing later."""
        to.run("config", "receive.denyCurrentBranch", "ignore")
        branch = to.branch() or "main"
        self.run("push", "--quiet", "--no-verify", str(to.root), f"+{commit}:refs/heads/{branch}")

    @property
    def state_dir(self) -> Path:
        """Local state of this worktree, never committed."""
        return self.git_dir / "agentops"

    @property
    def cache_dir(self) -> Path:
        """Caches shared by all worktrees, safe to delete."""
        return self.common_dir / "agentops" / "cache"

    # -- running git -----------------------------------------------------------------------

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

    # -- where we are ----------------------------------------------------------------------

    def head(self) -> CommitId | None:
        """Return the current commit, None before the first one."""
        status, output, _ = self.attempt("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        return None if status else CommitId(output.decode().strip())

    def require_head(self) -> CommitId:
        """Return the current commit or refuse with the remedy."""
        head = self.head()
        if head is None:
            message = f"{self.root} has no commit yet."
            raise WorkspaceUnusable(message, remedy="Make a first commit, then try again.")
        return head

    def branch(self) -> str | None:
        """Return the branch's short name, None when HEAD is detached."""
        status, output, _ = self.attempt("symbolic-ref", "--quiet", "--short", "HEAD")
        return None if status else output.decode().strip()

    def identity(self) -> str:
        """Return ``Name <mail>`` of the person git would record."""
        status, output, _ = self.attempt("var", "GIT_COMMITTER_IDENT")
        if status:
            message = f"git does not know who you are in {self.root}."
            raise WorkspaceUnusable(
                message, remedy="Run `git config user.name` and `git config user.email` with values."
            )
        return output.decode("utf-8", "replace").rsplit(">", 1)[0] + ">"

    def require_quiet(self) -> None:
        """Refuse while a merge, rebase, cherry-pick or revert waits to be finished."""
        for name, (what, remedy) in _UNFINISHED.items():
            if (self.git_dir / name).exists():
                message = f"A {what} is in progress in {self.root}."
                raise WorkspaceUnusable(message, remedy=f"Finish it (`{remedy}`) or abort it, then try again.")

    # -- reading commits -------------------------------------------------------------------

    def tree(self, commit: str = "HEAD") -> TreeId | None:
        """Return the id of a commit's tree, None when there is no such commit."""
        status, output, _ = self.attempt("rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}^{{tree}}")
        return None if status else TreeId(output.decode().strip())

    def entries(self, commit: str = "HEAD") -> list[Entry]:
        """Return the blobs of a commit's tree sorted by path (no submodules)."""
        found = []
        for line in self.run("ls-tree", "-r", "-l", "-z", "--full-tree", commit).split(b"\0"):
            if not line:
                continue
            facts, path = line.split(b"\t", 1)
            mode, kind, blob, size = facts.decode().split()
            if kind == "blob":
                held = int(size) if size.isdigit() else 0  # git says BAD for an object this clone lacks
                found.append(Entry(path.decode("utf-8", "surrogateescape"), mode, BlobId(blob), held))
        return sorted(found)

    def read_blobs(self, blobs: Iterable[BlobId]) -> dict[BlobId, bytes]:
        """Return the bytes of each blob, read by one git process; one this clone lacks is left out."""
        return self._read(blobs)

    def read_files(self, names: Iterable[tuple[CommitId, str]]) -> dict[tuple[CommitId, str], bytes]:
        """Return the bytes of files as they stood at commits, read by one git process; absent ones are left out."""
        asked = {f"{commit}:{path}": (commit, path) for commit, path in names if "\n" not in path}
        return {asked[name]: data for name, data in self._read(asked).items()}

    def _read(self, names: Iterable[_Name]) -> dict[_Name, bytes]:
        wanted = list(dict.fromkeys(names))
        data = "".join(f"{name}\n" for name in wanted).encode("utf-8", "surrogateescape")
        output = self.run("cat-file", "--batch", data=data)
        contents: dict[_Name, bytes] = {}
        at = 0
        for name in wanted:
            end = output.index(b"\n", at)
            kind, _, size = output[at:end].decode("utf-8", "replace").rpartition(" ")
            at = end + 1
            if size.isdigit():  # "<id> <kind> <size>"; else "<name> missing", or ambiguous, with nothing behind it
                if kind.endswith(" blob"):
                    contents[name] = output[at : at + int(size)]
                at += int(size) + 1
        return contents

    def holds_any(self, blobs: Iterable[BlobId]) -> bool:
        """Say whether this clone has any of these blobs, reading none."""
        asked = "".join(f"{blob}\n" for blob in blobs).encode()
        return bool(asked) and b" blob " in self.run("cat-file", "--batch-check", data=asked)

    def blob_id(self, data: bytes) -> BlobId:
        """Return the object name git would give these bytes, writing nothing."""
        return BlobId(self.run("hash-object", "--stdin", "--no-filters", data=data).decode().strip())

    def log(self, commit: str = "HEAD", *, limit: int = 2000) -> list[Commit]:
        """Return up to ``limit`` commits without merges, newest first, with the paths each changed."""
        return self._log("--no-merges", f"--max-count={limit}", commit)

    def _log(self, *which: str, data: bytes = b"") -> list[Commit]:
        token = os.urandom(8).hex()  # a message may hold any separator, but not one made up now
        record, unit = _RECORD + token, _UNIT + token
        layout = record + unit.join(("%H", "%P", "%an", "%aI", "%s", "%b")) + unit
        shape = ("-z", "--name-only", "--encoding=UTF-8", f"--format={layout}")
        output = self.run("log", *shape, *which, "--", data=data)
        return [_commit(found.split(unit, 6)) for found in output.decode("utf-8", "replace").split(record)[1:]]

    def messages(self, commit: str = "HEAD", *, since: str = "", limit: int = 2000) -> list[tuple[CommitId, str, str]]:
        """Return id, subject and body of up to ``limit`` commits without merges, newest first, not below ``since``."""
        token = os.urandom(8).hex()  # a message may hold any separator, but not one made up now
        layout = "%H" + _UNIT + "%s" + _UNIT + "%b" + _RECORD + token
        shape = ("--no-merges", "--encoding=UTF-8", f"--max-count={limit}", f"--format={layout}")
        output = self.run("log", *shape, f"{since}..{commit}" if since else commit, "--").decode("utf-8", "replace")
        found = [one.strip("\n").split(_UNIT, 2) for one in output.split(_RECORD + token)[:-1]]
        return [(CommitId(identity), subject, body.strip()) for identity, subject, body in found]

    def newest(self, commit: str, most: int) -> list[CommitId]:
        """Return the ids of up to ``most`` commits without merges that led to ``commit``, newest first."""
        output = self.run("rev-list", "--no-merges", f"--max-count={most}", "--end-of-options", commit)
        return [CommitId(line) for line in output.decode().split()]

    def commits(self, ids: Iterable[CommitId]) -> list[Commit]:
        """Return these commits in the order asked for, each with the paths it changed."""
        asked = "".join(f"{one}\n" for one in ids).encode()
        return self._log("--no-walk=unsorted", "--stdin", data=asked) if asked else []

    def renames(self, before: str, after: str) -> dict[str, str]:
        """Return the new path of each file that git finds renamed; empty when this clone lacks a commit."""
        status, output, _ = self.attempt(
            "diff-tree", "-r", "-z", "-M", "--diff-filter=R", "--name-status", "--end-of-options", before, after
        )
        parts = output.decode("utf-8", "surrogateescape").split("\0") if status == 0 else []
        return dict(zip(parts[1::3], parts[2::3], strict=False))

    def versions(self, path: str) -> list[tuple[CommitId, str, str]]:
        """Return commit, author and subject of each version of a file in HEAD's history, newest first."""
        layout = f"--format=%H{_UNIT}%an{_UNIT}%s"
        output = self.run("log", "-z", "--no-merges", "--encoding=UTF-8", layout, "HEAD", "--", f":(top,literal){path}")
        lines = output.decode("utf-8", "replace").split("\0")
        found = [line.strip("\n").split(_UNIT, 2) for line in lines if line]
        return [(CommitId(commit), author, subject) for commit, author, subject in found]

    def blobs_at(self, paths: Iterable[str]) -> list[BlobId]:
        """Return every blob that these paths ever held in the history of any branch, newest first."""
        wanted = set(paths)
        which = (f":(top,literal){path}" for path in sorted(wanted))
        output = self.run("rev-list", "--objects", "--full-history", "--all", "--", *which) if wanted else b""
        lines = (line.split(" ", 1) for line in output.decode("utf-8", "surrogateescape").split("\n"))
        return list(dict.fromkeys(BlobId(name) for name, *path in lines if path and path[0] in wanted))

    def has_commit(self, commit: str) -> bool:
        """Say whether this clone holds a commit."""
        status, _, _ = self.attempt("cat-file", "-e", "--end-of-options", f"{commit}^{{commit}}")
        return status == 0

    def roots(self) -> tuple[str, ...]:
        """Return the sorted first commits of HEAD's history, by which two clones are known to be of one repository."""
        output = self.run("rev-list", "--max-parents=0", "HEAD").decode().split()
        shallow = (self.common_dir / "shallow").exists()  # then the oldest commit here is not the first
        return () if shallow else tuple(sorted(output))

    def remote(self) -> str:
        """Return the address that ``origin`` has in the settings, ``""`` without one."""
        status, output, _ = self.attempt("config", "--get", "remote.origin.url")
        return "" if status else output.decode("utf-8", "replace").strip()

    def commit_date(self, commit: str = "HEAD") -> str:
        """Return the commit's committer date, ISO 8601."""
        return self.run("show", "--no-patch", "--format=%cI", commit).decode().strip()

    def is_ancestor(self, commit: str, of: str = "HEAD") -> bool:
        """Say whether ``commit`` is reachable from ``of``."""
        status, _, _ = self.attempt("merge-base", "--is-ancestor", commit, of)
        return status == 0

    # -- the work tree ---------------------------------------------------------------------

    def fingerprint(self) -> TreeId:
        """Return a tree id over tracked and untracked, unignored files, without ``.agentops/``.

        The user's index and object store stay as they are: a private copy of the index is
        filled, and new objects go to a store of our own beside it.
        """
        self.require_quiet()
        from agentops_kit.memory.index import PrivateIndex

        with PrivateIndex(self, seed_from_user=True) as index:
            ours = index.git("ls-files", "-z", "--", f":(top,literal){_OURS}")
            index.git("update-index", "--force-remove", "-z", "--stdin", data=ours)
            sparse = ["--sparse"] if (self.git_dir / "info" / "sparse-checkout").exists() else []
            index.git("add", "--all", *sparse, "--", ":/", f":(top,exclude){_OURS}")
            return TreeId(index.git("write-tree").decode().strip())

    def changed_between(self, before: TreeId, after: TreeId) -> list[str]:
        """Return the sorted paths that differ between two fingerprints or commits' trees."""
        output = self.run("diff-tree", "-r", "-z", "--name-only", before, after, env=self.side_store())
        return sorted(path.decode("utf-8", "surrogateescape") for path in output.split(b"\0") if path)

    def staged(self) -> list[str]:
        """Return the paths staged by the user against HEAD."""
        output = self.run("diff", "--cached", "--name-only", "-z")
        return sorted(path.decode("utf-8", "surrogateescape") for path in output.split(b"\0") if path)

    def edited(self, folder: str) -> set[str]:
        """Return the paths below a folder whose index or work-tree file is not HEAD's, untracked ones included."""
        shape = ("--porcelain=v1", "-z", "--no-renames", "--untracked-files=all", "--ignored=no")
        output = self.run("status", *shape, "--", f":(top,literal){folder}")
        return {line[3:].decode("utf-8", "surrogateescape") for line in output.split(b"\0") if line}

    def matches_head(self, path: str) -> bool:
        """Say whether a file's bytes in the work tree are the committed ones, or it is absent from both."""
        status, output, _ = self.attempt("rev-parse", "--verify", "--quiet", f"HEAD:{path}")
        return self.file_blob(path) == ("" if status else output.decode().strip())

    def file_blob(self, path: str) -> str:
        """Return the object name a work-tree file would be committed under, ``""`` when there is no file."""
        target = self.root / path
        if target.is_symlink() or not target.is_file():
            return ""
        return self.run("hash-object", "--stdin", f"--path={path}", data=target.read_bytes()).decode().strip()

    def side_store(self) -> dict[str, str]:
        """Return the variables that send new objects to our own store, with the user's behind it."""
        from agentops_kit.memory.index import make_folder

        store = make_folder(self.state_dir / "objects")
        behind = str(self.common_dir / "objects").replace("\\", "\\\\").replace('"', '\\"')
        return {
            "GIT_OBJECT_DIRECTORY": str(store),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": f'"{behind}"',  # quoted, for a path may hold a colon
        }

    # -- worktrees -------------------------------------------------------------------------

    def add_worktree(self, path: Path, branch: str, commit: str) -> Repo:
        """Make a worktree at ``commit`` on a branch, which is moved there when it exists; return its repository."""
        self.run("worktree", "add", "--quiet", "--no-checkout", "--force", "-B", branch, "--", str(path), commit)
        made = Repo.open(path)
        made.run("reset", "--quiet", "--hard", commit)  # here, so that it fills the worktree's own index
        return made

    def drop_worktree(self, path: Path) -> None:
        """Remove a worktree with everything in it; one that is gone or half made is no error."""
        import shutil

        self.attempt("worktree", "remove", "--force", "--force", "--", str(path))
        shutil.rmtree(path, ignore_errors=True)
        self.attempt("worktree", "prune")

    def branch_head(self, branch: str) -> CommitId | None:
        """Return the commit a branch is at, None when there is no such branch."""
        status, output, _ = self.attempt("rev-parse", "--verify", "--quiet", f"refs/heads/{branch}^{{commit}}")
        return None if status else CommitId(output.decode().strip())

    def drop_branch(self, branch: str, head: str) -> None:
        """Delete a branch if it still is at ``head``."""
        self.attempt("update-ref", "-d", f"refs/heads/{branch}", head)

    # -- texts -----------------------------------------------------------------------------

    def merge_texts(
        self, mine: bytes, base: bytes, theirs: bytes, labels: tuple[str, str, str]
    ) -> tuple[int, bytes] | None:
        """Return how many places conflict (127 at most) and git's merge, with markers there; None for no text.

        ``labels`` name the three in the markers: mine, base, theirs.
        """
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            paths = [Path(folder) / name for name in ("mine", "base", "theirs")]
            for path, data in zip(paths, (mine, base, theirs), strict=True):
                path.write_bytes(data)
            named = (part for label in labels for part in ("-L", label))
            status, output, _ = self.attempt("merge-file", "-p", *named, *(str(path) for path in paths))
        return None if status > 127 else (status, output)  # noqa: PLR2004 - git's word for what it cannot merge

    def diff_paths(self, diff: bytes) -> tuple[str, ...]:
        """Return the paths a unified diff would write or delete, empty when git cannot read it."""
        status, output, _ = self.attempt("apply", "--numstat", "-z", "-", data=diff)
        lines = [] if status else [line for line in output.split(b"\0") if line]
        return tuple(line.split(b"\t")[-1].decode("utf-8", "surrogateescape") for line in lines)

    def apply(self, diff: bytes) -> bool:
        """Write a unified diff to the work tree, whole or not at all; True also when it was applied before."""
        status, _, _ = self.attempt("apply", "--whitespace=nowarn", "-", data=diff)
        if status == 0:
            return True
        return self.attempt("apply", "--reverse", "--check", "-", data=diff)[0] == 0

    # -- memory ----------------------------------------------------------------------------

    def commit_files(self, files: Mapping[str, bytes | None], message: str) -> CommitId:
        """Write these files and commit exactly them on top of HEAD; see ``memory.commit``."""
        from agentops_kit.memory.commit import commit_files

        return commit_files(self, files, message)


def _commit(fields: list[str]) -> Commit:
    identity, parents, author, date, subject, body, names = fields
    return Commit(
        CommitId(identity),
        tuple(CommitId(parent) for parent in parents.split()),
        author,
        date,
        subject,
        body.strip(),
        tuple(name for name in names.strip("\0\n").split("\0") if name.strip("\n")),
    )


@contextmanager
def _without(names: Iterable[str]) -> Iterator[None]:
    """Hide variables from GitPython, which would believe them more than the folder it is given."""
    hidden = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(hidden)
