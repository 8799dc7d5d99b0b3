"""Which commits led to a commit, what each said and which paths each changed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.ids import BlobId, CommitId
from agentops_kit.memory.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Iterable

_UNIT = "\x1f"
_RECORD = "\x1e"


class Commit(NamedTuple):
    """A commit with the paths it changed; ``date`` is ISO 8601."""

    id: CommitId
    parents: tuple[CommitId, ...]
    author: str
    date: str
    subject: str
    body: str
    files: tuple[str, ...]


class History(Runner):
    """The part of ``Repo`` that reads commits."""

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

    def history_edge(self) -> str:
        """Return what tells one depth of a shallow clone from another, ``""`` for a whole one."""
        try:
            return " ".join((self.common_dir / "shallow").read_text("ascii", "replace").split())
        except OSError:
            return ""

    def roots(self) -> tuple[str, ...]:
        """Return the sorted first commits of HEAD's history, by which two clones are known to be of one repository."""
        output = self.run("rev-list", "--max-parents=0", "HEAD").decode().split()
        shallow = (self.common_dir / "shallow").exists()  # then the oldest commit here is not the first
        return () if shallow else tuple(sorted(output))

    def commit_date(self, commit: str = "HEAD") -> str:
        """Return the commit's committer date, ISO 8601."""
        return self.run("show", "--no-patch", "--format=%cI", commit).decode().strip()

    def is_ancestor(self, commit: str, of: str = "HEAD") -> bool:
        """Say whether ``commit`` is reachable from ``of``."""
        status, _, _ = self.attempt("merge-base", "--is-ancestor", commit, of)
        return status == 0

    def changed_only(self, folder: str, since: str) -> bool:
        """Say whether HEAD comes after ``since``, and no commit between changed anything outside a folder."""
        if not self.is_ancestor(since):
            return False
        which = (f"{since}..HEAD", "--", ":(top)", f":(top,exclude,literal){folder}")
        return not self.run("rev-list", "--full-history", "--max-count=1", *which).strip()


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
