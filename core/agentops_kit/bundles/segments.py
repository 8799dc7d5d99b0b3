"""Segments in the cache's database: how they are written, asked and thrown away."""

from __future__ import annotations

import json
import zlib
from array import array
from typing import TYPE_CHECKING

from agentops_kit.bundles.segment import BLOCK, bucket_of, numbers_in
from agentops_kit.ids import BlobId
from agentops_kit.text.words import parts

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from agentops_kit.bundles.segment import Segment

SCHEMA = """
CREATE TABLE documents (
    blob TEXT, kind TEXT, segment INTEGER, place INTEGER, lines INTEGER, length INTEGER, names INTEGER,
    PRIMARY KEY (blob, kind)
) WITHOUT ROWID;
CREATE INDEX by_segment ON documents (segment);
CREATE TABLE segments (
    id INTEGER PRIMARY KEY AUTOINCREMENT, documents INTEGER, buckets INTEGER, size INTEGER, used INTEGER,
    offsets BLOB, words BLOB, imports BLOB
);
CREATE TABLE buckets (id INTEGER PRIMARY KEY, data BLOB);
CREATE TABLE postings (id INTEGER PRIMARY KEY, data BLOB);
CREATE TABLE trees (
    number INTEGER PRIMARY KEY, tree TEXT UNIQUE, data BLOB, lacking TEXT, graph BLOB, paths BLOB, stems BLOB
)
"""
EXACT = "="
"""Before a key, it asks for exactly this word and not for a term."""

UNREADABLE = 0
"""The segment of documents that are known to hold nothing people wrote."""

_ROWS = 1 << 24  # rows of one segment at most, so that its number and a row's make a key
_ASKED = 500
_SMALL = 256  # documents
_MOST_SMALL = 24

Key = tuple[BlobId, str]
"""Blob and kind: the same bytes are read differently in another language."""


class Vanished(LookupError):
    """Another process has thrown away a segment that was in use here; the work is to be begun again."""


def known(connection: sqlite3.Connection, keys: Iterable[Key]) -> dict[Key, tuple[int, int, int, int, int]]:
    """Return segment, place, lines, length and names of the documents that are in the index."""
    wanted = set(keys)
    blobs = sorted({blob for blob, _ in wanted})
    found: dict[Key, tuple[int, int, int, int, int]] = {}
    for at in range(0, len(blobs), _ASKED):
        some = blobs[at : at + _ASKED]
        marks = ",".join("?" * len(some))
        asked = f"SELECT blob, kind, segment, place, lines, length, names FROM documents WHERE blob IN ({marks})"  # noqa: S608 - marks only
        for blob, kind, segment, place, lines, length, names in connection.execute(asked, some):
            if (blob, kind) in wanted:
                found[BlobId(blob), kind] = segment, place, lines, length, names
    return found


def keep(connection: sqlite3.Connection, keys: Sequence[Key], segment: Segment, unreadable: Iterable[Key]) -> None:
    """Write a segment of these documents in one transaction; what another process wrote first stays."""
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        number = _keep(connection, segment) if segment.facts else UNREADABLE
        rows = [
            (*key, number, place, facts.lines, facts.length, facts.names)
            for place, (key, facts) in enumerate(zip(keys, segment.facts, strict=True))
        ]
        rows += [(*key, UNREADABLE, 0, 0, 0, 0) for key in unreadable]
        connection.executemany("INSERT OR IGNORE INTO documents VALUES (?, ?, ?, ?, ?, ?, ?)", rows)


def _keep(connection: sqlite3.Connection, segment: Segment) -> int:
    imports = zlib.compress(json.dumps([facts.imports for facts in segment.facts]).encode(), 1)
    size = len(segment.postings) + sum(map(len, segment.buckets))
    row = (len(segment.facts), len(segment.buckets), size, clock(connection), segment.offsets, segment.words, imports)
    done = connection.execute(
        "INSERT INTO segments (documents, buckets, size, used, offsets, words, imports) VALUES (?, ?, ?, ?, ?, ?, ?)",
        row,
    )
    number = done.lastrowid or 0
    first = number * _ROWS
    connection.executemany("INSERT INTO buckets VALUES (?, ?)", enumerate(segment.buckets, first))
    blocks = (segment.postings[at : at + BLOCK] for at in range(0, len(segment.postings), BLOCK))
    connection.executemany("INSERT INTO postings VALUES (?, ?)", enumerate(blocks, first))
    return number


def clock(connection: sqlite3.Connection) -> int:
    """Return the index's own time: one more than the latest use of any segment."""
    return int(connection.execute("SELECT coalesce(max(used), 0) + 1 FROM segments").fetchone()[0])


def touch(connection: sqlite3.Connection, numbers: Iterable[int]) -> None:
    """Note that segments were of use now."""
    now = clock(connection)
    connection.executemany("UPDATE segments SET used = ? WHERE id = ?", [(now, number) for number in numbers])


def drop(connection: sqlite3.Connection, numbers: Iterable[int]) -> None:
    """Forget segments and their documents."""
    for number in numbers:
        first, last = number * _ROWS, (number + 1) * _ROWS - 1
        connection.execute("DELETE FROM documents WHERE segment = ?", (number,))
        connection.execute("DELETE FROM buckets WHERE id BETWEEN ? AND ?", (first, last))
        connection.execute("DELETE FROM postings WHERE id BETWEEN ? AND ?", (first, last))
        connection.execute("DELETE FROM segments WHERE id = ?", (number,))
        connection.execute("DELETE FROM trees")  # they say where documents lie


def crumbs(connection: sqlite3.Connection) -> list[int]:
    """Return the small segments that many small changes have left, once they are many."""
    small = connection.execute("SELECT id FROM segments WHERE documents < ?", (_SMALL,)).fetchall()
    return [number for (number,) in small] if len(small) > _MOST_SMALL else []


def oldest_beyond(connection: sqlite3.Connection, limit: int, current: Iterable[int]) -> list[int]:
    """Return the segments to drop, longest unused first, so that the rest has at most ``limit`` bytes."""
    spared = set(current)
    rows = connection.execute("SELECT id, size FROM segments ORDER BY used DESC, id DESC").fetchall()
    total, dropped = 0, []
    for number, size in sorted(rows, key=lambda row: row[0] not in spared):
        total += size
        if total > limit and number not in spared:
            dropped.append(number)
    return dropped


def imports(connection: sqlite3.Connection, number: int) -> list[list[str]]:
    """Return what each document of a segment imports, as its source writes it."""
    row = connection.execute("SELECT imports FROM segments WHERE id = ?", (number,)).fetchone()
    if row is None:
        raise Vanished(number)
    found: list[list[str]] = json.loads(zlib.decompress(row[0]))
    return found


class Reader:
    """One segment, asked for the postings of keys: terms, or exact words behind ``=`` (``EXACT``)."""

    def __init__(self, connection: sqlite3.Connection, number: int) -> None:
        """Read the segment's small parts; the postings stay where they are."""
        self._connection = connection
        self._first = number * _ROWS
        row = connection.execute("SELECT buckets, offsets FROM segments WHERE id = ?", (number,)).fetchone()
        if row is None:
            raise Vanished(number)
        self._buckets = int(row[0])
        self._offsets = array("I")
        self._offsets.frombytes(row[1])
        self._number = number
        self._words: list[bytes] = []

    def numbers(self, keys: Iterable[str]) -> dict[str, list[int]]:
        """Return the numbers of the words each key leads to."""
        terms = {key: _term(key).encode("utf-8", "replace") for key in keys}
        held = self._rows("buckets", {bucket_of(term, self._buckets) for term in terms.values()})
        found = {key: numbers_in(held[bucket_of(term, self._buckets)], term) for key, term in terms.items()}
        return {key: self._exactly(key, numbers) if key[:1] == EXACT else numbers for key, numbers in found.items()}

    def _exactly(self, key: str, numbers: Sequence[int]) -> list[int]:
        word = key.removeprefix(EXACT)
        return [number for number, held in zip(numbers, self.words(numbers), strict=True) if held == word]

    def postings(self, keys: Iterable[str]) -> dict[str, array[int]]:
        """Return the postings of all words that each key leads to, those of one word after another's."""
        numbers = self.numbers(keys)
        spans = {number: self._span(number) for held in numbers.values() for number in held}
        wanted = {block for start, end in spans.values() for block in range(start // BLOCK, (end - 1) // BLOCK + 1)}
        blocks = self._rows("postings", wanted)
        found: dict[str, array[int]] = {}
        for key, held in numbers.items():
            found[key] = array("I")
            for number in held:
                found[key].frombytes(_cut(blocks, *spans[number]))
        return found

    def words(self, numbers: Iterable[int]) -> list[str]:
        """Return the words that have these numbers."""
        numbers = list(numbers)
        if numbers and not self._words:
            row = self._connection.execute("SELECT words FROM segments WHERE id = ?", (self._number,)).fetchone()
            if row is None:
                raise Vanished(self._number)
            self._words = zlib.decompress(row[0]).split(b"\n")
        return [self._words[number].decode() for number in numbers]

    def _span(self, number: int) -> tuple[int, int]:
        return self._offsets[number], self._offsets[number + 1]

    def _rows(self, table: str, wanted: set[int]) -> dict[int, bytes]:
        rows = sorted(self._first + row for row in wanted)
        found: dict[int, bytes] = {}
        for at in range(0, len(rows), _ASKED):
            some = rows[at : at + _ASKED]
            marks = ",".join("?" * len(some))
            found.update(self._connection.execute(f"SELECT id, data FROM {table} WHERE id IN ({marks})", some))  # noqa: S608 - our table, marks
        if len(found) < len(rows):
            raise Vanished(self._number)
        return {row - self._first: data for row, data in found.items()}


def _term(key: str) -> str:
    """Return the term under which a key is found: of an exact word the last of its own, which is the rarest."""
    if key[:1] != EXACT:
        return key
    terms = parts(key.removeprefix(EXACT))
    return terms[-1] if terms else key


def _cut(blocks: dict[int, bytes], start: int, end: int) -> bytes:
    first, last = start // BLOCK, (end - 1) // BLOCK
    if first == last:
        return blocks[first][start - first * BLOCK : end - first * BLOCK]
    whole = b"".join(blocks[block] for block in range(first, last + 1))
    return whole[start - first * BLOCK : end - first * BLOCK]
