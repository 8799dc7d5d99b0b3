"""The documents of a commit's tree, remembered by the tree's id, so that a warm look reads one row."""

from __future__ import annotations

import zlib
from array import array
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.bundles import corpus, fill, intake, segments
from agentops_kit.ids import BlobId

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from agentops_kit.bundles.fill import Progress
    from agentops_kit.ids import TreeId
    from agentops_kit.memory.git import Repo

_MOST_TREES = 12
_FACTS = 7
_EMPTY = frozenset(  # the object names of no bytes, in git's two kinds
    {
        "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
        "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
    }
)


class Document(NamedTuple):
    """A file worth reading; ``number`` is its place among the commit's documents.

    ``size`` in bytes; ``length`` is the number of words in it, ``names`` of those in the names that it
    seems to define.
    """

    number: int
    path: str
    blob: BlobId
    kind: str
    size: int
    segment: int
    place: int
    lines: int
    length: int
    names: int
    sort: int  # of ``corpus.WEIGHTS``

    @property
    def shelf(self) -> corpus.Shelf:
        """Whether this is a document for people or code."""
        return "doc" if self.kind == "doc" else "code"

    @property
    def weight(self) -> float:
        """How much a file of this sort counts: 1 for source, less for tests, examples and data."""
        return corpus.WEIGHTS[self.sort]

    @property
    def is_test(self) -> bool:
        """Whether the path says that this file tests others."""
        return self.sort == corpus.TEST


def documents(connection: sqlite3.Connection, repo: Repo, tree: TreeId, progress: Progress) -> tuple[Document, ...]:
    """Return a tree's documents by path, taking in first what is not in the index yet."""
    row = connection.execute("SELECT data, lacking FROM trees WHERE tree = ?", (tree,)).fetchone()
    if row is not None and not repo.holds_any(map(BlobId, row[1].split())):
        return _unpacked(row[0])
    every = repo.entries(tree)
    entries = [entry for entry in every if corpus.is_candidate(entry)]
    fill.fill(connection, repo, entries, progress)
    known = segments.known(connection, map(intake.key, entries))
    found: list[Document] = []
    for entry in entries:
        facts = known.get(intake.key(entry))
        if facts is not None and facts[0] != segments.UNREADABLE:
            segment, place, lines, length, names = facts
            document = (len(found), entry.path, entry.blob, intake.kind(entry.path), entry.size)
            found.append(Document(*document, segment, place, lines, length, names, corpus.sort(entry.path)))
    listed = tuple(found)
    lacking = {
        entry.blob for entry in every if entry.size == 0 and entry.blob not in _EMPTY
    }  # git knows no size, either
    lacking |= {entry.blob for entry in entries if intake.key(entry) not in known}
    _remember(connection, tree, listed, lacking)
    return listed


def _remember(
    connection: sqlite3.Connection, tree: TreeId, listed: Sequence[Document], lacking: Iterable[BlobId]
) -> None:
    """Keep a listing, with the blobs that this clone lacks and may get later."""
    row = (tree, _packed(listed), " ".join(sorted(lacking)))
    with connection:
        connection.execute("INSERT OR REPLACE INTO trees (tree, data, lacking) VALUES (?, ?, ?)", row)
        connection.execute("DELETE FROM trees WHERE number <= (SELECT max(number) FROM trees) - ?", (_MOST_TREES,))
        segments.touch(connection, sorted({document.segment for document in listed}))


def _packed(listed: Sequence[Document]) -> bytes:
    texts = "\n".join(f"{document.path}\0{document.blob}\0{document.kind}" for document in listed).encode()
    numbers = array("q", [number for document in listed for number in _facts(document)]).tobytes()
    return len(texts).to_bytes(8, "little") + zlib.compress(texts + numbers, 1)


def _facts(one: Document) -> tuple[int, int, int, int, int, int, int]:
    return one.size, one.segment, one.place, one.lines, one.length, one.names, one.sort


def _unpacked(data: bytes) -> tuple[Document, ...]:
    length, rest = int.from_bytes(data[:8], "little"), zlib.decompress(data[8:])
    if not length:
        return ()
    numbers = array("q")
    numbers.frombytes(rest[length:])
    texts = rest[:length].decode().split("\n")
    facts = zip(*[iter(numbers)] * _FACTS, strict=True)
    return tuple(
        Document(number, path, BlobId(blob), kind, *held)
        for number, ((path, blob, kind), held) in enumerate(
            zip((text.split("\0") for text in texts), facts, strict=True)
        )
    )
