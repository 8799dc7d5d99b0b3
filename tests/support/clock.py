"""A clock that a test moves: what a gate does after a week is seen in a moment."""

from __future__ import annotations

import time


class MovedClock:
    """The machine's own, ahead by ``seconds``, which may be changed at any time."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> float:
        """Return the seconds since 1970, moved."""
        return time.time() + self.seconds
