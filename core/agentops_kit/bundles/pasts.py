"""What git's history says, kept per commit: messages with their files and words, and on request the changed lines.

Only commits reachable from the one that is asked about are ever looked at.
"""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.bundles import texts
from agentops_kit.ids import CommitId
from agentops_kit.memory.diffs import Hunk, hunks
from agentops_kit.memory.git import Commit

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from agentops_kit.bundles.texts import Texts
    from agentops_kit.memory.git import Repo

SCHEMA = """
CREATE TABLE heads (
    number INTEGER PRIMARY KEY, head TEXT, most INTEGER, commits BLOB, messages BLOB, UNIQUE (head, most)
);
CREATE TABLE patches (number INTEGER PRIMARY KEY, id TEXT UNIQUE, hunks BLOB, lines BLOB)
"""
_MOST_HEADS = 8
_SWEEPING = 60  # files; a commit over more is told by its message alone
_BATCH = 200  # commits whose patches are read by one git process
_LONGEST_BODY = 1500  # characters of a message that count
_LONGEST_LINE = 400
_TEXT = Hunk._fields.index("removed")
_MOST_LINES = 400  # of one hunk on either side
_MOST_PATCHES = 60_000
_ASKED = 500


class Log(NamedTuple):
    """Commits without merges, newest first, and an index of their messages as ``message`` gives them."""

    commits: tuple[Commit, ...]
    messages: Texts


def log(connection: sqlite3.Connection, repo: Repo, head: CommitId, most: int) -> Log:
    """Return up to ``most`` commits without merges, newest first, each with the paths it changed."""
    name = f"{head} {zlib.crc32(repo.history_edge().encode()):x}"  # a shallow clone may be deepened
    asked = "SELECT commits, messages FROM heads WHERE head = ? AND most = ?"
    row = connection.execute(asked, (name, most)).fetchone()
    if row is not None:
        return Log(_read(row[0]), texts.load(row[1]))
    latest = connection.execute("SELECT commits FROM heads ORDER BY number DESC LIMIT 1").fetchone()
    known = {commit.id: commit for commit in _read(latest[0])} if latest else {}
    listed = repo.newest(head, most)
    known |= {commit.id: commit for commit in repo.commits([one for one in listed if one not in known])}
    found = tuple(known[one] for one in listed if one in known)
    messages = texts.index(map(message, found))
    with connection:
        connection.execute(
            "INSERT OR REPLACE INTO heads (head, most, commits, messages) VALUES (?, ?, ?, ?)",
            (name, most, _packed(found), texts.dump(messages)),
        )
        connection.execute("DELETE FROM heads WHERE number <= (SELECT max(number) FROM heads) - ?", (_MOST_HEADS,))
    return Log(found, messages)


def message(commit: Commit) -> str:
    """Return the words of a commit's message as they count: the subject twice, and not all of a long body."""
    return f"{commit.subject}\n{commit.subject}\n{commit.body[:_LONGEST_BODY]}"


def _read(data: bytes) -> tuple[Commit, ...]:
    return tuple(
        Commit(CommitId(identity), tuple(parents), author, date, subject, body, tuple(files))
        for identity, parents, author, date, subject, body, files in json.loads(zlib.decompress(data))
    )


def patches(
    connection: sqlite3.Connection, repo: Repo, wanted: Sequence[Commit], *, lines: bool
) -> dict[CommitId, tuple[Hunk, ...]]:
    """Return each commit's hunks; none for a first commit, whose lines were not changed, and for a sweeping one.

    Without ``lines`` they say where something changed and not what, which is read much faster.
    """
    telling = [commit.id for commit in wanted if commit.parents and len(commit.files) <= _SWEEPING]
    found = _kept(connection, telling, lines=lines)
    missing = [one for one in telling if one not in found]
    for at in range(0, len(missing), _BATCH):
        found |= _taken_in(connection, repo, missing[at : at + _BATCH], lines=lines)
    if missing:
        _bound(connection, found)
    return {commit.id: found.get(commit.id, ()) for commit in wanted}


def _taken_in(
    connection: sqlite3.Connection, repo: Repo, commits: Sequence[CommitId], *, lines: bool
) -> dict[CommitId, tuple[Hunk, ...]]:
    new: dict[CommitId, list[Hunk]] = {one: [] for one in commits}
    for hunk in hunks(repo, commits):
        new[hunk.commit].append(_shortened(hunk))
    with connection:
        rows = [
            (one, _packed([hunk[1:_TEXT] for hunk in held]), _packed([hunk[_TEXT:] for hunk in held]))
            for one, held in new.items()
        ]
        connection.executemany("INSERT OR IGNORE INTO patches (id, hunks, lines) VALUES (?, ?, ?)", rows)
    return {
        one: tuple(held if lines else [hunk._replace(removed=(), added=()) for hunk in held])
        for one, held in new.items()
    }


def _packed(value: object) -> bytes:
    return zlib.compress(json.dumps(value).encode(), 1)


def _kept(connection: sqlite3.Connection, ids: Sequence[CommitId], *, lines: bool) -> dict[CommitId, tuple[Hunk, ...]]:
    found: dict[CommitId, tuple[Hunk, ...]] = {}
    what = "hunks, lines" if lines else "hunks, NULL"
    for at in range(0, len(ids), _ASKED):
        some = ids[at : at + _ASKED]
        marks = ",".join("?" * len(some))
        rows = connection.execute(f"SELECT id, {what} FROM patches WHERE id IN ({marks})", some)  # noqa: S608 - our columns, marks
        found.update((CommitId(one), _hunks(CommitId(one), *data)) for one, *data in rows)
    return found


def _hunks(commit: CommitId, places: bytes, lines: bytes | None) -> tuple[Hunk, ...]:
    bare = tuple(Hunk._make((commit, *held, (), ())) for held in json.loads(zlib.decompress(places)))
    if lines is None:
        return bare
    texts = json.loads(zlib.decompress(lines))
    return tuple(
        hunk._replace(removed=tuple(removed), added=tuple(added))
        for hunk, (removed, added) in zip(bare, texts, strict=True)
    )


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
