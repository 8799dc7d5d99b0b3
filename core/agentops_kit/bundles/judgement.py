"""How much each signal counts: numbers learned from the histories of public repositories.

``judgement.json`` holds two linear models over files, and trees over blocks of lines; ``scripts/judgement`` writes
it. What each was learned from, and how well it does, is said in docs/evidence.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from agentops_kit.bundles.forest import Forest, Tree

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_TABLE = Path(__file__).with_name("judgement.json")


@dataclass(frozen=True)
class Linear:
    """A weight for each column, to be multiplied with its values and added up."""

    weights: Mapping[str, float]

    def scores(self, columns: Mapping[str, Sequence[float]], rows: Sequence[int]) -> list[float]:
        """Return a score for each of some rows."""
        found = [0.0] * len(rows)
        for name, weight in self.weights.items():
            column = columns[name]
            found = [value + weight * column[row] for value, row in zip(found, rows, strict=True)]
        return found


@dataclass(frozen=True)
class Judgement:
    """Models of which file is meant, before and after it is opened, and of which lines and definitions are.

    ``definition`` is the worth of a definition's naming line against that of all lines that change; ``shares``
    how much what a file's blocks are expected to hold, as a logarithm, moves the file among the opened ones.
    """

    files: Linear
    opened: Linear
    lines: Forest
    definitions: Forest
    definition: float
    shares: float


@cache
def judgement() -> Judgement:
    """Return what was learned."""
    held = json.loads(_TABLE.read_bytes())
    return Judgement(
        Linear(held["files"]),
        Linear(held["opened"]),
        Forest([Tree(*map(tuple, tree)) for tree in held["lines"]]),
        Forest([Tree(*map(tuple, tree)) for tree in held["definitions"]]),
        held["worth"]["definition"],
        held["worth"]["shares"],
    )
