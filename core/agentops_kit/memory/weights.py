"""Token counts of a repository's files, kept by git blob id: what has not changed is not counted again."""

from __future__ import annotations

import zlib
from array import array
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.memory import cache
from agentops_kit.tokens.count import DEFAULT, count

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from agentops_kit.ids import BlobId, TreeId
    from agentops_kit.memory.git import Entry, Repo

_SCHEMA = """
CREATE TABLE counts (encoding TEXT, blob TEXT, tokens INTEGER, PRIMARY KEY (encoding, blob)) WITHOUT ROWID;
CREATE TABLE trees (
    number INTEGER PRIMARY KEY, encoding TEXT, tree TEXT, paths BLOB, tokens BLOB, lacking TEXT, UNIQUE (encoding, tree)
)
"""
_LINK = "120000"
_SNIFFED = 8000  # bytes looked at for a NUL, as git does to tell binary from text
_LARGEST = 64_000_000  # bytes: nobody gives a model a file like this
_BATCH = 16_000_000  # bytes of blobs held at a time
_MOST_COUNTS = 400_000
_MOST_TREES = 16
_ASKED = 500  # blob ids in one question to the cache


class Weights(NamedTuple):
    """Paths with the tokens of each, by path; ``absent`` contents are not in this clone, and their files weigh 0."""

    files: tuple[tuple[str, int], ...] = ()
    absent: int = 0


def weigh(
    repo: Repo,
    encoding: str = DEFAULT,
    commit: str = "HEAD",
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Weights:
    """Return the tokens of each file of a commit; binary files weigh nothing, links are left out.

    A repository without a commit has none. ``progress`` hears how many bytes of how many are counted;
    what was counted stays counted when it is interrupted. Raises ``InputInvalid`` for an encoding
    that is not known.
    """
    count("", encoding)  # refused before any work
    tree = repo.tree(commit)
    if tree is None:
        return Weights()
    return cache.use(repo, "tokens", _SCHEMA, lambda found: _weigh(found, repo, tree, encoding, progress))


def _weigh(
    connection: sqlite3.Connection, repo: Repo, tree: TreeId, encoding: str, progress: Callable[[int, int], None]
) -> Weights:
    known = _remembered(connection, repo, tree, encoding)
    if known is not None:
        return known
    entries = [entry for entry in repo.entries(tree) if entry.mode != _LINK]
    counts = _known(connection, entries, encoding)
    missing = _fill(
        connection, repo, [entry for entry in entries if entry.blob not in counts], counts, encoding, progress
    )
    files = tuple((entry.path, counts.get(entry.blob, 0)) for entry in entries)
    _remember(connection, tree, encoding, files, missing)
    return Weights(files, len(missing))


def _remembered(connection: sqlite3.Connection, repo: Repo, tree: TreeId, encoding: str) -> Weights | None:
    asked = "SELECT paths, tokens, lacking FROM trees WHERE encoding = ? AND tree = ?"
    row = connection.execute(asked, (encoding, tree)).fetchone()
    absent = row[2].split() if row else ()
    if row is None or repo.holds_any(absent):  # a clone may get later what it lacks
        return None
    tokens = array("Q")
    tokens.frombytes(row[1])
    paths = zlib.decompress(row[0]).decode("utf-8", "surrogateescape")
    return Weights(tuple(zip(paths.split("\0"), tokens, strict=True)) if tokens else (), len(absent))


def _remember(
    connection: sqlite3.Connection,
    tree: TreeId,
    encoding: str,
    files: Sequence[tuple[str, int]],
    missing: Iterable[BlobId],
) -> None:
    paths = "\0".join(path for path, _ in files).encode("utf-8", "surrogateescape")
    tokens = array("Q", (number for _, number in files)).tobytes()
    with connection:
        connection.execute(
            "INSERT OR REPLACE INTO trees (encoding, tree, paths, tokens, lacking) VALUES (?, ?, ?, ?, ?)",
            (encoding, tree, zlib.compress(paths, 1), tokens, " ".join(sorted(missing))),
        )
        connection.execute("DELETE FROM trees WHERE number <= (SELECT max(number) FROM trees) - ?", (_MOST_TREES,))


def _known(connection: sqlite3.Connection, entries: Sequence[Entry], encoding: str) -> dict[BlobId, int]:
    blobs = list({entry.blob for entry in entries})
    counts: dict[BlobId, int] = {}
    for at in range(0, len(blobs), _ASKED):
        some = blobs[at : at + _ASKED]
        marks = ",".join("?" * len(some))
        asked = f"SELECT blob, tokens FROM counts WHERE encoding = ? AND blob IN ({marks})"  # noqa: S608 - marks only
        counts.update(connection.execute(asked, (encoding, *some)))
    return counts


def _fill(
    connection: sqlite3.Connection,
    repo: Repo,
    entries: Sequence[Entry],
    counts: dict[BlobId, int],
    encoding: str,
    progress: Callable[[int, int], None],
) -> set[BlobId]:
    """Count what is not known yet, each batch kept as soon as it is counted; return the blobs that are not there."""
    missing: set[BlobId] = set()
    total, done = sum(entry.size for entry in entries), 0
    for batch in _batches(entries):
        contents = repo.read_blobs(entry.blob for entry in batch if entry.size <= _LARGEST)
        new = {blob: tokens_of(data, encoding) for blob, data in contents.items()}
        new |= {entry.blob: 0 for entry in batch if entry.size > _LARGEST}
        with connection:
            connection.executemany(
                "INSERT OR IGNORE INTO counts VALUES (?, ?, ?)", [(encoding, blob, new[blob]) for blob in sorted(new)]
            )
        counts |= new
        missing |= {entry.blob for entry in batch if entry.blob not in new}
        done += sum(entry.size for entry in batch)
        progress(done, total)
    if entries:
        _bound(connection, encoding, counts)
    return missing


def tokens_of(data: bytes, encoding: str = DEFAULT) -> int:
    """Count the tokens of a file's bytes; a binary file, which nobody gives a model as text, has none."""
    return 0 if b"\0" in data[:_SNIFFED] else count(data.decode("utf-8", "replace"), encoding)


def _batches(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    batch: list[Entry] = []
    size = 0
    for entry in entries:
        if batch and size + entry.size > _BATCH:
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += entry.size
    if batch:
        yield batch


def _bound(connection: sqlite3.Connection, encoding: str, current: dict[BlobId, int]) -> None:
    """Forget all counts but the current ones when there are very many."""
    if connection.execute("SELECT count(*) FROM counts").fetchone()[0] <= _MOST_COUNTS:
        return
    with connection:
        connection.execute("DELETE FROM counts")
        connection.executemany(
            "INSERT OR IGNORE INTO counts VALUES (?, ?, ?)",
            [(encoding, blob, current[blob]) for blob in sorted(current)],
        )
