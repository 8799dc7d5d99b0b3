"""Gradient-boosted trees over binned columns, in numpy: shares from 0 to 1 are fitted by cross entropy.

Trees grow leaf by leaf, always where the loss falls most. Every tree sees a part of the rows and of the columns;
which ones depends on ``seed`` alone, so the same data give the same trees.
"""

from __future__ import annotations

import heapq
import itertools
from dataclasses import dataclass

import numpy as np

from agentops_kit.bundles.forest import Tree

_SURE = 1e-6


@dataclass(frozen=True)
class Growth:
    """How trees are grown: ``least`` rows a leaf, ``ridge`` on leaf values, shares of rows and columns a tree sees."""

    trees: int = 120
    leaves: int = 15
    rate: float = 0.06
    least: int = 100
    ridge: float = 5.0
    rows: float = 0.7
    columns: float = 0.5
    bins: int = 63
    seed: int = 1


@dataclass(frozen=True)
class _Split:
    gain: float
    column: int
    bin: int


def fit(values: np.ndarray, shares: np.ndarray, weights: np.ndarray, growth: Growth) -> list[Tree]:
    """Return trees whose summed leaves are the log odds of ``shares``; ``values`` has a row of numbers for each."""
    chooser = np.random.default_rng(growth.seed)
    bounds = [_bounds(values[:, column], growth.bins) for column in range(values.shape[1])]
    codes = [np.searchsorted(held, values[:, at], side="left").astype(np.uint8) for at, held in enumerate(bounds)]
    mean = float(np.clip(np.average(shares, weights=weights), _SURE, 1 - _SURE))
    odds = np.full(len(shares), np.log(mean / (1 - mean)))
    start = float(odds[0]) if len(odds) else 0.0
    found: list[Tree] = []
    for number in range(growth.trees):
        chance = 1 / (1 + np.exp(-odds))
        slopes, curves = (chance - shares) * weights, chance * (1 - chance) * weights
        seen = np.flatnonzero(chooser.random(len(shares)) < growth.rows)
        wide = max(1, round(growth.columns * values.shape[1]))
        columns = np.sort(chooser.permutation(values.shape[1])[:wide])
        grown = _Grown(codes, slopes, curves, columns, growth)
        grown.grow(seen)
        odds += grown.predict(len(odds))
        found.append(grown.tree(bounds, start if number == 0 else 0.0))
    return found


def _bounds(column: np.ndarray, bins: int) -> np.ndarray:
    """Return the values that part a column into bins: halfway between neighbours, at even shares of the rows."""
    known = np.unique(column)
    if len(known) > bins:
        known = np.unique(np.quantile(column, np.linspace(0, 1, bins), method="lower"))
    return ((known[:-1].astype(float) + known[1:].astype(float)) / 2) if len(known) > 1 else np.zeros(0)


class _Grown:
    """One tree while it grows: nodes by number, with the split or the value of each."""

    def __init__(
        self, codes: list[np.ndarray], slopes: np.ndarray, curves: np.ndarray, columns: np.ndarray, growth: Growth
    ) -> None:
        self._codes, self._slopes, self._curves = codes, slopes, curves
        self._columns, self._growth = columns, growth
        self._splits: dict[int, _Split] = {}
        self._below: dict[int, tuple[int, int]] = {}
        self._values: dict[int, float] = {}

    def grow(self, rows: np.ndarray) -> None:
        """Split leaf after leaf, the one that gains most first."""
        number = itertools.count(1)
        sums = self._sums(rows)
        self._values[0] = self._value(rows)
        queue: list[tuple[float, int, _Split, np.ndarray, np.ndarray]] = []
        self._offer(queue, 0, rows, sums)
        while queue and len(self._values) < self._growth.leaves:
            _, node, split, rows, sums = heapq.heappop(queue)
            goes = self._codes[split.column][rows] <= split.bin
            parts = (rows[goes], rows[~goes])
            small = int(len(parts[1]) < len(parts[0]))
            counted = self._sums(parts[small])
            rest = sums - counted
            below = (next(number), next(number))
            self._splits[node], self._below[node] = split, below
            del self._values[node]
            for side in (0, 1):
                self._values[below[side]] = self._value(parts[side])
                self._offer(queue, below[side], parts[side], counted if side == small else rest)

    def _sums(self, rows: np.ndarray) -> np.ndarray:
        """Return slopes, curves and counts of some rows by column and bin."""
        bins = self._growth.bins + 1
        slopes, curves = self._slopes[rows], self._curves[rows]
        found = np.empty((3, len(self._columns), bins))
        for at, column in enumerate(self._columns):
            codes = self._codes[column][rows].astype(np.intp)
            found[0, at] = np.bincount(codes, slopes, bins)
            found[1, at] = np.bincount(codes, curves, bins)
            found[2, at] = np.bincount(codes, minlength=bins)
        return found

    def _value(self, rows: np.ndarray) -> float:
        slope, curve = float(self._slopes[rows].sum()), float(self._curves[rows].sum())
        return -self._growth.rate * slope / (curve + self._growth.ridge)

    def _offer(
        self,
        queue: list[tuple[float, int, _Split, np.ndarray, np.ndarray]],
        node: int,
        rows: np.ndarray,
        sums: np.ndarray,
    ) -> None:
        """Queue a leaf with its best split, if any gains."""
        least, ridge = self._growth.least, self._growth.ridge
        if len(rows) < 2 * least:
            return
        left = np.cumsum(sums, axis=2)
        whole = left[:, :, -1:]
        right = whole - left
        gain = left[0] ** 2 / (left[1] + ridge) + right[0] ** 2 / (right[1] + ridge)
        gain -= whole[0] ** 2 / (whole[1] + ridge)
        gain[(left[2] < least) | (right[2] < least)] = 0.0
        at = int(np.argmax(gain))
        column, place = divmod(at, gain.shape[1])
        if gain[column, place] > _SURE:
            split = _Split(float(gain[column, place]), int(self._columns[column]), place)
            heapq.heappush(queue, (-split.gain, node, split, rows, sums))

    def predict(self, count: int) -> np.ndarray:
        """Return the tree's value for every row."""
        found = np.zeros(count)
        todo = [(0, np.arange(count))]
        while todo:
            node, rows = todo.pop()
            if node in self._values:
                found[rows] = self._values[node]
            else:
                goes = self._codes[self._splits[node].column][rows] <= self._splits[node].bin
                todo += list(zip(self._below[node], (rows[goes], rows[~goes]), strict=True))
        return found

    def tree(self, bounds: list[np.ndarray], start: float) -> Tree:
        """Return the tree as the kit reads it, ``start`` added to every leaf."""
        order = sorted(self._splits)
        place = {node: at for at, node in enumerate(order)}
        leaves = sorted(self._values)
        place |= {node: -1 - at for at, node in enumerate(leaves)}
        held = [self._splits[node] for node in order]
        if not order:  # nothing to split on: both ways lead to the one leaf
            return Tree((0,), (0.0,), (-1,), (-1,), (_short(self._values[0] + start),))
        return Tree(
            tuple(split.column for split in held),
            tuple(_short(float(bounds[split.column][split.bin])) for split in held),
            tuple(place[self._below[node][0]] for node in order),
            tuple(place[self._below[node][1]] for node in order),
            tuple(round(self._values[node] + start, 4) for node in leaves),
        )


def _short(value: float) -> float:
    return float(f"{value:.8g}")


def predict(trees: list[Tree], values: np.ndarray) -> np.ndarray:
    """Return the trees' estimates from 0 to 1 for many rows at once."""
    total = np.zeros(len(values))
    for column, bound, left, right, leaves in trees:
        at = np.zeros(len(values), int)
        ends = np.array(leaves)
        columns, bounds, lefts, rights = map(np.array, (column, bound, left, right))
        going = np.arange(len(values))
        while len(going):
            here = at[going]
            goes = values[going, columns[here]] <= bounds[here]
            at[going] = np.where(goes, lefts[here], rights[here])
            going = going[at[going] >= 0]
        total += ends[-1 - at]
    return 1 / (1 + np.exp(-total))
