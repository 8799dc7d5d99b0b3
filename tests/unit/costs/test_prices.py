from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.costs import prices, reserve
from agentops_kit.costs.prices import Offer, Rate
from agentops_kit.errors import ContentInvalid
from agentops_kit.models.base import Usage

if TYPE_CHECKING:
    from pathlib import Path

MILLION = 1_000_000


def dollars(provider: str, model: str, usage: Usage, address: str = "") -> Decimal | None:
    return prices.cost(Offer(provider, model, address), usage, {})


def test_cached_tokens_have_their_own_price() -> None:
    plain = dollars("anthropic", "claude-haiku-4-5", Usage(MILLION))
    read = dollars("anthropic", "claude-haiku-4-5", Usage(MILLION, cache_read=MILLION))
    written = dollars("anthropic", "claude-haiku-4-5", Usage(MILLION, cache_write=MILLION))

    assert (plain, read, written) == (Decimal(1), Decimal("0.1"), Decimal("1.25"))


def test_input_and_output_are_both_paid() -> None:
    assert dollars("openai", "gpt-4o", Usage(1_000, 100)) == Decimal("0.0035")
    assert dollars("azure", "gpt-4o", Usage(1_000, 100)) == Decimal("0.0035")


@pytest.mark.parametrize(
    ("provider", "model"), [("openai", "gpt-77-nobody-knows"), ("azure", "our-deployment"), ("compatible", "gpt-4o")]
)
def test_what_nobody_knows_the_price_of_is_unknown_and_never_nothing(provider: str, model: str) -> None:
    address = "http://127.0.0.1:8000/v1" if provider == "compatible" else ""
    offer = Offer(provider, model, address)

    assert prices.cost(offer, Usage(1, 1), {}) is None
    assert prices.ceiling(offer, {}) is None


def test_a_known_service_is_known_by_its_address() -> None:
    cost = dollars("compatible", "openai/gpt-4o", Usage(MILLION), "https://openrouter.ai/api/v1")

    assert cost is not None
    assert cost > 0


@pytest.mark.parametrize(
    ("offer", "free"),
    [
        (Offer("scripted", "gpt-4o"), True),
        (Offer("ollama", "llama3:8b", "http://127.0.0.1:11434/v1"), True),
        (Offer("ollama", "gpt-oss:120b-cloud", "http://127.0.0.1:11434/v1"), False),
        (Offer("ollama", "gpt-oss:120b", "https://ollama.com/v1"), False),
        (Offer("compatible", "llama3"), False),
    ],
)
def test_only_what_runs_here_is_free(offer: Offer, free: bool) -> None:
    assert (prices.cost(offer, Usage(1, 1), {}) == 0) is free
    assert (prices.ceiling(offer, {}) == prices.FREE) is free


def test_a_workspaces_own_price_stands_before_all(tmp_path: Path) -> None:
    file = tmp_path / prices.FILE
    file.parent.mkdir()
    file.write_text("llama: {input: 0.5, output: 1.5, cache_read: 0.1, cache_write: 1}\nbig: {input: 1, output: 2}\n")
    own = prices.read(tmp_path)
    usage = Usage(3 * MILLION, MILLION, MILLION, MILLION)

    assert prices.cost(Offer("ollama", "llama"), usage, own) == Decimal("3.1")
    assert prices.cost(Offer("compatible", "big"), usage, own) == Decimal(5)
    assert prices.ceiling(Offer("ollama", "llama"), own) == prices.Ceiling(Decimal("1e-6"), Decimal("1.5e-6"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [", "cannot be read"),
        ("[]\n", ""),
        ("[1]", "no mapping"),
        ("llama: 5", "needs `input` and `output`"),
        ("llama: {input: 1}", "needs `input` and `output`"),
        ("llama: {input: 1, output: 2, extra: 3}", "needs `input` and `output`"),
        ("llama: {input: -1, output: 2}", "no price"),
        ("llama: {input: .inf, output: 2}", "no price"),
        ("llama: {input: true, output: 2}", "no price"),
    ],
)
def test_a_price_list_that_cannot_be_read_is_refused(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / prices.FILE
    file.parent.mkdir()
    file.write_text(text, encoding="utf-8")
    if not words:
        assert prices.read(tmp_path) == {}
        return

    with pytest.raises(ContentInvalid) as refused:
        prices.read(tmp_path)

    assert words in str(refused.value)


def test_a_workspace_without_a_price_list_has_none(tmp_path: Path) -> None:
    assert prices.read(tmp_path) == {}


def tabled() -> list[Offer]:
    from genai_prices.data_snapshot import get_snapshot

    ours = {"openai", "azure", "anthropic", "google"}
    return [Offer(one.id, model.id) for one in get_snapshot().providers if one.id in ours for model in one.models]


TOKENS = st.integers(0, 400_000)


@given(offer=st.sampled_from(tabled()), counts=st.tuples(TOKENS, TOKENS, TOKENS, TOKENS), slack=st.integers(0, 50_000))
def test_no_call_costs_more_than_its_bound(offer: Offer, counts: tuple[int, int, int, int], slack: int) -> None:
    plain, read, written, answered = counts
    usage = Usage(plain + read + written, answered, read, written)
    ceiling = prices.ceiling(offer, {})
    cost = prices.cost(offer, usage, {})

    assert ceiling is not None
    assert cost is not None
    assert cost <= reserve.bound(usage.input + slack, usage.output + slack, ceiling)


RATES = st.decimals(0, 100, places=4)


@given(
    rate=st.builds(Rate, RATES, RATES, st.none() | RATES, st.none() | RATES),
    counts=st.tuples(TOKENS, TOKENS, TOKENS, TOKENS),
)
def test_no_call_at_ones_own_price_costs_more_than_its_bound(rate: Rate, counts: tuple[int, int, int, int]) -> None:
    plain, read, written, answered = counts
    usage = Usage(plain + read + written, answered, read, written)
    offer = Offer("compatible", "ours")
    ceiling = prices.ceiling(offer, {"ours": rate})
    cost = prices.cost(offer, usage, {"ours": rate})

    assert ceiling is not None
    assert cost is not None
    assert cost <= reserve.bound(usage.input, usage.output, ceiling)
