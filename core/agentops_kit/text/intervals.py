"""Confidence intervals by resampling: the same values give the same interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

_RESAMPLES = 2000
_SEED = 20_261_121


class Mean(NamedTuple):
    """A mean with its 95 % interval and how many values it is of."""

    value: float
    low: float
    high: float
    number: int


def mean(values: Sequence[float]) -> Mean:
    """Return the mean of values with its percentile bootstrap interval (Efron 1979); all zero for none."""
    from random import Random

    if not values:
        return Mean(0.0, 0.0, 0.0, 0)
    draw = Random(_SEED)  # noqa: S311 - resampling, no secret
    number = len(values)
    means = sorted(sum(draw.choices(values, k=number)) / number for _ in range(_RESAMPLES))
    edge = round(_RESAMPLES * 0.025)
    return Mean(sum(values) / number, means[edge], means[_RESAMPLES - 1 - edge], number)
