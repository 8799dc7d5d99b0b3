"""Use of a context over time as a small chart of block characters, each line within the terminal's width."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

HEIGHT = 6
_FULL = 999.5  # of a unit, before the next one is used
_BLOCKS = " ▁▂▃▄▅▆▇█"
_AXIS = 7  # columns of the scale: a number, and its tick
_NARROWEST = _AXIS + 8


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened before the answer with this index: a phase began, or the context was compacted."""

    turn: int
    sign: str
    """One character that stands in the line below the columns."""
    label: str


def draw(tokens: Sequence[int], limit: int, marks: Sequence[Mark] = (), *, width: int = 80) -> list[str]:
    """Return the chart's lines: columns of tokens for the answers, the limit, the marks, and what they mean.

    Several answers share a column when there are more of them than columns; the fullest counts.
    No line is wider than ``width``; a terminal too narrow for a scale gets the columns alone.
    """
    if not tokens or width < 1:
        return []
    if width < _NARROWEST:
        return [_row(_columns(tokens, width), 0, max(tokens), height=1)]
    columns = _columns(tokens, width - _AXIS)
    top = max(*columns, limit)
    level = min(HEIGHT - 1, max(0, (limit * HEIGHT - 1) // top))
    lines = []
    for row in reversed(range(HEIGHT)):
        scale = short(limit) if row == level else short(top) if row == HEIGHT - 1 else ""
        drawn = _row(columns, row, top)
        if row == level:
            drawn = "".join(one if one != " " else "╌" for one in drawn.ljust(len(columns)))
        lines.append(f"{scale:>{_AXIS - 2}} {'┤' if scale else '│'}{drawn}"[:width].rstrip())
    return [*lines, *_below(marks, len(tokens), len(columns), width)]


def short(tokens: int) -> str:
    """Return a count of tokens in at most four characters: 950, 80k, 12M."""
    for unit, sign in ((1, ""), (1_000, "k"), (1_000_000, "M")):
        if tokens < _FULL * unit:
            return f"{round(tokens / unit)}{sign}"
    return "≥ 1G"


def _columns(tokens: Sequence[int], most: int) -> list[int]:
    """Return the fullest answer of each column."""
    count = min(len(tokens), most)
    edges = [number * len(tokens) // count for number in range(count + 1)]
    return [max(tokens[start:end]) for start, end in pairwise(edges)]


def _row(columns: Sequence[int], row: int, top: int, height: int = HEIGHT) -> str:
    """Return one row of blocks, row 0 at the bottom; a column of more than nothing shows at least a sliver."""
    drawn = []
    for tokens in columns:
        eighths = max(round(tokens * height * 8 / top), 1) if tokens and top else 0
        drawn.append(_BLOCKS[min(max(eighths - row * 8, 0), 8)])
    return "".join(drawn)


def _below(marks: Sequence[Mark], turns: int, columns: int, width: int) -> list[str]:
    """Return the line of signs under the columns, and their meaning in lines that fit."""
    axis = [" "] * columns
    for mark in marks:
        axis[min(max(mark.turn, 0) * columns // turns, columns - 1)] = mark.sign[:1] or " "
    lines = [f"{'':{_AXIS - 2}} └{''.join(axis) if marks else ''}".rstrip()[:width]]
    told = ""
    for mark in marks:
        word = f"{mark.sign[:1]} {mark.label}"
        if told and len(told) + 2 + len(word) > width - _AXIS:
            lines.append(f"{'':{_AXIS}}{told}"[:width])
            told = ""
        told = f"{told}  {word}" if told else word
    return [*lines, f"{'':{_AXIS}}{told}"[:width]] if told else lines
