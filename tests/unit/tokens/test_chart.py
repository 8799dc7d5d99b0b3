from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from agentops_kit.tokens.chart import Mark, draw, short


def test_columns_rise_to_the_limit_and_marks_stand_below() -> None:
    tokens = [10_000, 20_000, 40_000, 80_000, 90_000, 15_000]

    lines = draw(tokens, 80_000, [Mark(0, "R", "research"), Mark(5, "×", "compaction (auto)")], width=40)

    assert lines == [
        "  80k ┤╌╌╌▃█╌",
        "      │   ██",
        "      │   ██",
        "      │  ▅██",
        "      │ ▃███",
        "      │▅█████",
        "      └R    ×",
        "       R research  × compaction (auto)",
    ]


def test_a_session_far_below_the_limit_is_drawn_low() -> None:
    lines = draw([1_000, 2_000], 80_000, width=40)

    assert lines[0] == "  80k ┤╌╌"
    assert lines[5] == "      │▁▁"


def test_several_answers_share_a_column_and_the_fullest_counts() -> None:
    lines = draw([1] * 500 + [100] + [1] * 500, 50, width=30)

    assert max(len(line) for line in lines) <= 30
    assert "█" in lines[0]


def test_a_very_narrow_terminal_gets_the_columns_alone() -> None:
    assert draw([1, 4, 8], 100, [Mark(0, "R", "research")], width=9) == ["▁▄█"]
    assert draw([], 100, width=80) == []
    assert draw([1], 100, width=0) == []


@given(
    st.lists(st.integers(0, 10**12), max_size=300),
    st.integers(1, 10**12),
    st.lists(
        st.builds(Mark, st.integers(-5, 400), st.sampled_from("RPI×"), st.text("abc ()", max_size=200)), max_size=9
    ),
    st.integers(0, 200),
)
def test_no_line_is_wider_than_the_terminal(tokens: list[int], limit: int, marks: list[Mark], width: int) -> None:
    assert all(cell_len(line) <= width for line in draw(tokens, limit, marks, width=width))


@pytest.mark.parametrize(
    ("tokens", "said"),
    [(0, "0"), (999, "999"), (1_000, "1k"), (80_400, "80k"), (999_500, "1M"), (1_200_000, "1M"), (10**9, "≥ 1G")],
)
def test_counts_are_short(tokens: int, said: str) -> None:
    assert short(tokens) == said
