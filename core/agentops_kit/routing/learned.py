"""What was learned of the shipped pieces when the kit was built: a row of weights for each word, word pair and piece.

`scripts/routing_learned.py` makes the file by logistic regression over all examples. It is mapped, not read: a task
looks up some two hundred rows, one byte a piece of content, and adds them.
"""

from __future__ import annotations

import json
import math
import struct
import zlib
from bisect import bisect_left
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.routing.terms import pairs, plain, threads, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MAGIC = b"AOKLEARN"
HEAD = struct.Struct("<8sII")
"""Magic, checksum of all that follows, bytes of the JSON that says what it is."""
PATH = Path(__file__).parent / "data" / "learned.bin"
MOST_CHARACTERS = 700
"""How much of a task is looked up: nobody's example is longer, and each character costs a row."""
RARITY_STEP = 1 / 24
ZERO = 128
VECTOR_STEPS = 1000
"""Steps of 1 in a vector's dimensions: 256 dimensions of them still fit into four bytes a column."""
_ROOM = 256
"""Rows whose sum fits into two bytes a column."""
FEWEST, KNOWN = 8, 0.9
"""How many of a piece's examples, and what share of them, have to be those that were learned from.

Where its description is the one that was learned from, fewer are enough.
"""


class Block(NamedTuple):
    """One kind of feature: sorted hashes, the rarity of each in steps, and its row of weights, a byte each.

    A row is added as one large number whose digits are the columns: the even ones and the odd ones apart, so that
    each sum has two bytes of room. ``ZERO`` is the byte of the weight 0.
    """

    hashes: memoryview
    rarities: memoryview
    rows: memoryview
    scale: float

    def add(self, features: Iterable[str], into: list[float]) -> None:
        """Add what the features say: their rows at the length 1 of the text's vector."""
        hashes, rarities, number, found, length = self.hashes, self.rarities, len(self.hashes), [], 0
        for wanted in {hashed(one) for one in features}:
            at = bisect_left(hashes, wanted)
            if at < number and hashes[at] == wanted:
                found.append(at)
                length += rarities[at] ** 2
        factor = self.scale / (math.sqrt(length) * RARITY_STEP) if found else 0.0
        for first in range(0, len(found), _ROOM):
            self._add(found[first : first + _ROOM], factor, into)

    def _add(self, places: Sequence[int], factor: float, into: list[float]) -> None:
        rows, width = self.rows, len(self.rows) // len(self.hashes)
        mask = int.from_bytes(b"\xff\0" * (width // 2), "little")
        evens = odds = 0
        for at in places:
            row = int.from_bytes(rows[at * width : (at + 1) * width], "little")
            evens += row & mask
            odds += (row >> 8) & mask
        for first, total in enumerate((evens, odds)):
            sums = memoryview(total.to_bytes(width, "little")).cast("H")
            for at in range(first, len(into), 2):
                into[at] += factor * (sums[at // 2] - ZERO * len(places))


class Learned:
    """The learned weights of a file; ``ValueError`` when the file is none. ``checksum`` tells two of them apart."""

    def __init__(self, data: memoryview) -> None:
        """Read what the file says of itself; rows are read as they are asked for."""
        magic, self.checksum, size = HEAD.unpack(data[: HEAD.size])
        if magic != MAGIC:
            message = "these bytes are no learned weights"
            raise ValueError(message)
        head = json.loads(bytes(data[HEAD.size : HEAD.size + size]))
        self.ids: tuple[str, ...] = tuple(head["ids"])
        self.profiles: dict[str, str] = dict(zip(self.ids, head["profiles"], strict=True))
        """The profile that brings each id."""
        self._start: list[float] = head["start"]
        self._meant: float = head["meant"]
        parts = _parts(data, HEAD.size + size, head["sizes"])
        self._from = next(parts).cast("I")
        self._froms: list[int] = head["from"]
        self._blocks = [Block(next(parts).cast("I"), next(parts), next(parts), scale) for scale in head["scales"]]
        meanings, width = next(parts), 4 * len(self.ids)
        self._meanings = [
            int.from_bytes(meanings[at : at + width], "little") for at in range(0, len(meanings), width or 1)
        ]

    def columns(self, said: Sequence[tuple[str, str, Sequence[str]]]) -> tuple[int, ...]:
        """Return the column of each id whose description and examples are what was learned from, -1 for others.

        A person may have added some: nine in ten examples are enough, and then the description may be another. Under
        another id a piece is known by its description.
        """
        return tuple(self._column(*one) for one in said)

    def _column(self, one: str, description: str, texts: Sequence[str]) -> int:
        at = self.ids.index(one) if one in self.ids else self._owners.get(hashed(description), -1)
        return at if at >= 0 and self._is_from(at, description, texts) else -1

    @cached_property
    def _owners(self) -> dict[int, int]:
        """The column that each text was learned for, by what stands for the text."""
        spans = pairwise(self._froms)
        return {one: at for at, (first, end) in enumerate(spans) for one in self._from[first:end]}

    def _is_from(self, at: int, description: str, texts: Sequence[str]) -> bool:
        known = len(texts) - len(self.new(at, texts))
        fewest = FEWEST if self.new(at, (description,)) else 0
        return known >= max(fewest, KNOWN * len(texts))

    def new(self, column: int, texts: Sequence[str]) -> tuple[str, ...]:
        """Return the texts that a column was not learned from."""
        known = set(self._from[self._froms[column] : self._froms[column + 1]])
        return tuple(text for text in texts if hashed(text) not in known)

    def scores(self, text: str, vector: Sequence[float]) -> list[float]:
        """Return the log odds of each column for a text and its static vector."""
        found = list(self._start)
        for block, features in zip(self._blocks, of(text), strict=True):
            block.add(features, found)
        if self._meant:
            self._add_meaning(vector, found)
        return found

    def _add_meaning(self, vector: Sequence[float], into: list[float]) -> None:
        """Add the inner products of a vector with each column, all columns of a dimension as one large number."""
        steps = [round(value * VECTOR_STEPS) for value in vector]
        rows = list(zip(steps, self._meanings, strict=True))
        parts = (sum(step * row for step, row in rows if step > 0), sum(-step * row for step, row in rows if step < 0))
        plus, minus = (memoryview(one.to_bytes(4 * len(into), "little")).cast("I") for one in parts)
        zero, factor = ZERO * sum(steps), self._meant / VECTOR_STEPS
        for at, (more, less) in enumerate(zip(plus, minus, strict=True)):
            into[at] += factor * (more - less - zero)


def of(text: str) -> tuple[list[str], list[str]]:
    """Return a text's features: its words and pairs, and the character pieces that run through it."""
    said = words(plain(text[:MOST_CHARACTERS]))
    return pairs(said), threads(said)


@lru_cache(maxsize=1)
def shipped() -> Learned:
    """Return the weights that the package carries."""
    import mmap

    with PATH.open("rb") as file:
        return Learned(memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)))


def hashed(text: str) -> int:
    """Return what stands for an example or a feature in the file."""
    return zlib.crc32(text.encode("utf-8", "replace"))


def _parts(data: memoryview, at: int, sizes: Sequence[int]) -> Iterator[memoryview]:
    """Yield the parts of a file, each of which begins at a multiple of four."""
    for size in sizes:
        at += -at % 4
        yield data[at : at + size]
        at += size
