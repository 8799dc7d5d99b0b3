"""At which answer a context will cross its limit, from how it grew since the last compaction.

The slope is Theil and Sen's: the median of the slopes between all pairs of answers, which one huge
file read or one short answer does not move. The range is between the slopes' quartiles, and
nothing is promised for a context that does not grow or was seen growing for too short a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, pairwise
from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

FEWEST = 5
"""Answers needed before anything is said."""
_LATEST = 30
_FARTHEST = 10_000


@dataclass(frozen=True, slots=True)
class Forecast:
    """How many answers from now the limit is crossed; None where it cannot be told, and then ``why``."""

    likely: int | None = None
    earliest: int | None = None
    """With the faster quartile of growth."""
    latest: int | None = None
    """With the slower quartile; None when that is no growth."""
    not_before: int | None = None
    """With the largest step seen since the last compaction at every answer."""
    per_turn: int | None = None
    """Tokens an answer adds, by the median slope."""
    why: str = ""

    def words(self, turn: int) -> str:
        """Return the forecast as a sentence; ``turn`` is the number of the last answer."""
        if self.likely is None:
            return f"No prediction: {self.why}."
        upper = f"{turn + self.latest:,}" if self.latest is not None else "never"
        return (
            f"At about {self.per_turn:,} tokens a turn the limit is crossed near turn {turn + self.likely:,} "
            f"(range {turn + (self.earliest or 0):,} to {upper}), not before turn {turn + (self.not_before or 0):,}."
        )


def forecast(tokens: Sequence[int], limit: int) -> Forecast:
    """Predict from the tokens of each answer since the last compaction, oldest first, and the limit in tokens."""
    if tokens and tokens[-1] >= limit:
        return Forecast(why="the limit is crossed already")
    if len(tokens) < FEWEST:
        return Forecast(
            why=f"only {len(tokens)} of the {FEWEST} turns it takes are there since the start or the last compaction"
        )
    seen = tokens[-_LATEST:]
    pairs = combinations(enumerate(seen), 2)
    slopes = sorted((later - earlier) / (after - before) for (before, earlier), (after, later) in pairs)
    slow, middle, fast = (slopes[round(share * (len(slopes) - 1))] for share in (0.25, 0.5, 0.75))
    room = limit - tokens[-1]
    if middle <= 0 or ceil(room / middle) > _FARTHEST:
        return Forecast(why="the context does not grow")
    largest = max(later - earlier for earlier, later in pairwise(tokens))
    late = ceil(room / slow) if slow > 0 else None
    return Forecast(
        likely=ceil(room / middle),
        earliest=ceil(room / fast),
        latest=late if late is not None and late <= _FARTHEST else None,
        not_before=ceil(room / max(largest, fast)),
        per_turn=round(middle),
    )
