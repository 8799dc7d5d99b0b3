"""Times as people write them."""

from __future__ import annotations

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def seconds(said: str | float) -> float:
    """Return the seconds of a number of them, or of ``"500ms"``, ``"30s"``, ``"10m"``, ``"2h"``, ``"7d"``."""
    if not isinstance(said, str):
        return float(said)
    unit = "ms" if said.endswith("ms") else said[-1]
    return round(float(said.removesuffix(unit)) * _SECONDS[unit], 6)


def optional_seconds(said: str | float | None) -> float | None:
    """Return the seconds, None when nothing is said."""
    return None if said is None else seconds(said)
