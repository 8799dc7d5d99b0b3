"""A static embedding table: a vector for every common English and technical word, looked up in a mapped file.

The file holds a head, the sorted words (a piece of a word begins with ``##``), where each begins, and one row of
signed bytes a word; all rows share one scale, so that a text's vector is a sum of bytes. Nothing is read but the
pages that hold the words asked for.
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from functools import lru_cache
from operator import mul
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAGIC = b"AOKWORD1"
HEAD = struct.Struct("<8sIII")
"""Magic, number of words, dimensions, bytes of all words together."""
PATH = Path(__file__).parent / "data" / "words.bin"
_LONGEST = 40


class Table:
    """The words of a file with their rows; ``ValueError`` when the file is no such table."""

    def __init__(self, data: memoryview) -> None:
        """Read the head of a table's bytes; the rest is read as it is asked for."""
        magic, self._number, self.dims, size = HEAD.unpack(data[: HEAD.size])
        if magic != MAGIC:
            message = "these bytes are no table of words"
            raise ValueError(message)
        words_end = HEAD.size + size
        rows_at = words_end + 4 * (self._number + 1)
        self._words = data[HEAD.size : words_end]
        self._begins = data[words_end:rows_at].cast("I")
        self._rows = data[rows_at : rows_at + self._number * self.dims].cast("b")
        self._known: dict[str, tuple[Sequence[int], ...]] = {}

    def __len__(self) -> int:
        """Return the number of words."""
        return int(self._number)

    def __getitem__(self, at: int) -> bytes:
        """Return the word at a place, in UTF-8."""
        return bytes(self._words[self._begins[at] : self._begins[at + 1]])

    def row(self, word: str) -> Sequence[int] | None:
        """Return the row of a word or piece, None for one that is not there."""
        wanted = word.encode()
        at = bisect_left(self, wanted)
        if at < self._number and self[at] == wanted:
            return self._rows[at * self.dims : (at + 1) * self.dims]
        return None

    def rows(self, word: str) -> tuple[Sequence[int], ...]:
        """Return a word's row, or those of the longest pieces it is made of."""
        known = self._known.get(word)
        if known is None:
            whole = self.row(word)
            known = self._known[word] = (whole,) if whole is not None else tuple(self._pieces(word[:_LONGEST]))
        return known

    def _pieces(self, word: str) -> Iterable[Sequence[int]]:
        at = 0
        while at < len(word):
            for end in range(len(word), at, -1):
                found = self.row(f"##{word[at:end]}" if at else word[:end])
                if found is not None:
                    yield found
                    at = end
                    break
            else:
                at += 1

    def total(self, words: Iterable[str]) -> list[int]:
        """Return the sum of the words' rows, all zero when none is known."""
        found = [row for word in words for row in self.rows(word)]
        return list(map(sum, zip(*found, strict=True))) if found else [0] * self.dims


@lru_cache(maxsize=1)
def shipped() -> Table:
    """Return the table that the package carries."""
    import mmap

    with PATH.open("rb") as file:
        return Table(memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)))


def unit(vector: Sequence[float]) -> list[float]:
    """Return a vector at length 1; zeros stay zeros."""
    length = sum(map(mul, vector, vector)) ** 0.5
    return [value / length for value in vector] if length else list(vector)


def dot(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the inner product of two vectors of the same dimensions."""
    return float(sum(map(mul, one, other)))
