from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.costs import reserve
from agentops_kit.costs.prices import FREE, Ceiling
from agentops_kit.tokens.count import count

MONEY = st.decimals(0, 100, places=12)
PER_TOKEN = st.decimals(0, Decimal("0.001"), places=12)
PRICES = st.builds(Ceiling, PER_TOKEN, PER_TOKEN, st.decimals(0, Decimal("0.01"), places=6))


@given(left=MONEY, tokens_in=st.integers(0, 1_000_000), wanted=st.integers(1, 200_000), price=PRICES)
def test_what_is_held_is_never_more_than_what_is_left(
    left: Decimal, tokens_in: int, wanted: int, price: Ceiling
) -> None:
    made = reserve.plan(left, tokens_in, wanted, price)
    least = min(reserve.LEAST_ANSWER, wanted)

    if made is None:
        assert reserve.bound(tokens_in, least, price) > left
        return
    assert made.hold <= left
    assert made.hold == reserve.bound(tokens_in, made.max_tokens, price)
    assert least <= made.max_tokens <= wanted
    assert made.shrunk is (made.max_tokens < wanted)
    if made.shrunk:
        assert reserve.bound(tokens_in, made.max_tokens + 1, price) > left


@given(
    cap=st.decimals(0, 5, places=6),
    calls=st.lists(st.tuples(st.integers(0, 50_000), st.integers(1, 10_000), st.floats(0, 1)), max_size=30),
    price=PRICES,
)
def test_calls_within_their_plans_never_pass_a_cap(
    cap: Decimal, calls: list[tuple[int, int, float]], price: Ceiling
) -> None:
    spent = Decimal(0)
    for tokens_in, wanted, share in calls:
        made = reserve.plan(cap - spent, tokens_in, wanted, price)
        if made is not None:
            answered = int(made.max_tokens * share)
            spent += tokens_in * price.input + answered * price.output + price.call

    assert spent <= cap


@given(texts=st.lists(st.text(max_size=200), max_size=5))
def test_bytes_bound_the_tokens_of_any_text(texts: list[str]) -> None:
    bound = reserve.input_bound(texts)

    assert bound >= sum(count(text, "o200k_base") for text in texts)
    assert bound >= sum(count(text, "cl100k_base") for text in texts)


def test_what_costs_nothing_needs_nothing() -> None:
    assert reserve.plan(Decimal(0), 1_000, 500, FREE) == reserve.Plan(Decimal(0), 500, shrunk=False)


def test_an_amount_finer_than_the_grain_is_not_passed() -> None:
    price = Ceiling(Decimal(0), Decimal("1.5e-10"))

    made = reserve.plan(Decimal("7.5e-9"), 0, 100, price)

    assert made == reserve.Plan(Decimal("7e-9"), 46, shrunk=True)
