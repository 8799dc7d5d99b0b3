"""Time as something handed in: tests move it by days, and nothing else in the engine asks the system for it."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Tells the time of day."""

    def now(self) -> float:
        """Return the seconds since 1970."""
        ...


class SystemClock:
    """The machine's own."""

    def now(self) -> float:
        """Return the seconds since 1970."""
        return time.time()
