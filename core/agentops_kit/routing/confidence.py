"""How sure an answer is: the probability that the best candidate is right and that any candidate fits."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from agentops_kit.routing.rank import Ranking, Task

_COEFFICIENTS = {"lead": 0.861, "nearness": 6.707, "covered": 1.709, "brief": 2.292, "start": -4.842}
"""Logistic (Platt), fitted by `scripts/routing_weights.py` on public collections, each held out in turn to check it."""
_ENCODED = {"lead": 0.557, "nearness": 7.13, "covered": 1.566, "brief": 2.202, "start": -5.145}
"""The same where the encoder was asked, fitted in the same way."""
_LEARNED = {
    "lead": 0.834,
    "outside": -0.264,
    "elsewhere": -0.882,
    "nearness": 2.985,
    "covered": 0.855,
    "shared": 0.013,
    "start": -3.459,
}
"""The same for candidates that were all learned when the kit was built, fitted by `scripts/routing_learned.py`."""
_MOST_SHARE = 1 - 1e-6
_MOST_LEAD = 14.0
_NEAR, _COVERED, _FEW_WORDS = 0.35, 0.7, 6
"""From where on a larger value says nothing more."""
_NAMED = 0.97
"""A person who names one knows it: what is left is a name meant otherwise."""


class Features(NamedTuple):
    """What a confidence is made of.

    ``lead`` is the log odds of the best one's share of all weight; ``nearness``, ``covered`` and ``brief`` tell tasks
    that are of another world, and say nothing more from where most tasks in scope are.
    """

    lead: float
    nearness: float
    covered: float
    brief: float


class LearnedFeatures(NamedTuple):
    """What a confidence is made of where all was learned.

    ``lead`` is the log odds of the best one's share; ``outside`` how far what is nobody's job stands above it, in log
    odds, and ``elsewhere`` the same of a piece that is not here, where it does: then a person is asked.
    """

    lead: float
    outside: float
    elsewhere: float
    nearness: float
    covered: float
    shared: float


def features(ranking: Ranking, task: Task) -> Features:
    """Return what the confidence of a ranking is made of."""
    share = min(ranking.share, _MOST_SHARE)
    return Features(
        math.log(share / (1 - share)) if share else -_MOST_LEAD,
        min(ranking.nearness, _NEAR),
        min(ranking.covered, _COVERED),
        min(len(task.stems), _FEW_WORDS) / _FEW_WORDS,
    )


def learned_features(ranking: Ranking) -> LearnedFeatures:
    """Return what the confidence is made of where all candidates were learned."""
    share = min(ranking.share, _MOST_SHARE)
    return LearnedFeatures(
        math.log(share / (1 - share)),
        ranking.outside or 0.0,
        max(ranking.elsewhere or 0.0, 0.0),
        ranking.nearness,
        ranking.covered,
        ranking.shared,
    )


def confidence(ranking: Ranking, task: Task) -> float:
    """Return the probability that the first answer, or its twin, is the one wanted; 0 for a task without a word."""
    if not ranking.order or not task.stems:
        return 0.0
    if ranking.named:
        return _NAMED
    found, coefficients = (
        (features(ranking, task)._asdict(), _ENCODED if ranking.encoded else _COEFFICIENTS)
        if ranking.outside is None
        else (learned_features(ranking)._asdict(), _LEARNED)
    )
    total = coefficients["start"] + sum(coefficients[name] * value for name, value in found.items())
    return 1 / (1 + math.exp(-total))
