"""Short texts as an inverted index small enough to be read whole: where each folded term stands, and how often."""

from __future__ import annotations

import zlib
from array import array
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.text.rank import Tally
from agentops_kit.text.words import fold, identifiers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_TIMES = 10  # bits of a posting that say how often; those above say in which text
_MOST_TIMES = (1 << _TIMES) - 1
_NOTHING: Mapping[str, int] = {}


class Texts(NamedTuple):
    """Texts by their place: the words in each, and a line for each term with the span of its postings."""

    lengths: array[int]
    terms: bytes
    postings: array[int]

    def tallies(self, terms: Iterable[str]) -> tuple[Tally, ...]:
        """Count folded terms in each text, as a ``Tallier`` does; in one text up to 1023 of each."""
        found: dict[int, dict[str, int]] = {}
        for term in terms:
            first, last = self._span(term)
            for posting in self.postings[first:last]:
                found.setdefault(posting >> _TIMES, {})[term] = posting & _MOST_TIMES
        return tuple(Tally(found.get(place, _NOTHING), length) for place, length in enumerate(self.lengths))

    def _span(self, term: str) -> tuple[int, int]:
        key = b"\n%b\t" % term.encode("utf-8", "replace")
        at = self.terms.find(key)
        if at < 0:
            return 0, 0
        first, last = self.terms[at + len(key) : self.terms.index(b"\n", at + 1)].split()
        return int(first), int(last)


def index(texts: Iterable[str]) -> Texts:
    """Return the index of texts."""
    words = [Counter(identifiers(text)) for text in texts]
    folded = fold(dict.fromkeys(word for held in words for word in held))
    found: dict[str, list[int]] = {}
    for place, held in enumerate(words):
        times: dict[str, int] = {}
        for word, count in held.items():
            for term in folded[word]:
                times[term] = times.get(term, 0) + count
        for term, count in times.items():
            found.setdefault(term, []).append(place << _TIMES | min(count, _MOST_TIMES))
    lines, postings = [], array("I")
    for term, held_by in found.items():
        lines.append(f"\n{term}\t{len(postings)} {len(postings) + len(held_by)}\n")
        postings.extend(held_by)
    terms = "".join(lines).encode("utf-8", "replace")
    return Texts(array("I", [held.total() for held in words]), terms, postings)


def dump(texts: Texts) -> bytes:
    """Return an index as bytes."""
    sizes = array("I", [len(texts.lengths) * 4, len(texts.terms)])
    parts = (sizes.tobytes(), texts.lengths.tobytes(), texts.terms, texts.postings.tobytes())
    return zlib.compress(b"".join(parts), 1)


def load(data: bytes) -> Texts:
    """Return the index that ``dump`` wrote."""
    whole = zlib.decompress(data)
    sizes, lengths, postings = array("I"), array("I"), array("I")
    sizes.frombytes(whole[:8])
    between, end = 8 + sizes[0], 8 + sizes[0] + sizes[1]
    lengths.frombytes(whole[8:between])
    postings.frombytes(whole[end:])
    return Texts(lengths, whole[between:end], postings)
