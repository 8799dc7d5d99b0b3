"""What people say who want a candidate, learned from its examples: multinomial naive Bayes over TF-IDF weights.

Rennie et al. (2003) show why the weights help. Counts only where candidates have examples enough to learn from.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SMOOTHING = 0.05
ENOUGH = 4
"""Examples a candidate has on average from which habits count."""


class Habit(NamedTuple):
    """Log probabilities: of each term per candidate that holds it, and what any other term costs a candidate."""

    rows: dict[str, tuple[tuple[int, float], ...]]
    rarity: dict[str, float]
    base: tuple[float, ...]

    def score(self, weights: Mapping[str, float]) -> list[float]:
        """Return each candidate's log likelihood of the terms, up to what is the same for all."""
        total, found = 0.0, [0.0] * len(self.base)
        for term, weight in weights.items():
            for one, value in self.rows.get(term, ()):
                found[one] += weight * value
            total += weight * self.rarity.get(term, 0.0)
        return [value - total * cost for value, cost in zip(found, self.base, strict=True)]


def learned(said: Sequence[Sequence[Sequence[str]]]) -> Habit:
    """Learn from each candidate's texts, each the terms it holds."""
    documents = [Counter(text) for texts in said for text in texts]
    holders = Counter(term for held in documents for term in held)
    rarity = {term: 1 + math.log((1 + len(documents)) / (1 + held)) for term, held in holders.items()}
    rows: dict[str, list[tuple[int, float]]] = {}
    base = []
    for at, texts in enumerate(said):
        sums: dict[str, float] = {}
        for text in texts:
            for term, value in _unit(Counter(text), rarity).items():
                sums[term] = sums.get(term, 0.0) + value
        for term, value in sums.items():
            rows.setdefault(term, []).append((at, rarity[term] * math.log((value + SMOOTHING) / SMOOTHING)))
        base.append(math.log(sum(sums.values()) + SMOOTHING * len(rarity)))
    return Habit({term: tuple(held) for term, held in rows.items()}, rarity, tuple(base))


def _unit(counts: Mapping[str, int], rarity: Mapping[str, float]) -> dict[str, float]:
    weights = {term: (1 + math.log(times)) * rarity[term] for term, times in counts.items()}
    length = math.sqrt(sum(value * value for value in weights.values())) or 1.0
    return {term: value / length for term, value in weights.items()}


def dumped(habit: Habit) -> list[object]:
    """Return a habit as values that JSON takes; numbers keep four digits."""
    rows = [[[one, round(value, 4)] for one, value in held] for held in habit.rows.values()]
    return [list(habit.rows), rows, [round(habit.rarity[term], 4) for term in habit.rows], list(habit.base)]


def loaded(values: Sequence[list[object]]) -> Habit:
    """Return the habit that ``dumped`` gave."""
    terms: list[str] = values[0]  # type: ignore[assignment]
    rows = {
        term: tuple((one, value) for one, value in held)  # type: ignore[attr-defined]
        for term, held in zip(terms, values[1], strict=True)
    }
    base: list[float] = values[3]  # type: ignore[assignment]
    return Habit(rows, dict(zip(terms, values[2], strict=True)), tuple(base))  # type: ignore[arg-type]
