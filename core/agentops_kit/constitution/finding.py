"""What a check found, for people and for reports."""

from __future__ import annotations

from typing import Literal, NamedTuple

Level = Literal["error", "warning"]


class Finding(NamedTuple):
    """One violation: which check, where, what is wrong in a sentence, and how to mend it.

    ``line`` is 1-based, 0 when the finding concerns no line. An ``error`` breaks the rule; a
    ``warning`` is advice and never refuses anything.
    """

    check: str
    message: str
    fix: str = ""
    path: str = ""
    line: int = 0
    level: Level = "error"

    def __str__(self) -> str:
        """Return place, sentence and fix on one line."""
        place = f"{self.path}:{self.line}: " if self.path and self.line else f"{self.path}: " if self.path else ""
        return f"{place}{self.message} {self.fix}".strip()
