"""Money as whole billionths of a US dollar, so that sums in a database are exact."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

_SCALE = Decimal(1_000_000_000)


def units(dollars: Decimal) -> int:
    """Return an amount as whole units, rounded up: what is set aside is never less than what was asked."""
    return int((dollars * _SCALE).to_integral_value(rounding=ROUND_CEILING))


def known(dollars: Decimal | None) -> int | None:
    """Return an amount as whole units; None stays a price nobody knows."""
    return None if dollars is None else units(dollars)


def dollars(amount: int | None) -> Decimal | None:
    """Return whole units as US dollars."""
    return None if amount is None else Decimal(amount) / _SCALE
