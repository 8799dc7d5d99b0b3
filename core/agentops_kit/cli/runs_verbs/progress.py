"""A run as it goes on, on standard error: a table that is drawn again, or a line for each step that ends."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from agentops_kit.cli import show
from agentops_kit.cli.runs_verbs import facts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console, RenderableType

    from agentops_kit.workflows.history.record import Event
    from agentops_kit.workflows.history.watch import Board, Line

    Hear = Callable[[Event], None]

_STYLES = {
    "succeeded": ("✓", "green"),
    "failed": ("✗", "red"),
    "cost_capped": ("✗", "red"),
    "running": ("◐", "yellow"),
    "waiting": ("◌", "cyan"),
    "queued": ("·", "dim"),
    "skipped": ("-", "dim"),
    "cancelled": ("-", "dim"),
}
_AROUND = 6  # lines of a terminal that the table leaves to others
_PER_SECOND = 4


@contextmanager
def shown(run: str, *, quiet: bool) -> Iterator[Hear]:
    """Yield what hears a run's events while a block does it; ``quiet`` shows nothing."""
    from rich.console import Console

    screen = Console(stderr=True, highlight=False)
    if quiet:
        yield lambda _: None
    elif screen.is_terminal:
        with _live(run, screen) as hear:
            yield hear
    else:
        show.note(f"run {run}")
        yield _Lines()


class _Lines:
    """Writes one line for each step that ended or waits; items of a map are counted, not listed."""

    def __init__(self) -> None:
        from agentops_kit.workflows.history.watch import Board

        self._board = Board()

    def __call__(self, event: Event) -> None:
        line = self._board.hear(event)
        if line is not None and event.item is None and event.kind not in {"step.started", "step.queued"}:
            show.note(_said(line, event))


def _said(line: Line, event: Event) -> str:
    word = "again" if event.kind == "step.retry" else line.status
    parts = [f"{word:<9}", line.step, facts.took(line.began, line.ended), _items(line), facts.preview(line.said)]
    return "  ".join(part for part in parts if part)


@contextmanager
def _live(run: str, screen: Console) -> Iterator[Hear]:
    from rich.live import Live

    from agentops_kit.workflows.history.watch import Board

    board = Board()
    drawn = _Drawn(run, board, screen)
    with Live(drawn, console=screen, refresh_per_second=_PER_SECOND, transient=False):
        yield lambda event: (board.hear(event), None)[1]


class _Drawn:
    """The board as a table that fits the terminal, made anew whenever it is drawn."""

    def __init__(self, run: str, board: Board, screen: Console) -> None:
        self._run = run
        self._board = board
        self._screen = screen

    def __rich__(self) -> RenderableType:
        return table(self._run, self._board, max(self._screen.height - _AROUND, 3))


def table(run: str, board: Board, most: int) -> RenderableType:
    """Return the board as a table of at most so many steps, with a line of counts below."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    counts = ", ".join(f"{number} {state}" for state, number in sorted(board.counts().items()))
    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=run, title_justify="left", caption=counts or "starting")
    for header in ("", "step", "state", "tries", "took", ""):
        drawn.add_column(header, overflow="ellipsis", no_wrap=True)
    for line in board.shown(most):
        mark, style = _STYLES[line.status]
        said = _items(line) or facts.preview(line.said, 60)
        tries = str(line.tries) if line.tries > 1 else ""
        cells = (mark, line.step, line.status, tries, facts.took(line.began, line.ended or _now(line)), said)
        drawn.add_row(*(Text(cell) for cell in cells), style=style)
    return drawn


def _now(line: Line) -> str:
    return datetime.now(UTC).isoformat() if line.status == "running" else ""


def _items(line: Line) -> str:
    return ", ".join(f"{number} {state}" for state, number in sorted(line.items.items()))
