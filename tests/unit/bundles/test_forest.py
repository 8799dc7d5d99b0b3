from __future__ import annotations

import pytest

from agentops_kit.bundles.evidence import COLUMNS
from agentops_kit.bundles.forest import Tree, chance
from agentops_kit.bundles.judgement import judgement

STUMP = Tree((1,), (0.5,), (-1,), (-2,), (-1.0, 1.0))
DEEPER = Tree((0, 1), (0.0, 2.0), (1, -3), (-2, -1), (0.5, 0.25, 4.0))


def test_a_row_goes_left_up_to_the_bound_and_right_above_it() -> None:
    assert chance([STUMP], (0.0, 0.5)) == pytest.approx(1 / (1 + 2.718281828), rel=1e-6)
    assert chance([STUMP], (0.0, 0.6)) == pytest.approx(1 - 1 / (1 + 2.718281828), rel=1e-6)


def test_trees_add_up() -> None:
    assert chance([STUMP, STUMP], (0.0, 1.0)) > chance([STUMP], (0.0, 1.0))
    assert chance([DEEPER], (0.0, 2.0)) > chance([DEEPER], (0.0, 3.0))


def test_every_tree_that_is_shipped_reads_known_columns_and_ends_in_leaves() -> None:
    model = judgement()
    trees = (*model.lines, *model.definitions)
    assert trees
    for tree in trees:
        assert all(0 <= column < len(COLUMNS) for column in tree.column)
        assert len(tree.column) == len(tree.bound) == len(tree.left) == len(tree.right)
        targets = (*tree.left, *tree.right)
        assert sorted(-1 - at for at in targets if at < 0) == list(range(len(tree.leaves)))
        assert sorted(at for at in targets if at >= 0) == list(range(1, len(tree.column)))
