from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.bundles.evidence import COLUMNS
from agentops_kit.bundles.forest import Forest, Tree
from agentops_kit.bundles.judgement import judgement

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hypothesis.strategies import SearchStrategy

STUMP = Tree((1,), (0.5,), (-1,), (-2,), (-1.0, 1.0))
DEEPER = Tree((0, 1), (0.0, 2.0), (1, -3), (-2, -1), (0.5, 0.25, 4.0))


NUMBERS = st.sampled_from([-1.0, -0.5, 0.0, 0.25, 0.5, 1.0, 3.0])
COLUMN = 4


@st.composite
def trees(draw: Callable[[SearchStrategy[float]], float]) -> Tree:
    """Draw a tree by splitting leaves of it, one after another."""
    column, bound, left, right, leaves = [0], [draw(NUMBERS)], [-1], [-2], 2
    for _ in range(int(draw(st.integers(0, 20)))):
        sides, at = (left, right)[int(draw(st.integers(0, 1)))], int(draw(st.integers(0, len(column) - 1)))
        if sides[at] < 0:
            column.append(int(draw(st.integers(0, COLUMN - 1))))
            bound.append(draw(NUMBERS))
            left.append(sides[at])
            right.append(-1 - leaves)
            sides[at], leaves = len(column) - 1, leaves + 1
    steps = tuple(draw(st.floats(-2, 2)) for _ in range(leaves))
    return Tree(tuple(column), tuple(bound), tuple(left), tuple(right), steps)


def walked(forest: Sequence[Tree], row: Sequence[float]) -> float:
    """Walk each tree as its description says."""
    total = 0.0
    for tree in forest:
        at = 0
        while at >= 0:
            at = tree.left[at] if row[tree.column[at]] <= tree.bound[at] else tree.right[at]
        total += tree.leaves[-1 - at]
    return 1 / (1 + math.exp(-total))


@given(forest=st.lists(trees(), max_size=6), rows=st.lists(st.lists(NUMBERS, min_size=COLUMN, max_size=COLUMN)))
def test_all_trees_at_once_are_each_tree_walked(forest: list[Tree], rows: list[list[float]]) -> None:
    ready = Forest(forest)

    assert [ready.chance(row) for row in rows] == [walked(forest, row) for row in rows]


def test_a_row_goes_left_up_to_the_bound_and_right_above_it() -> None:
    assert Forest([STUMP]).chance((0.0, 0.5)) == pytest.approx(1 / (1 + 2.718281828), rel=1e-6)
    assert Forest([STUMP]).chance((0.0, 0.6)) == pytest.approx(1 - 1 / (1 + 2.718281828), rel=1e-6)


def test_trees_add_up() -> None:
    assert Forest([STUMP, STUMP]).chance((0.0, 1.0)) > Forest([STUMP]).chance((0.0, 1.0))
    assert Forest([DEEPER]).chance((0.0, 2.0)) > Forest([DEEPER]).chance((0.0, 3.0))


def test_every_tree_that_is_shipped_reads_known_columns_and_ends_in_leaves() -> None:
    model = judgement()
    shipped = (*model.lines.trees, *model.definitions.trees)
    assert shipped
    for tree in shipped:
        assert all(0 <= column < len(COLUMNS) for column in tree.column)
        assert len(tree.column) == len(tree.bound) == len(tree.left) == len(tree.right)
        targets = (*tree.left, *tree.right)
        assert sorted(-1 - at for at in targets if at < 0) == list(range(len(tree.leaves)))
        assert sorted(at for at in targets if at >= 0) == list(range(1, len(tree.column)))
