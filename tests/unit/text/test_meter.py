from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.text.meter import meter


def test_a_bar_fills_with_what_is_done() -> None:
    assert meter(0, 178_000_000) == "─" * 24 + "   0 % of 178 MB"
    assert meter(44_500_000, 178_000_000) == "━" * 6 + "─" * 18 + "  25 % of 178 MB"
    assert meter(9, 0) == ""


@given(st.integers(-5, 10**12), st.integers(1, 10**12))
def test_it_has_one_width_and_never_passes_the_end(done: int, total: int) -> None:
    bar, _, rest = meter(done, total).partition(" ")

    assert len(bar) == 24
    assert 0 <= int(rest.split("%")[0]) <= 100
