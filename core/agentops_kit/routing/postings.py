"""Which candidates hold a term, and how much each then scores: BM25 over stems, cosine over character pieces."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SATURATION, _LENGTH = 1.2, 0.75


class Postings(NamedTuple):
    """Which candidates hold a term, and how much each then scores: rows ``begins[n]`` to ``begins[n + 1]``."""

    places: dict[str, int]
    begins: array[int]
    who: array[int]
    worth: array[float]

    def score(self, weights: Mapping[str, float], number: int) -> list[float]:
        """Return each candidate's sum of worth times weight over the terms."""
        scores = [0.0] * number
        places, begins, who, worth = self
        for term, weight in weights.items():
            at = places.get(term)
            if at is not None:
                first, last = begins[at], begins[at + 1]
                for one, value in zip(who[first:last], worth[first:last], strict=True):
                    scores[one] += weight * value
        return scores

    def held_by(self, term: str, candidate: int) -> bool:
        """Say whether a candidate holds a term."""
        at = self.places.get(term)
        return at is not None and candidate in self.who[self.begins[at] : self.begins[at + 1]]


def bm25(counts: Sequence[Mapping[str, float]]) -> tuple[Postings, dict[str, float]]:
    """Return postings whose worth is a term's whole part of the BM25 score, and each term's rarity."""
    number = len(counts)
    holders = Counter(term for held in counts for term in held)
    rarity = {term: math.log(1 + (number - held + 0.5) / (held + 0.5)) for term, held in holders.items()}
    lengths = [sum(held.values()) for held in counts]
    mean = sum(lengths) / number or 1.0
    rows: dict[str, list[tuple[int, float]]] = {}
    for at, held in enumerate(counts):
        damping = _SATURATION * (1 - _LENGTH + _LENGTH * lengths[at] / mean)
        for term, times in held.items():
            rows.setdefault(term, []).append((at, rarity[term] * times * (_SATURATION + 1) / (times + damping)))
    return _postings(rows), rarity


def cosine(counts: Sequence[Mapping[str, int]]) -> Postings:
    """Return postings whose worth is a term's weight in its candidate's TF-IDF vector of length 1, times its rarity."""
    number = len(counts)
    holders = Counter(term for held in counts for term in held)
    rarity = {term: math.log(1 + number / held) for term, held in holders.items()}
    rows: dict[str, list[tuple[int, float]]] = {}
    for at, held in enumerate(counts):
        weights = {term: (1 + math.log(times)) * rarity[term] for term, times in held.items()}
        length = math.sqrt(sum(value * value for value in weights.values())) or 1.0
        for term, value in weights.items():
            rows.setdefault(term, []).append((at, value / length * rarity[term]))
    return _postings(rows)


def _postings(rows: Mapping[str, Sequence[tuple[int, float]]]) -> Postings:
    begins, who, worth = array("I", [0]), array("H"), array("f")
    for held in rows.values():
        who.extend(one for one, _ in held)
        worth.extend(value for _, value in held)
        begins.append(len(who))
    return Postings({term: at for at, term in enumerate(rows)}, begins, who, worth)


NO_POSTINGS = _postings({})
