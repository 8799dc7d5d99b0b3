"""Scores: BM25, and how several signals become one.

BM25 is written out here because ours counts only the task's terms, in one pass over text that
is read anyway; the packages that offer it want every document tokenised and held.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.text.words import identifiers, parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_SATURATION = 1.2
_LENGTH_WEIGHT = 0.75


class Tally(NamedTuple):
    """How often the task's terms occur in a document, and the document's length in words."""

    terms: Mapping[str, int]
    length: int


class Tallier:
    """Tallies documents against one set of terms, remembering which identifiers hold which terms."""

    def __init__(self, terms: Iterable[str]) -> None:
        """Look for ``terms``, folded as ``words.parts`` folds them."""
        self._terms = frozenset(terms)
        self._known: dict[str, tuple[str, ...]] = {}

    def tally(self, text: str) -> Tally:
        """Count the terms in a text."""
        return self.tally_words(Counter(identifiers(text)))

    def tally_words(self, words: Mapping[str, int]) -> Tally:
        """Count the terms in words that are counted already."""
        found: dict[str, int] = {}
        for word, times in words.items():
            held = self._known.get(word)
            if held is None:
                held = self._known[word] = tuple(term for term in parts(word) if term in self._terms)
            for term in held:
                found[term] = found.get(term, 0) + times
        return Tally(found, sum(words.values()))


def rarity(tallies: Sequence[Tally]) -> dict[str, float]:
    """Return each term's inverse document frequency, never negative."""
    holders = Counter(term for tally in tallies for term in tally.terms)
    return {term: math.log(1 + (len(tallies) - held + 0.5) / (held + 0.5)) for term, held in holders.items()}


def bm25(tallies: Sequence[Tally]) -> list[float]:
    """Score each document against the terms it was tallied for."""
    weights = rarity(tallies)
    mean = sum(tally.length for tally in tallies) / len(tallies) if tallies else 1.0
    return [score(tally, weights, mean) for tally in tallies]


def score(tally: Tally, weights: Mapping[str, float], mean_length: float) -> float:
    """Score one document with weights and mean length taken from the collection it belongs to."""
    damping = _SATURATION * (1 - _LENGTH_WEIGHT + _LENGTH_WEIGHT * tally.length / (mean_length or 1.0))
    return sum(
        weights.get(term, 0.0) * times * (_SATURATION + 1) / (times + damping)
        for term, times in sorted(tally.terms.items())  # floats add up the same in every run
    )


def bm25_postings(
    postings: Mapping[str, Mapping[int, int]], lengths: Sequence[int], weights: Mapping[str, float]
) -> list[float]:
    """Score documents 0, 1, … from an inverted index: term -> {document: times}; ``weights`` says how much terms count.

    ``lengths`` are the documents' in words. A term without weight counts nothing.
    """
    scores = [0.0] * len(lengths)
    mean = sum(lengths) / len(lengths) if lengths else 1.0
    damping = [_SATURATION * (1 - _LENGTH_WEIGHT + _LENGTH_WEIGHT * length / (mean or 1.0)) for length in lengths]
    for term in sorted(postings):
        held = postings[term]
        worth = weights.get(term, 0.0) * idf(len(lengths), len(held)) * (_SATURATION + 1)
        if worth:
            for document, times in held.items():
                scores[document] += worth * times / (times + damping[document])
    return scores


def idf(documents: int, holders: int) -> float:
    """Return how rare a term is that ``holders`` of so many documents have, never negative."""
    return math.log(1 + max(0.0, documents - holders + 0.5) / (holders + 0.5))


def reciprocal_ranks(scores: Sequence[float]) -> list[float]:
    """Return 1 for the best, 1/2 for the next, and so on; 0 for what has no score."""
    ranks = [0.0] * len(scores)
    some = [at for at, value in enumerate(scores) if value > 0]
    for rank, at in enumerate(sorted(some, key=scores.__getitem__, reverse=True), 1):  # the first among equals first
        ranks[at] = 1 / rank
    return ranks


def normalised(scores: Sequence[float]) -> list[float]:
    """Scale scores so that the largest is 1; all zero stays zero."""
    largest = max(scores, default=0.0)
    return [value / largest for value in scores] if largest > 0 else [0.0] * len(scores)
