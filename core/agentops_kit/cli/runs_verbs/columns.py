"""Rows below their headers, each cell whole: an id that is broken over two lines cannot be copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.cli import show

if TYPE_CHECKING:
    from collections.abc import Sequence


def say(headers: Sequence[str], found: Sequence[Sequence[object]]) -> None:
    """Print rows below their headers; what stands last may be long."""
    cells = [list(headers), *([str(cell) for cell in row] for row in found)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(headers) - 1)]
    for row in cells:
        ahead = (cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        show.say("  ".join((*ahead, row[-1])).rstrip())
