"""A batch of documents as an inverted index: built once in memory, then only looked into.

A posting is one 32-bit number: the document's place in the segment (16 bits), how many of the names
it defines hold the word (6 bits) and how often its text does (10 bits); the counts stop at their
largest value. Words stand in the order in which they were met. Which words a term leads to lies in
buckets by checksum, so that a question reads a few of them and not the vocabulary.
"""

from __future__ import annotations

import gc
import zlib
from array import array
from collections import Counter
from contextlib import contextmanager
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.bundles import outline
from agentops_kit.bundles.imports import written
from agentops_kit.text.words import fold, identifiers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST_DOCUMENTS = 1 << 16
MOST_TIMES = (1 << 10) - 1
MOST_NAMES = (1 << 6) - 1
BLOCK = 1 << 14
"""Bytes of postings that lie in one row."""

_ENTRIES = 128  # in a bucket, about
_LONGEST = 100  # characters; a longer word is encoded data
_MARK = b"\x01"
_PLAIN = frozenset(b"\x010123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz")
_WORDS = bytes(code if code in _PLAIN or code >= 0x80 else 0x20 for code in range(256))  # noqa: PLR2004 - beyond ASCII
"""Makes of UTF-8 words and spaces; letters beyond ASCII are looked at afterwards."""


class Source(NamedTuple):
    """A document to be taken in: ``kind`` is its language, or ``"doc"``."""

    path: str
    kind: str
    text: str


class Segment(NamedTuple):
    """A batch's index, packed; ``facts`` has one row a document in their order."""

    facts: tuple[Facts, ...]
    buckets: tuple[bytes, ...]
    offsets: bytes  # of each word's postings in ``postings``, and the end; 32-bit numbers
    words: bytes  # one a line, packed
    postings: bytes


class Facts(NamedTuple):
    """What is known of a document as a whole; ``imports`` as its source writes them."""

    lines: int
    length: int
    names: int
    imports: tuple[str, ...]


def build(sources: Iterable[Source]) -> Segment:
    """Return the index of at most ``MOST_DOCUMENTS`` documents."""
    with _no_collection():
        return _build(sources)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the collector of cycles away: there are none, and looking for them costs a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _build(sources: Iterable[Source]) -> Segment:
    postings: dict[bytes, list[int]] = {}
    facts: list[Facts] = []
    for place, source in enumerate(sources):
        words = count_words(source.text)
        names = outline.names(source.path, source.text)
        defined = Counter(word.encode() for name in names for word in identifiers(name))
        base = place << 16
        for word, times in words.items():
            posting = base | min(times, MOST_TIMES)
            if word in postings:
                postings[word].append(posting)
            else:
                postings[word] = [posting]
        for word, times in defined.items():
            if word in words:
                postings[word][-1] |= min(times, MOST_NAMES) << 10
        lines = source.text.count("\n") + 1
        imports = written(source.kind, source.text)
        facts.append(Facts(lines, words.total(), sum(defined.values()), imports))
    return _packed(postings, tuple(facts))


def count_words(text: str) -> Counter[bytes]:
    """Count what ``words.identifiers`` finds, as UTF-8; by tables of bytes, which is quick."""
    data = text.encode("utf-8", "replace").replace(_MARK, b" ")
    words = Counter(spaced(data).split())
    if not data.isascii():
        for odd in [word for word in words if not word.isascii()]:
            times = words.pop(odd)
            for word in identifiers(odd.decode()):
                words[word.encode()] += times
    return words


def spaced(data: bytes) -> bytes:
    """Return UTF-8 with spaces for all ASCII that is part of no word; a byte 1 is left for the caller's marks."""
    return data.translate(_WORDS)


def _packed(postings: dict[bytes, list[int]], facts: tuple[Facts, ...]) -> Segment:
    kept = {word: held for word, held in postings.items() if len(word) <= _LONGEST or not word.isascii()}
    offsets = array("I", accumulate((len(held) * 4 for held in kept.values()), initial=0))
    packed = b"".join([array("I", held).tobytes() for held in kept.values()])
    entries: dict[bytes, list[int]] = {}
    for number, terms in enumerate(fold([word.decode() for word in kept]).values()):
        for term in terms:
            coded = term.encode()
            if coded in entries:
                entries[coded].append(number)
            else:
                entries[coded] = [number]
    words = zlib.compress(b"\n".join(kept), 1)
    return Segment(facts, _buckets(entries), offsets.tobytes(), words, packed)


def _buckets(entries: dict[bytes, list[int]]) -> tuple[bytes, ...]:
    count = max(1, len(entries) // _ENTRIES)
    lines: list[list[bytes]] = [[] for _ in range(count)]
    checksum = zlib.crc32
    for key, numbers in entries.items():
        found = str(numbers[0]) if len(numbers) == 1 else " ".join(map(str, numbers))
        lines[checksum(key) % count].append(b"\n%b\t%b\n" % (key, found.encode()))
    return tuple(b"".join(held) for held in lines)


# -- asking --------------------------------------------------------------------------------------


def bucket_of(key: bytes, count: int) -> int:
    """Return which of ``count`` buckets holds a term."""
    return zlib.crc32(key) % count


def numbers_in(bucket: bytes, key: bytes) -> list[int]:
    """Return the numbers of the words that a key leads to."""
    start = bucket.find(b"\n%b\t" % key)
    if start < 0:
        return []
    start += len(key) + 2
    return [int(number) for number in bucket[start : bucket.index(b"\n", start)].split()]
