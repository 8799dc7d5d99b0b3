"""Decision trees read from a table: sums of small steps, learned once and shipped as numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class Tree(NamedTuple):
    """Splits and leaves of one tree.

    At split ``i`` a row goes to ``left[i]`` when its number ``column[i]`` is at most ``bound[i]``, else to
    ``right[i]``; a negative place ``-1 - j`` is leaf ``j``.
    """

    column: tuple[int, ...]
    bound: tuple[float, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    leaves: tuple[float, ...]


def chance(trees: Sequence[Tree], row: Sequence[float]) -> float:
    """Return the trees' common estimate for a row, from 0 to 1."""
    total = 0.0
    for column, bound, left, right, leaves in trees:
        at = 0
        while at >= 0:
            at = left[at] if row[column[at]] <= bound[at] else right[at]
        total += leaves[-1 - at]
    return 1 / (1 + math.exp(-total))
