from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.text.intervals import Mean, mean


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_the_interval_is_inside_the_values_and_repeats(values: list[float]) -> None:
    found = mean(values)

    assert min(values) - 1e-9 <= found.low <= found.high <= max(values) + 1e-9
    assert mean(values) == found


def test_it_agrees_with_the_normal_interval_of_a_known_sample() -> None:
    found = mean([0.0, 1.0] * 50)

    assert abs(found.value - 0.5) < 1e-12
    assert abs(found.low - 0.402) < 0.02
    assert abs(found.high - 0.598) < 0.02


def test_nothing_has_no_mean() -> None:
    assert mean([]) == Mean(0.0, 0.0, 0.0, 0)
