from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.bundles.packing import GAP, Offer, Shelf

if TYPE_CHECKING:
    from collections.abc import Sequence


def pack(offers: Sequence[Offer], opening: Sequence[int], room: int, first: Sequence[int] = ()) -> tuple[int, ...]:
    return Shelf(offers, opening, first).fill(room)


def test_what_is_worth_most_a_token_comes_first() -> None:
    offers = [Offer(0, 1, 9, 1.0, 100), Offer(0, 20, 20, 0.5, 5), Offer(1, 1, 1, 0.0, 1)]
    assert pack(offers, [10, 10], 200) == (1, 0)


def test_what_does_not_fit_is_passed_over_for_what_does() -> None:
    offers = [Offer(0, 1, 9, 9.0, 100), Offer(0, 20, 20, 0.01, 5)]
    assert pack(offers, [10], 30) == (1,)


def test_the_line_that_names_a_definition_comes_along() -> None:
    offers = [Offer(0, 1, 1, 0.0001, 5), Offer(0, 4, 9, 1.0, 20, along=0)]
    assert pack(offers, [0], 60) == (1, 0)
    assert pack(offers, [0], 25) == (0,)


def test_neighbours_share_their_mark() -> None:
    offers = [Offer(0, 1, 2, 1.0, 10), Offer(0, 3, 4, 0.9, 10), Offer(0, 9, 9, 0.1, 10)]
    assert pack(offers, [0], 20 + GAP) == (0, 1)


def test_some_are_taken_before_all_others() -> None:
    offers = [Offer(0, 1, 1, 5.0, 10), Offer(1, 1, 1, 0.1, 10)]
    assert pack(offers, [0, 0], 15, first=[1]) == (1,)


OFFERS = st.lists(
    st.builds(
        Offer,
        st.integers(0, 3),
        st.integers(1, 50),
        st.integers(1, 50),
        st.floats(0, 1),
        st.integers(1, 40),
        st.just(-1),
    ),
    max_size=30,
)


@given(offers=OFFERS, room=st.integers(0, 300))
def test_nothing_is_chosen_twice_and_the_tokens_of_the_lines_fit(offers: list[Offer], room: int) -> None:
    chosen = pack(offers, [5] * 4, room)
    assert len(set(chosen)) == len(chosen)
    assert sum(offers[place].cost for place in chosen) <= max(room + 2 * GAP * len(chosen), 0)
