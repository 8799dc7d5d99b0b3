"""Decision trees read from a table: sums of small steps, learned once and shipped as numbers.

All trees are walked at once. Their leaves are bits of one long number, those of a tree side by side from left
to right; a split that a row goes to the right of strikes out the leaves on its left. What is struck out depends
for each column only on where the row's number stands among that column's bounds, so it is worked out beforehand,
and the lowest bit that is left of each tree is its leaf.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from itertools import accumulate
from operator import and_
from struct import Struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

_WIDTHS = {16: "H", 32: "I", 64: "Q"}
"""Bits that the leaves of one tree may take, with the kind of number that holds them."""


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


class Forest:
    """Trees, made ready to be asked often; of at most 64 leaves each."""

    def __init__(self, trees: Sequence[Tree]) -> None:
        """Work out for each column what is struck out by its bounds."""
        self.trees = tuple(trees)
        most = max((len(tree.leaves) for tree in self.trees), default=1)
        width = next(bits for bits in _WIDTHS if most <= bits)
        self._bits = Struct(f"<{len(self.trees)}{_WIDTHS[width]}")
        self._first = sum(1 << width * place for place in range(len(self.trees)))
        self._all = (1 << width * len(self.trees)) - 1
        self._leaves: list[dict[int, float]] = []
        splits: dict[int, list[tuple[float, int]]] = {}
        for place, tree in enumerate(self.trees):
            order, struck = _laid_out(tree)
            self._leaves.append({1 << at: tree.leaves[leaf] for at, leaf in enumerate(order)})
            for column, bound, bits in zip(tree.column, tree.bound, struck, strict=True):
                splits.setdefault(column, []).append((bound, self._all ^ bits << width * place))
        self._columns = [(column, *_steps(splits[column], self._all)) for column in sorted(splits)]

    def chance(self, row: Sequence[float]) -> float:
        """Return the trees' common estimate for a row, from 0 to 1."""
        left = self._all
        for column, bounds, masks in self._columns:
            left &= masks[bisect_left(bounds, row[column])]
        lowest = left & ~(left - self._first)  # of each tree: no borrow crosses, for a leaf is left in every one
        total = 0.0
        for leaves, bit in zip(
            self._leaves, self._bits.unpack(lowest.to_bytes(self._bits.size, "little")), strict=True
        ):
            total += leaves[bit]
        return 1 / (1 + math.exp(-total))


def _laid_out(tree: Tree) -> tuple[list[int], list[int]]:
    """Return a tree's leaves from left to right, and for each split the bits of those on its left."""
    order: list[int] = []
    left = [0] * len(tree.column)

    def walk(at: int) -> int:
        if at < 0:
            order.append(-1 - at)
            return 1 << len(order) - 1
        left[at] = walk(tree.left[at])
        return left[at] | walk(tree.right[at])

    walk(0)
    return order, left


def _steps(splits: Sequence[tuple[float, int]], whole: int) -> tuple[list[float], list[int]]:
    """Return a column's bounds, rising, and what of ``whole`` is left above none, one, two of them and so on."""
    rising = sorted(splits)
    return [bound for bound, _ in rising], list(accumulate((bits for _, bits in rising), and_, initial=whole))
