"""Windows of models by name, for a transcript that does not say its model's.

What the assistant itself says (status line, result JSON, its own transcript) always comes first.
A name here is taken from what a client of that date says or carries in its own table; a vendor
can offer the same name with a larger window, so a window from here is no more than likely.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

DATE = "2026-11-21"
Basis = Literal["reported", "table"]


class Known(NamedTuple):
    """A window in tokens, the names it holds for, and where it was seen on ``DATE``."""

    pattern: re.Pattern[str]
    window: int
    basis: Basis
    """``reported``: a client said it of a request it made; ``table``: it stands in a client's own table."""
    seen_in: str


def _known(pattern: str, window: int, basis: Basis, seen_in: str) -> Known:
    return Known(re.compile(pattern), window, basis, seen_in)


TABLE = (
    _known(r"claude-.*\[1m\]$", 1_000_000, "reported", "Claude Code 2.1.197"),
    _known(r"claude-(opus|sonnet|haiku|fable)-", 200_000, "reported", "Claude Code 2.1.197"),
    _known(r"claude-", 200_000, "table", "Qwen Code 0.15.10"),
    _known(r"gpt-5\.5$", 258_400, "reported", "Codex 0.169.0"),
    _known(r"gpt-6\.1-terra", 500_000, "table", "Codex 0.169.0"),
    _known(r"gpt-[56]", 272_000, "table", "Codex 0.169.0"),
    _known(r"gpt-", 131_072, "table", "Qwen Code 0.15.10"),
    _known(r"o\d", 200_000, "table", "Qwen Code 0.15.10"),
    _known(r"gemini-", 1_048_576, "table", "Gemini CLI 0.61.0"),
    _known(r"(qwen3-coder-(plus|flash)|qwen3\.\d|coder-model$)", 1_000_000, "table", "Qwen Code 0.15.10"),
    _known(r"qwen", 262_144, "table", "Qwen Code 0.15.10"),
    _known(r"deepseek-v4", 1_000_000, "table", "Qwen Code 0.15.10"),
    _known(r"deepseek", 131_072, "table", "Qwen Code 0.15.10"),
    _known(r"kimi-", 262_144, "table", "Qwen Code 0.15.10"),
)
"""The first pattern that a name begins with holds."""


def known(model: str) -> Known | None:
    """Return what is known of a model's window by its name, None for a name the table does not have."""
    name = model.rpartition("/")[2].lower()
    return next((entry for entry in TABLE if entry.pattern.match(name)), None)
