"""A workflow in a terminal: a line for each step, and lanes at its left that lead from step to step."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agentops_kit.workflows.draw import labels
from agentops_kit.workflows.draw.order import ordered
from agentops_kit.workflows.frontier import needed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from agentops_kit.workflows.spec import Step, Workflow

MOST_LANES = 24
"""Beyond this many ways side by side, names after an arrow read better than lines."""
_MARKS = {"gate": "◆", "switch": "◇", "map": "≡", "workflow": "▣"}
_UP, _DOWN, _LEFT, _RIGHT = 1, 2, 4, 8
_BOX = {
    _UP | _DOWN: "│",
    _LEFT | _RIGHT: "─",
    _DOWN | _RIGHT: "╭",
    _DOWN | _LEFT: "╮",
    _UP | _RIGHT: "╰",
    _UP | _LEFT: "╯",
    _UP | _DOWN | _RIGHT: "├",
    _UP | _DOWN | _LEFT: "┤",
    _DOWN | _LEFT | _RIGHT: "┬",
    _UP | _LEFT | _RIGHT: "┴",
    _UP | _DOWN | _LEFT | _RIGHT: "┼",
    _UP: "╵",
    _DOWN: "╷",
    _LEFT: "╴",
    _RIGHT: "╶",
    0: " ",
}


def draw(workflow: Workflow, width: int = 0) -> str:
    """Return the drawing, a line for each step in an order they could run in.

    With a ``width``, lines are cut to it: a line that a terminal breaks would break the lanes.
    """
    steps = ordered(workflow.steps)
    rows = _with_lanes(steps) or _with_names(steps)
    count = len(workflow.steps)
    head = f"{workflow.name or 'workflow'}  ({count} step{'s' if count != 1 else ''})"
    return "\n".join(_cut(line.rstrip(), width) for line in (head, *_aligned(rows))) + "\n"


def _cut(line: str, width: int) -> str:
    return f"{line[: width - 1]}…" if 0 < width < len(line) else line


@dataclass(frozen=True)
class _Row:
    """A line: what stands in the lanes, and the columns right of them."""

    lanes: str
    cells: tuple[str, ...] = ()


def _aligned(rows: Sequence[_Row]) -> Iterable[str]:
    left = max((len(row.lanes) for row in rows), default=0)
    widths = [max((len(row.cells[n]) for row in rows if len(row.cells) > n + 1), default=0) for n in range(3)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row.cells, widths, strict=False)]
        yield f"{row.lanes.ljust(left)} {'  '.join(cells)}"


def _cells(step: Step) -> tuple[str, str, str]:
    word = labels.phrase(step.needs, step.phase)
    return labels.name(step), labels.subject(step), ", ".join(one for one in (word, labels.notes(step)) if one)


def _bare(source: str, step: Step) -> str:
    return source.removeprefix(f"{step.phase}/") if step.phase else source


@dataclass
class _Lanes:
    """The ways that are open: each lane leads to one step that has not been drawn."""

    open: list[str | None] = field(default_factory=list)

    def of(self, step: str) -> int | None:
        return self.open.index(step) if step in self.open else None

    def take(self, step: str, near: int) -> int:
        """Open a lane to a step, as near to a column as there is room."""
        free = [column for column, target in enumerate(self.open) if target is None]
        if not free:
            self.open.append(step)
            return len(self.open) - 1
        column = min(free, key=lambda one: abs(one - near))
        self.open[column] = step
        return column

    def trim(self) -> None:
        while self.open and self.open[-1] is None:
            self.open.pop()


def _with_lanes(steps: Sequence[Step]) -> list[_Row]:
    """Return the rows with lanes; none when there would be too many of them."""
    after: dict[str, list[str]] = {step.id: [] for step in steps}
    for step in steps:
        for before in needed(step.needs):
            after[before].append(step.id)
    lanes = _Lanes()
    rows: list[_Row] = []
    phase = ""
    for step in steps:
        if step.phase != phase:
            phase = step.phase
            rows.append(_Row(_passing(lanes), (f"── {phase}",)))
        found = lanes.of(step.id)
        column = lanes.take(step.id, 0) if found is None else found
        rows.append(_Row(_node(lanes, column, _MARKS.get(step.kind, "●")), _cells(step)))
        rows.extend(_ways_on(lanes, column, after[step.id]))
        if len(lanes.open) > MOST_LANES:
            return []
    return rows


def _passing(lanes: _Lanes) -> str:
    return " ".join("│" if target else " " for target in lanes.open)


def _node(lanes: _Lanes, column: int, mark: str) -> str:
    return " ".join(mark if n == column else "│" if target else " " for n, target in enumerate(lanes.open))


def _ways_on(lanes: _Lanes, column: int, followers: Sequence[str]) -> Iterable[_Row]:
    """Yield the row that leads from a step's column to the lanes of those after it, if it is needed."""
    before = [target is not None for target in lanes.open]
    lanes.open[column] = None
    reached = set()
    for step in followers:
        known = lanes.of(step)
        reached.add(lanes.take(step, column) if known is None else known)
    if reached - {column}:
        yield _Row(_connector(lanes, before, column, reached))
    lanes.trim()


def _connector(lanes: _Lanes, before: Sequence[bool], column: int, reached: set[int]) -> str:
    first, last = min(column, *reached), max(column, *reached)
    text = ""
    for n, target in enumerate(lanes.open):
        spanned = first <= n <= last
        own = n == column or n in reached
        up = n < len(before) and before[n]
        shape = (up and _UP) | (target is not None and _DOWN)
        if spanned and (own or not shape):
            shape |= (n > first and _LEFT) | (n < last and _RIGHT)
        text += _BOX[int(shape)] + ("─" if first <= n < last else " ")
    return text.rstrip()


def _with_names(steps: Sequence[Step]) -> list[_Row]:
    rows: list[_Row] = []
    phase = ""
    for step in steps:
        if step.phase != phase:
            phase = step.phase
            rows.append(_Row("", (f"── {phase}",)))
        rows.append(_Row(_MARKS.get(step.kind, "●"), (*_cells(step)[:2], _after(step))))
    return rows


def _after(step: Step) -> str:
    names = [_bare(one, step) for one in needed(step.needs)]
    said = labels.short(", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else ""))  # noqa: PLR2004
    return ", ".join(one for one in (f"← {said}" if names else "", labels.notes(step)) if one)
