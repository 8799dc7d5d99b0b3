"""What git's history says, kept per commit: messages with their files, and on request the changed lines.

Only commits reachable from the one that is asked about are ever looked at.
"""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING

from agentops_kit.ids import CommitId
from agentops_kit.memory.diffs import Hunk, hunks
from agentops_kit.memory.git import Commit

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from agentops_kit.memory.git import Repo

SCHEMA = """
CREATE TABLE heads (number INTEGER PRIMARY KEY, head TEXT, most INTEGER, commits BLOB, UNIQUE (head, most));
CREATE TABLE patches (id TEXT PRIMARY KEY, hunks BLOB) WITHOUT ROWID
"""
_MOST_HEADS = 8
_SWEEPING = 60  # files; a commit over more is told by its message alone
_BATCH = 200  # commits whose patches are read by one git process
_LONGEST_LINE = 400
_MOST_LINES = 400  # of one hunk on either side
_MOST_PATCHES = 60_000
_ASKED = 500


def commits(connection: sqlite3.Connection, repo: Repo, head: CommitId, most: int) -> tuple[Commit, ...]:
    """Return up to ``most`` commits without merges, newest first, each with the paths it changed."""
    asked = "SELECT commits FROM heads WHERE head = ? AND most = ?"
    row = connection.execute(asked, (head, most)).fetchone()
    if row is not None:
        return _read(row[0])
    latest = connection.execute("SELECT commits FROM heads ORDER BY number DESC LIMIT 1").fetchone()
    known = {commit.id: commit for commit in _read(latest[0])} if latest else {}
    listed = repo.newest(head, most)
    known |= {commit.id: commit for commit in repo.commits([one for one in listed if one not in known])}
    found = tuple(known[one] for one in listed if one in known)
    with connection:
        data = zlib.compress(json.dumps(found).encode(), 1)
        connection.execute("INSERT OR REPLACE INTO heads (head, most, commits) VALUES (?, ?, ?)", (head, most, data))
        connection.execute("DELETE FROM heads WHERE number <= (SELECT max(number) FROM heads) - ?", (_MOST_HEADS,))
    return found


def _read(data: bytes) -> tuple[Commit, ...]:
    return tuple(
        Commit(CommitId(identity), tuple(parents), author, date, subject, body, tuple(files))
        for identity, parents, author, date, subject, body, files in json.loads(zlib.decompress(data))
    )


def patches(connection: sqlite3.Connection, repo: Repo, wanted: Sequence[Commit]) -> dict[CommitId, tuple[Hunk, ...]]:
    """Return each commit's hunks; none for a first commit, whose lines were not changed, and for a sweeping one."""
    telling = [commit.id for commit in wanted if commit.parents and len(commit.files) <= _SWEEPING]
    found = _kept(connection, telling)
    missing = [one for one in telling if one not in found]
    for at in range(0, len(missing), _BATCH):
        some = missing[at : at + _BATCH]
        new: dict[CommitId, list[Hunk]] = {one: [] for one in some}
        for hunk in hunks(repo, some):
            new[hunk.commit].append(_shortened(hunk))
        with connection:
            rows = [
                (one, zlib.compress(json.dumps([hunk[1:] for hunk in held]).encode(), 1)) for one, held in new.items()
            ]
            connection.executemany("INSERT OR IGNORE INTO patches VALUES (?, ?)", rows)
        found |= {one: tuple(held) for one, held in new.items()}
    if missing:
        _bound(connection, found)
    return {commit.id: found.get(commit.id, ()) for commit in wanted}


def _kept(connection: sqlite3.Connection, ids: Sequence[CommitId]) -> dict[CommitId, tuple[Hunk, ...]]:
    found: dict[CommitId, tuple[Hunk, ...]] = {}
    for at in range(0, len(ids), _ASKED):
        some = ids[at : at + _ASKED]
        marks = ",".join("?" * len(some))
        rows = connection.execute(f"SELECT id, hunks FROM patches WHERE id IN ({marks})", some)  # noqa: S608 - marks only
        found.update((CommitId(one), _hunks(CommitId(one), data)) for one, data in rows)
    return found


def _hunks(commit: CommitId, data: bytes) -> tuple[Hunk, ...]:
    read = (Hunk(commit, *facts) for facts in json.loads(zlib.decompress(data)))
    return tuple(hunk._replace(removed=tuple(hunk.removed), added=tuple(hunk.added)) for hunk in read)


def _shortened(hunk: Hunk) -> Hunk:
    return hunk._replace(removed=_short(hunk.removed), added=_short(hunk.added))


def _short(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(line[:_LONGEST_LINE] for line in list(lines)[:_MOST_LINES])


def _bound(connection: sqlite3.Connection, current: dict[CommitId, tuple[Hunk, ...]]) -> None:
    """Forget all patches but those asked for now when there are very many."""
    if connection.execute("SELECT count(*) FROM patches").fetchone()[0] > _MOST_PATCHES:
        with connection:
            held = [(one,) for (one,) in connection.execute("SELECT id FROM patches").fetchall() if one not in current]
            connection.executemany("DELETE FROM patches WHERE id = ?", held)
