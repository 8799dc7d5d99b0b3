"""How sure an answer is: the probability that the best candidate is right and that any candidate fits."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from agentops_kit.routing.rank import Ranking, Task

_COEFFICIENTS = {
    "start": -3.678,
    "share": 2.254,
    "margin": 0.294,
    "nearness": 2.817,
    "covered": 0.942,
    "shared": 0.393,
    "number": -0.228,
    "length": 1.283,
}
"""Logistic (Platt), fitted by `scripts/routing_weights.py` on public collections, each held out in turn to check it."""
_WORD_COUNT = 40
_NAMED = 0.97
"""A person who names one knows it: what is left is a name meant otherwise."""


class Features(NamedTuple):
    """What a confidence is made of, each about between 0 and 1 but ``margin`` and ``number``."""

    share: float
    margin: float
    nearness: float
    covered: float
    shared: float
    number: float
    length: float


def features(ranking: Ranking, task: Task) -> Features:
    """Return what the confidence of a ranking is made of."""
    scores = ranking.scores
    best = scores[0]
    weights = [math.exp(score - best) for score in scores]
    margin = best - scores[1] if len(scores) > 1 else 0.0
    return Features(
        1 / sum(weights),
        min(margin, 4.0),
        ranking.nearness,
        ranking.covered,
        ranking.shared,
        math.log(len(scores)),
        min(len(task.stems), _WORD_COUNT) / _WORD_COUNT,
    )


def confidence(ranking: Ranking, task: Task) -> float:
    """Return the probability that the first answer is the one wanted; 0 for a task without a word."""
    if not ranking.order or not task.stems:
        return 0.0
    if ranking.named:
        return _NAMED
    found = features(ranking, task)
    total = _COEFFICIENTS["start"] + sum(
        _COEFFICIENTS[name] * value for name, value in zip(Features._fields, found, strict=True)
    )
    return 1 / (1 + math.exp(-total))
