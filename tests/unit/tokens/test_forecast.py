from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.tokens.forecast import FEWEST, Forecast, forecast


def test_steady_growth_is_told_to_the_turn() -> None:
    told = forecast(range(10_000, 20_000, 1_000), 30_000)

    assert told == Forecast(likely=11, earliest=11, latest=11, not_before=11, per_turn=1_000)
    assert told.words(10) == (
        "At about 1,000 tokens a turn the limit is crossed near turn 21 (range 21 to 21), not before turn 21."
    )


def test_one_huge_file_does_not_move_the_prediction_but_the_promise() -> None:
    steady = list(range(10_000, 30_000, 1_000))
    jumped = [*steady[:15], *(tokens + 8_000 for tokens in steady[15:])]

    told = forecast(jumped, 80_000)

    assert told.per_turn is not None
    assert told.per_turn < 2_500
    assert told.not_before is not None
    assert told.likely is not None
    assert told.not_before < told.likely


@pytest.mark.parametrize(
    ("tokens", "why"),
    [
        ([], f"only 0 of the {FEWEST} turns"),
        ([1, 2, 3, 4], f"only 4 of the {FEWEST} turns"),
        ([5_000] * 9, "does not grow"),
        ([9_000, 8_000, 7_000, 6_000, 5_000], "does not grow"),
        ([10_000, 90_000], "is crossed already"),
    ],
)
def test_what_cannot_be_told_is_said(tokens: list[int], why: str) -> None:
    told = forecast(tokens, 80_000)

    assert told.likely is None
    assert why in told.words(len(tokens))


def test_growth_that_may_stop_has_no_upper_end() -> None:
    told = forecast([1_000, 1_000, 1_000, 1_000, 1_000, 1_000, 4_000, 6_000, 8_000, 9_000], 80_000)

    assert told.latest is None
    assert " to never)" in told.words(10)


@given(st.lists(st.integers(1, 1_000_000), max_size=40), st.integers(1, 2_000_000))
def test_a_forecast_is_in_order_and_in_the_future(tokens: list[int], limit: int) -> None:
    told = forecast(tokens, limit)

    if told.likely is None:
        assert told.why
        return
    assert told.not_before is not None
    assert told.earliest is not None
    assert 1 <= told.not_before <= told.earliest <= told.likely
    assert told.latest is None or told.likely <= told.latest
