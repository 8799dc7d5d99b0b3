"""How much to set aside before a call, so that a cap is never passed: arithmetic of upper bounds, nothing else.

A call costs at most ``input x dearest price in + max_tokens x price out``. A tokenizer that works on bytes, as all of
these do, never makes more tokens than the text has bytes in UTF-8, so bytes bound the input of any model; the answer
is bounded by the ``max_tokens`` that is always sent with the request. Money is rounded up to a billionth of a dollar.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentops_kit.costs.prices import Ceiling

GRAIN = Decimal("0.000000001")
MESSAGE_TOKENS = 16
"""What a service may add around one message: its role and the marks before and after it."""
CALL_TOKENS = 64
"""What a service may add around a whole request."""
LEAST_ANSWER = 16
"""Fewer tokens than this are no answer worth its price."""


class Plan(NamedTuple):
    """A call that can be afforded: ``hold`` in US dollars, and the ``max_tokens`` to send with it."""

    hold: Decimal
    max_tokens: int
    shrunk: bool
    """Whether the purse allows a shorter answer than was wanted."""


def input_bound(texts: Sequence[str]) -> int:
    """Return a number of tokens that these messages never exceed, whatever the model's tokenizer."""
    size = sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)
    return size + MESSAGE_TOKENS * len(texts) + CALL_TOKENS


def bound(tokens_in: int, tokens_out: int, price: Ceiling) -> Decimal:
    """Return the most that a call with at most so many tokens may cost, in US dollars."""
    exact = tokens_in * price.input + tokens_out * price.output + price.call
    return exact.quantize(GRAIN, ROUND_CEILING)


def plan(left: Decimal, tokens_in: int, wanted: int, price: Ceiling) -> Plan | None:
    """Return what to hold and how long an answer to allow; None when not even a short one can be afforded.

    ``left`` is what the purse still has, ``wanted`` the answer's length in tokens that the step would like.
    """
    whole = bound(tokens_in, wanted, price)
    if whole <= left:
        return Plan(whole, wanted, shrunk=False)
    least = min(LEAST_ANSWER, wanted)
    if bound(tokens_in, least, price) > left:
        return None
    room = left - tokens_in * price.input - price.call
    affordable = min(wanted, int(room / price.output))
    while bound(tokens_in, affordable, price) > left:
        affordable -= 1  # a division that was rounded up, at most once
    return Plan(bound(tokens_in, affordable, price), affordable, shrunk=True)
