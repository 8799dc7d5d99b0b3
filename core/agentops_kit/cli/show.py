"""What people see: a run's timeline, tables, and progress; plain text when not a terminal."""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from agentops_kit.errors import InputInvalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from rich.console import Console

    from agentops_kit.phases.proof import Verdict
    from agentops_kit.phases.record import Run

_WIDEST = 10_000  # columns
_NEXT = {
    "research": ("read the bundle, then approve it (/approve, or `agentops approve`)", "/clear, then /plan"),
    "plan": ("fill the plan, then approve it (/approve, or `agentops approve`)", "/clear, then /implement"),
    "implement": ("make the changes, then `agentops implement --close`", ""),
    "quick": ('make the change, then `agentops implement --close --check "COMMAND"`', ""),
    "done": ("nothing; start the next one with `agentops research`", ""),
}


def console() -> Console:
    """Return a console on standard output that honours NO_COLOR and is plain when piped."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=True)


def as_json(value: Any) -> None:
    """Print a value as JSON; a byte of a path that is no UTF-8 is written as an escape, so that it reads back."""
    text = json.dumps(value, ensure_ascii=False, indent=2, default=str)
    click.echo(text.encode("utf-8", "backslashreplace").decode())


def say(line: str) -> None:
    """Print one line."""
    click.echo(line)


def note(line: str) -> None:
    """Print one line for the eyes, on standard error so that output stays pure."""
    click.echo(line, err=True)


def table(headers: Sequence[str], rows: Iterable[Sequence[object]], title: str = "") -> None:
    """Print a table; numbers align right."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    cells = [list(row) for row in rows]
    shown = Table(box=box.SIMPLE_HEAD, title=title or None, title_justify="left", pad_edge=False)
    for column, header in enumerate(headers):
        numeric = bool(cells) and all(isinstance(row[column], (int, float)) for row in cells)
        shown.add_column(header, justify="right" if numeric else "left", overflow="fold")
    for row in cells:
        # As text: square brackets in somebody's words are no markup.
        shown.add_row(*(Text(f"{cell:,}" if isinstance(cell, int) else str(cell)) for cell in row))
    screen = console()
    if not screen.is_terminal and "COLUMNS" not in os.environ:
        room = screen.options.update_width(_WIDEST)
        screen.width = max(screen.width, screen.measure(shown, options=room).maximum)  # a program reads whole names
    screen.print(shown)


def require_writable(path: Path) -> None:
    """Refuse with ``InputInvalid``, before any work, a file that could not be written after it."""
    if not path.parent.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        message = f"{path} cannot be written: {'no permission' if path.parent.is_dir() else 'there is no such folder'}."
        raise InputInvalid(message, remedy="Name a file in a folder that is yours.")


def written(path: Path, text: str) -> None:
    """Write a file that a person named; ``InputInvalid`` when that does not work."""
    try:
        path.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}."
        raise InputInvalid(message, remedy="Name a file in a folder that is yours.") from error


def next_step(run: Run) -> str:
    """Return what a person does next with a run."""
    waiting, approved = _NEXT[run.phase]
    return approved if approved and run.approval(run.phase) else waiting


def timeline(run: Run) -> None:
    """Print a run's phases as a small timeline with its approvals."""
    from rich.text import Text

    phases = ("quick", "done") if run.workflow == "quick" else ("research", "plan", "implement", "done")
    reached = phases.index(run.phase)
    line = Text()
    for number, phase in enumerate(phases):
        line.append(" ── " if number else "", style="dim")
        done = number < reached or run.phase == "done"
        mark, style = ("●", "green") if done else ("◐", "yellow bold") if number == reached else ("○", "dim")
        line.append(f"{mark} {phase}", style=style)
        if run.approval(phase):
            line.append(" ✓", style="green")
    screen = console()
    screen.print(Text(str(run.id), style="bold"))
    screen.print(line)


def items(verdicts: Sequence[Verdict], ticks: Sequence[str] = (), strays: Sequence[str] = ()) -> None:
    """Print what a run's items are worth by evidence, ticks that none carries, and changed files that no item names."""
    for one in verdicts:
        say(f"{'proven' if one.proven else 'open':<9} {one.item.label}: {one.why}")
    for sentence in ticks:
        say(f"tick      {sentence}")
    for path in strays:
        say(f"outside   {path}: changed, and no change of the plan names it")


@contextmanager
def progress(what: str) -> Iterator[Callable[[str], None]]:
    """Show a spinner with the latest step on standard error while a block runs; silent when not a terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.text import Text

    screen = Console(stderr=True)
    with screen.status(what) as status:
        yield lambda step: status.update(Text(f"{what}: {step}"))
