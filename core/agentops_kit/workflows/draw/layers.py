"""Where the boxes of a layered drawing stand: each step below what it needs, few crossings, straight ways."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.workflows.draw import labels
from agentops_kit.workflows.draw.order import ranks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from agentops_kit.workflows.spec import Step

_SWEEPS = 8
_Spot = tuple[str, int]
"""A step in its layer, or the place where a long way passes one: ``(source>target, layer)``."""


class Route(NamedTuple):
    """A way between two boxes: the columns it passes, one for each layer from the first to the last."""

    edge: labels.Edge
    layers: tuple[int, ...]
    columns: tuple[float, ...]


@dataclass(frozen=True)
class Layout:
    """Columns and layers are counted from 0; a column may be a fraction."""

    columns: Mapping[str, float]
    layers: Mapping[str, int]
    routes: tuple[Route, ...]
    wide: float
    deep: int


def place(steps: Sequence[Step]) -> Layout:
    """Return where each step stands and how the ways lead."""
    layer = ranks(steps)
    edges = labels.edges(steps)
    deep = max(layer.values()) + 1
    grid: list[list[_Spot]] = [[] for _ in range(deep)]
    for step in steps:
        grid[layer[step.id]].append((step.id, layer[step.id]))
    above: dict[_Spot, list[_Spot]] = {}
    below: dict[_Spot, list[_Spot]] = {}
    chains: list[list[_Spot]] = []
    for edge in edges:
        chain = _chain(edge, layer)
        for spot in chain[1:-1]:
            grid[spot[1]].append(spot)
        for upper, lower in pairwise(chain):
            below.setdefault(upper, []).append(lower)
            above.setdefault(lower, []).append(upper)
        chains.append(chain)
    _uncross(grid, above, below)
    columns = _columns(grid, above, below)
    routes = tuple(
        Route(edge, tuple(spot[1] for spot in chain), tuple(columns[spot] for spot in chain))
        for edge, chain in zip(edges, chains, strict=True)
    )
    wide = max(columns.values()) + 1
    return Layout({step.id: columns[step.id, layer[step.id]] for step in steps}, layer, routes, wide, deep)


def _chain(edge: labels.Edge, layer: Mapping[str, int]) -> list[_Spot]:
    first, last = layer[edge.source], layer[edge.target]
    between = [(f"{edge.source}>{edge.target}", number) for number in range(first + 1, last)]
    return [(edge.source, first), *between, (edge.target, last)]


def _uncross(grid: list[list[_Spot]], above: dict[_Spot, list[_Spot]], below: dict[_Spot, list[_Spot]]) -> None:
    """Sort each layer by the middle of what it is joined to, downwards and upwards in turn."""
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        layers = range(1, len(grid)) if down else range(len(grid) - 2, -1, -1)
        for number in layers:
            beside = {spot: place for place, spot in enumerate(grid[number - 1 if down else number + 1])}
            grid[number].sort(key=_by_middle(above if down else below, beside, grid[number]))


def _by_middle(
    joined: Mapping[_Spot, list[_Spot]], beside: Mapping[_Spot, int], layer: Sequence[_Spot]
) -> Callable[[_Spot], float]:
    now = {spot: place for place, spot in enumerate(layer)}

    def middle(spot: _Spot) -> float:
        places = [beside[one] for one in joined.get(spot, ())]
        return sum(places) / len(places) if places else float(now[spot])

    return middle


def _columns(
    grid: Sequence[Sequence[_Spot]], above: Mapping[_Spot, list[_Spot]], below: Mapping[_Spot, list[_Spot]]
) -> dict[_Spot, float]:
    """Pull every spot to the middle of what it is joined to, without changing an order or coming too near."""
    widest = max(len(layer) for layer in grid)
    columns = {spot: place + (widest - len(layer)) / 2 for layer in grid for place, spot in enumerate(layer)}
    for sweep in range(_SWEEPS):
        joined = above if sweep % 2 == 0 else below
        for layer in grid if sweep % 2 == 0 else reversed(grid):
            _spread(layer, columns, joined)
    left = min(columns.values())
    return {spot: column - left for spot, column in columns.items()}


def _spread(layer: Sequence[_Spot], columns: dict[_Spot, float], joined: Mapping[_Spot, list[_Spot]]) -> None:
    wanted = [_mean([columns[one] for one in joined.get(spot, ())], columns[spot]) for spot in layer]
    rightwards = _apart(wanted)
    leftwards = [-one for one in reversed(_apart([-one for one in reversed(wanted)]))]
    for spot, low, high in zip(layer, leftwards, rightwards, strict=True):
        columns[spot] = (low + high) / 2


def _apart(wanted: Sequence[float]) -> list[float]:
    """Return places at least one apart, each at or right of where it is wanted."""
    found: list[float] = []
    for place in wanted:
        found.append(max(place, found[-1] + 1) if found else place)
    return found


def _mean(places: Sequence[float], otherwise: float) -> float:
    return sum(places) / len(places) if places else otherwise
