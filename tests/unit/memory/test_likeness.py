from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.memory.likeness import NEAR, SAME, likeness

PAIRS = yaml.safe_load((Path(__file__).parents[2] / "support" / "learning_pairs.yaml").read_text("utf-8"))


def measured(half: int) -> tuple[int, int, int]:
    """Return how many same pairs are taken for the same, how many different ones are, and how many are the same."""
    pairs = [(likeness(pair["a"], pair["b"]) >= SAME, pair["same"]) for pair in PAIRS[half::2]]
    return (
        sum(said and same for said, same in pairs),
        sum(said and not same for said, same in pairs),
        sum(same for _, same in pairs),
    )


def test_there_are_enough_labelled_pairs() -> None:
    assert len(PAIRS) >= 60
    assert sum(pair["same"] for pair in PAIRS) == len(PAIRS) // 2


@pytest.mark.parametrize(("half", "least"), [(0, 15), (1, 14)], ids=["chosen on", "held out"])
def test_no_different_pattern_is_taken_for_the_same(half: int, least: int) -> None:
    taken, wrongly, same = measured(half)
    assert (wrongly, same) == (0, 21)
    assert taken >= least


def test_most_different_patterns_are_not_even_near() -> None:
    different = [likeness(pair["a"], pair["b"]) for pair in PAIRS if not pair["same"]]
    assert sum(found < NEAR for found in different) >= 0.8 * len(different)


def test_the_opposite_in_the_same_words_is_near_and_not_the_same() -> None:
    one = "Retry on 503. Retry a call that answers 503 with backoff, for the gateway drains."
    assert NEAR <= likeness(one, one.replace("Retry a", "Never retry a")) < SAME


@given(st.text(), st.text())
def test_likeness_is_symmetric_and_within_bounds(one: str, other: str) -> None:
    assert 0 <= likeness(one, other) == likeness(other, one) <= 1


@given(st.text(min_size=1))
def test_a_text_is_like_itself(text: str) -> None:
    assert likeness(text, text) in {0.0, 1.0}
