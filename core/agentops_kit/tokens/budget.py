"""The arithmetic of the 40 % rule: a share of the model's real window, and the band it lies in.

Bands: green < 35 % <= yellow < 40 % <= red < 60 % <= critical; the limit that refuses the next
phase is the lower edge of red and can be set per workspace (the bands move with it). An absolute
cap in tokens can stand beside the share; whichever comes first is the limit. No controlled study
supports 40 % exactly; it is a default, and the number is the user's.
"""

from __future__ import annotations

from collections import namedtuple

DEFAULT_WINDOW = 200_000
DEFAULT_LIMIT = 0.40
_YELLOW = 0.875  # of the limit: 35 % of 40 %
_CRITICAL = 1.5  # times the limit: 60 % of 40 %


class Use(namedtuple("Use", "tokens window window_known")):  # noqa: PYI024 - typing costs a silent hook a tenth of its time
    """Tokens in the context now, the window they count against, and whether the window is known or assumed."""

    __slots__ = ()
    tokens: int
    window: int
    window_known: bool

    @property
    def share(self) -> float:
        """Tokens over window, 0 to about 1."""
        return self.tokens / self.window


def ceiling(window: int, limit: float = DEFAULT_LIMIT, cap: int | None = None) -> int:
    """Return the tokens at which the next phase needs a fresh context: the share of the window, or a smaller cap."""
    share = window * limit
    return round(cap) if cap is not None and cap < share else round(share)


def capped(window: int, limit: float = DEFAULT_LIMIT, cap: int | None = None) -> bool:
    """Say whether the cap comes before the share."""
    return cap is not None and cap < window * limit


def band(use: Use, limit: float = DEFAULT_LIMIT, cap: int | None = None) -> str:
    """Return ``green``, ``yellow``, ``red`` or ``critical``; edges belong to the higher band."""
    first = cap if cap is not None and cap < use.window * limit else use.window * limit
    for name, factor in (("critical", _CRITICAL), ("red", 1.0), ("yellow", _YELLOW)):
        if use.tokens >= round(first * factor):
            return name
    return "green"


def over_limit(use: Use, limit: float = DEFAULT_LIMIT, cap: int | None = None) -> bool:
    """Say whether the next phase must start in a fresh context."""
    return band(use, limit, cap) in {"red", "critical"}


def sentence(use: Use, limit: float = DEFAULT_LIMIT, cap: int | None = None) -> str:
    """Return one short clause with the share, the window and the limit that comes first."""
    source = "" if use.window_known else ", assumed"
    share = f"{use.share:.0%} of {use.window:,} tokens{source}"
    if capped(use.window, limit, cap):
        return f"context is at {use.tokens:,} tokens, {share} (cap {cap:,} tokens, which comes before {limit:.0%})"
    return f"context is at {share} (limit {limit:.0%})"
