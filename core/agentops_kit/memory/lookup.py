"""The memory's index: passages of bundles, learnings, runs and commit messages, ready to be asked.

A cache, keyed by content: a file by the hash of its bytes, a commit by its id, so that what
several worktrees or branches hold is read once. What this worktree holds right now is a list
beside it. Warm, a question costs one look at each file's status and the rows of its own terms.
"""

from __future__ import annotations

import hashlib
import math
import os
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit import __version__
from agentops_kit.memory import passages

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

    from agentops_kit.memory.git import Repo
    from agentops_kit.memory.passages import Passage

FOLDERS = {"learning": ".agentops/learnings", "bundle": ".agentops/bundles", "run": ".agentops/runs"}
KINDS = (*FOLDERS, "commit")
NAME = "recall"
SCHEMA = f"""
-- as {__version__} cuts and folds: another version reads everything again
CREATE TABLE passage (
    number INTEGER PRIMARY KEY, source TEXT, kind TEXT, heading TEXT, line INTEGER, body TEXT, length INTEGER
);
CREATE INDEX passage_source ON passage (source);
CREATE TABLE posting (
    term TEXT, passage INTEGER, times INTEGER, length INTEGER, PRIMARY KEY (term, passage)
) WITHOUT ROWID;
CREATE TABLE place (number INTEGER PRIMARY KEY, root TEXT UNIQUE, head TEXT, passages INTEGER, words INTEGER);
CREATE TABLE file (place INTEGER, path TEXT, stamp TEXT, source TEXT, PRIMARY KEY (place, path)) WITHOUT ROWID;
CREATE TABLE held (
    place INTEGER, passage INTEGER, name TEXT, kind TEXT, PRIMARY KEY (place, passage)
) WITHOUT ROWID;
"""
_MOST_COMMITS = 20_000
_WRITE_CACHE = 65_536  # KiB
_LARGEST = 2_000_000  # bytes; a larger file is no memory
_OURS = "chore(agentops): "
_SATURATION = 1.2
_LENGTH_WEIGHT = 0.75


class Best(NamedTuple):
    """A passage that scored: the document it is of, and its BM25 score."""

    passage: int
    name: str
    kind: str
    score: float


class Found(NamedTuple):
    """A passage as it is shown."""

    source: str
    heading: str
    line: int
    body: str


class Size(NamedTuple):
    """How many passages a worktree holds, and how many terms on average."""

    passages: int
    mean: float


def fresh(connection: sqlite3.Connection, repo: Repo) -> tuple[int, Size]:
    """Bring the index to what the worktree holds now; return the worktree's number and size."""
    root = str(repo.root)
    known = connection.execute("SELECT number, head, passages, words FROM place WHERE root = ?", (root,)).fetchone()
    files, head = _stamps(repo), repo.head() or ""
    if known is not None and known[1] == head and _unchanged(connection, known[0], files):
        return known[0], Size(known[2], known[3] / max(known[2], 1))
    connection.execute(f"PRAGMA cache_size = -{_WRITE_CACHE}")  # rows come in no order; a small cache would spill them
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        return _update(connection, repo, files, head)


def rarities(connection: sqlite3.Connection, terms: Iterable[str]) -> dict[str, float]:
    """Return each term's inverse document frequency over all that is indexed; that of an unknown term is largest."""
    whole = connection.execute("SELECT count(*) FROM passage").fetchone()[0]
    count = "SELECT count(*) FROM posting WHERE term = ?"
    holders = {term: connection.execute(count, (term,)).fetchone()[0] for term in terms}
    return {term: math.log(1 + (whole - held + 0.5) / (held + 0.5)) for term, held in holders.items()}


def best(
    connection: sqlite3.Connection, place: int, weights: dict[str, float], mean: float, kinds: Sequence[str], limit: int
) -> list[Best]:
    """Return the best passages of a worktree by BM25, as ``text.rank.score`` gives it, added up where the rows are."""
    asked = ", ".join("(?, ?)" for _ in weights)
    chosen = f"AND held.kind IN ({', '.join('?' * len(kinds))})" if kinds else ""
    query = f"""
        WITH asked (term, weight) AS (VALUES {asked})
        SELECT held.passage, name, held.kind, round(sum(weight * times * {_SATURATION + 1}
            / (times + {_SATURATION} * ({1 - _LENGTH_WEIGHT} + {_LENGTH_WEIGHT} * length / ?))), 9) AS points
        FROM asked CROSS JOIN posting USING (term)
        CROSS JOIN held ON held.passage = posting.passage AND held.place = ? {chosen}
        GROUP BY held.passage ORDER BY points DESC, name LIMIT ?
    """  # noqa: S608 - placeholders and our own numbers
    values = [value for pair in weights.items() for value in pair]
    return [Best(*row) for row in connection.execute(query, (*values, mean or 1.0, place, *kinds, limit))]


def show(connection: sqlite3.Connection, passage: int) -> Found:
    """Return a passage's words."""
    query = "SELECT source, heading, line, body FROM passage WHERE number = ?"
    return Found(*connection.execute(query, (passage,)).fetchone())


# -- bringing it up to date ----------------------------------------------------------------------


def _stamps(repo: Repo) -> dict[str, str]:
    """Return each file of the memory with what its status says of its content."""
    found = {}
    for folder in FOLDERS.values():
        suffix = ".yaml" if folder == FOLDERS["run"] else ".md"
        try:
            with os.scandir(repo.root / folder) as entries:
                files = [entry for entry in entries if entry.name.endswith(suffix)]
        except (FileNotFoundError, NotADirectoryError):
            continue
        for entry in files:
            if entry.is_file(follow_symlinks=False):
                at = entry.stat(follow_symlinks=False)
                found[f"{folder}/{entry.name}"] = f"{at.st_size} {at.st_mtime_ns} {at.st_ctime_ns} {at.st_ino}"
    return found


def _unchanged(connection: sqlite3.Connection, place: int, files: dict[str, str]) -> bool:
    return files == dict(connection.execute("SELECT path, stamp FROM file WHERE place = ?", (place,)))


def _update(connection: sqlite3.Connection, repo: Repo, files: dict[str, str], head: str) -> tuple[int, Size]:
    root = str(repo.root)
    connection.execute("INSERT OR IGNORE INTO place (root, head, passages, words) VALUES (?, '', 0, 0)", (root,))
    place, before = connection.execute("SELECT number, head FROM place WHERE root = ?", (root,)).fetchone()
    _update_files(connection, repo, place, files)
    if head != before:
        _update_commits(connection, repo, place, before)
    _forget_places(connection)
    query = "SELECT count(*), total(length) FROM held JOIN passage ON number = passage WHERE place = ?"
    count, words = connection.execute(query, (place,)).fetchone()
    connection.execute(
        "UPDATE place SET head = ?, passages = ?, words = ? WHERE number = ?", (head, count, int(words), place)
    )
    return place, Size(count, words / max(count, 1))


def _update_files(connection: sqlite3.Connection, repo: Repo, place: int, files: dict[str, str]) -> None:
    known = {
        path: (stamp, source)
        for path, stamp, source in connection.execute("SELECT path, stamp, source FROM file WHERE place = ?", (place,))
    }
    for path in known.keys() - files.keys():
        _let_go(connection, place, path, known[path][1])
    for path, stamp in files.items():
        if path in known and known[path][0] == stamp:
            continue
        if path in known:
            _let_go(connection, place, path, known[path][1])
        _take(connection, repo, place, path, stamp)


def _take(connection: sqlite3.Connection, repo: Repo, place: int, path: str, stamp: str) -> None:
    kind = next(kind for kind, folder in FOLDERS.items() if path.startswith(f"{folder}/"))
    name = path.rsplit("/", 1)[1].rsplit(".", 1)[0]
    try:
        data = (repo.root / path).read_bytes()
    except OSError:
        return  # gone since, or not ours to read: the next question looks again
    source = f"{kind}:{hashlib.sha256(data).hexdigest()}"
    if not connection.execute("SELECT 1 FROM passage WHERE source = ? LIMIT 1", (source,)).fetchone():
        _add(connection, source, kind, _passages(kind, data))
    connection.execute("INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?)", (place, path, stamp, source))
    connection.execute(
        "INSERT OR REPLACE INTO held SELECT ?, number, ?, ? FROM passage WHERE source = ?", (place, name, kind, source)
    )


def _passages(kind: str, data: bytes) -> list[Passage]:
    if len(data) > _LARGEST:
        return []
    text = data.decode("utf-8", "replace")
    if kind == "run":
        return passages.of_run(_yaml(text))
    return passages.of_learning(text) if kind == "learning" else passages.of_markdown(text)


def _yaml(text: str) -> object:
    import yaml

    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError):
        return None  # a broken record is named by the verbs that need it


def _let_go(connection: sqlite3.Connection, place: int, path: str, source: str) -> None:
    connection.execute("DELETE FROM file WHERE place = ? AND path = ?", (place, path))
    numbers = "SELECT number FROM passage WHERE source = ?"
    connection.execute(f"DELETE FROM held WHERE place = ? AND passage IN ({numbers})", (place, source))  # noqa: S608 - our own text
    again = connection.execute("SELECT path FROM file WHERE place = ? AND source = ?", (place, source)).fetchone()
    if again is not None:  # another file of the same bytes
        name, kind = again[0].rsplit("/", 1)[1].rsplit(".", 1)[0], source.split(":", 1)[0]
        fill = "INSERT OR REPLACE INTO held SELECT ?, number, ?, ? FROM passage WHERE source = ?"
        connection.execute(fill, (place, name, kind, source))
    elif not connection.execute("SELECT 1 FROM file WHERE source = ? LIMIT 1", (source,)).fetchone():
        _drop(connection, source)


def _drop(connection: sqlite3.Connection, source: str) -> None:
    """Take a content out that no worktree holds; its postings are found by making its terms again."""
    query = "SELECT number, heading, line, body FROM passage WHERE source = ?"
    for number, *words in connection.execute(query, (source,)).fetchall():
        terms = passages.terms(passages.Passage(*words))
        connection.executemany("DELETE FROM posting WHERE term = ? AND passage = ?", ((term, number) for term in terms))
    connection.execute("DELETE FROM passage WHERE source = ?", (source,))


def _add(connection: sqlite3.Connection, source: str, kind: str, found: Iterable[Passage]) -> None:
    for one in found:
        terms = passages.terms(one)
        length = sum(terms.values())
        insert = "INSERT INTO passage (source, kind, heading, line, body, length) VALUES (?, ?, ?, ?, ?, ?)"
        number = connection.execute(insert, (source, kind, one.heading, one.line, one.text, length)).lastrowid
        postings = ((term, number, times, length) for term, times in terms.items())
        connection.executemany("INSERT INTO posting VALUES (?, ?, ?, ?)", postings)


def _update_commits(connection: sqlite3.Connection, repo: Repo, place: int, before: str) -> None:
    """Hold the commits below HEAD: those that came in since, or all when the branch is another one."""
    grown = bool(before) and repo.is_ancestor(before)
    if not grown:
        connection.execute("DELETE FROM held WHERE place = ? AND kind = 'commit'", (place,))
    for commit, subject, body in _messages(repo, before if grown else ""):
        source = f"commit:{commit}"
        if not connection.execute("SELECT 1 FROM passage WHERE source = ? LIMIT 1", (source,)).fetchone():
            _add(connection, source, "commit", passages.of_commit(subject, body))
        hold = "INSERT OR REPLACE INTO held SELECT ?, number, ?, 'commit' FROM passage WHERE source = ?"
        connection.execute(hold, (place, commit, source))


def _messages(repo: Repo, since: str) -> Iterator[Sequence[str]]:
    """Yield id, subject and body of commits, without merges and without the kit's own."""
    if repo.head() is None:
        return
    log = repo.messages("HEAD", since=since, limit=_MOST_COMMITS)
    yield from (one for one in log if not one[1].startswith(_OURS))


def _forget_places(connection: sqlite3.Connection) -> None:
    """Let go of worktrees that are no more."""
    for place, root in connection.execute("SELECT number, root FROM place").fetchall():
        if os.path.isdir(root):  # noqa: PTH112 - a text from the cache
            continue
        for path, source in connection.execute("SELECT path, source FROM file WHERE place = ?", (place,)).fetchall():
            _let_go(connection, place, path, source)
        connection.execute("DELETE FROM held WHERE place = ?", (place,))
        connection.execute("DELETE FROM place WHERE number = ?", (place,))
