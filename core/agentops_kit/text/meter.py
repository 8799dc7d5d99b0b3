"""A progress bar as text."""

from __future__ import annotations

_CELLS = 24


def meter(done: int, total: int) -> str:
    """Return how far ``done`` of ``total`` bytes is, as a bar with per cent and megabytes; ``""`` for a total of 0."""
    if total <= 0:
        return ""
    part = min(max(done, 0), total)
    full = part * _CELLS // total
    return f"{'━' * full}{'─' * (_CELLS - full)} {part * 100 // total:3} % of {total / 1e6:,.0f} MB"
