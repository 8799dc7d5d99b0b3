from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.tokens.budget import Use, band, capped, ceiling, over_limit, sentence


@pytest.mark.parametrize("scale", [1, 5])
@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        (0, "green"),
        (69_999, "green"),
        (70_000, "yellow"),
        (79_999, "yellow"),
        (80_000, "red"),
        (119_999, "red"),
        (120_000, "critical"),
        (500_000, "critical"),
    ],
)
def test_an_edge_belongs_to_the_higher_band(tokens: int, expected: str, scale: int) -> None:
    use = Use(tokens * scale, 200_000 * scale, window_known=True)
    assert band(use) == expected
    assert over_limit(use) == (expected in {"red", "critical"})


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        (349_999, "green"),
        (350_000, "yellow"),
        (399_999, "yellow"),
        (400_000, "red"),
        (599_999, "red"),
        (600_000, "critical"),
    ],
)
def test_the_same_shares_of_a_million(tokens: int, expected: str) -> None:
    assert band(Use(tokens, 1_000_000, window_known=True)) == expected


def test_the_bands_move_with_the_limit() -> None:
    use = Use(100_000, 200_000, window_known=True)
    assert [band(use, limit) for limit in (0.3, 0.4, 0.5, 0.55, 0.6)] == ["critical", "red", "red", "yellow", "green"]


@given(st.integers(0, 2_000_000), st.integers(1, 2_000_000), st.floats(0.01, 1))
def test_more_tokens_never_lower_the_band(tokens: int, window: int, limit: float) -> None:
    order = ["green", "yellow", "red", "critical"]
    now, more = (band(Use(count, window, window_known=True), limit) for count in (tokens, tokens + 1))
    assert order.index(more) >= order.index(now)


def test_the_sentence_says_when_the_window_is_assumed() -> None:
    assert (
        sentence(Use(90_000, 200_000, window_known=False)) == "context is at 45% of 200,000 tokens, assumed (limit 40%)"
    )
    assert sentence(Use(90_000, 200_000, window_known=True), 0.5) == "context is at 45% of 200,000 tokens (limit 50%)"


def test_a_cap_is_the_limit_where_it_comes_first() -> None:
    use = Use(90_000, 1_000_000, window_known=True)
    assert (ceiling(1_000_000, 0.4, 100_000), ceiling(200_000, 0.4, 100_000), ceiling(200_000)) == (
        100_000,
        80_000,
        80_000,
    )
    assert (capped(1_000_000, 0.4, 100_000), capped(200_000, 0.4, 100_000)) == (True, False)
    assert [band(use._replace(tokens=one), 0.4, 100_000) for one in (87_499, 87_500, 100_000, 150_000)] == [
        "green",
        "yellow",
        "red",
        "critical",
    ]
    assert not over_limit(use, 0.4, 100_000)
    assert sentence(use, 0.4, 100_000) == (
        "context is at 90,000 tokens, 9% of 1,000,000 tokens (cap 100,000 tokens, which comes before 40%)"
    )
    assert sentence(use, 0.4, 500_000) == "context is at 9% of 1,000,000 tokens (limit 40%)"
