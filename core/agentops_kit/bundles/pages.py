"""A file's text with the places where words of interest stand."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentops_kit.bundles.segment import spaced
from agentops_kit.text.rank import Tally
from agentops_kit.text.words import identifiers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_BREAK = b"\x01"


@dataclass(frozen=True)
class Page:
    """``lengths[n]`` is the number of words in lines 1 to n; ``hits`` has what was looked for, by line."""

    text: str
    lengths: Sequence[int]
    hits: Mapping[int, Mapping[str, int]]
    places: Sequence[int]  # the lines of ``hits``, rising

    def tally(self, first: int, last: int) -> Tally:
        """Count what was looked for in the lines from ``first`` to ``last``, both included."""
        found: dict[str, int] = {}
        at = bisect_right(self.places, first - 1)
        while at < len(self.places) and self.places[at] <= last:
            for term, times in self.hits[self.places[at]].items():
                found[term] = found.get(term, 0) + times
            at += 1
        last = min(last, len(self.lengths) - 1)
        return Tally(found, self.lengths[last] - self.lengths[min(first - 1, last)])


def page(text: str, wanted: Mapping[bytes, tuple[str, ...]]) -> Page:
    """Find words in a text; ``wanted`` says what each counts as."""
    hits: dict[int, dict[str, int]] = {}
    lengths = [0]
    line = 1
    breaks = 0
    known: dict[bytes, tuple[str, ...] | None] = {**wanted, _BREAK: None}
    words = _words(text)
    for at, word in enumerate(words):
        if word not in known:
            continue
        terms = known[word]
        if terms is None:
            lengths.append(at - breaks)
            breaks += 1
            line += 1
            continue
        held = hits.setdefault(line, {})
        for term in terms:
            held[term] = held.get(term, 0) + 1
    lengths.append(len(words) - breaks)
    return Page(text, lengths, hits, tuple(hits))


def _words(text: str) -> list[bytes]:
    data = text.encode("utf-8", "replace").replace(_BREAK, b" ").replace(b"\n", b" \x01 ")
    words = spaced(data).split()
    if data.isascii():
        return words
    found: list[bytes] = []
    for word in words:
        if word.isascii():
            found.append(word)
        else:
            found += [part.encode() for part in identifiers(word.decode())]
    return found
