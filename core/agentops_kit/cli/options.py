"""Options that several commands share."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops_kit.phases.lifecycle import Desk

F = TypeVar("F", bound="Callable[..., Any]")


def workspace(command: F) -> F:
    """Add ``--workspace``; the parameter is a Path, the current folder by default."""
    return click.option(
        "--workspace",
        type=click.Path(file_okay=False, path_type=Path),
        default=Path(),
        help="The repository to work in (default: the current folder).",
    )(command)


def as_json(command: F) -> F:
    """Add ``--json`` for programs."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for a program to read.")(command)


def run(command: F) -> F:
    """Add ``--run``."""
    return click.option("--run", metavar="ID", help="A run's id, prefix or part (default: the active run).")(command)


def task(command: F) -> F:
    """Add the task as an argument and ``--task-file``."""
    command = click.option(
        "--task-file",
        type=click.File("r", encoding="utf-8", errors="replace"),
        help="Read the task from a file; - is standard input.",
    )(command)
    return click.argument("task", required=False, default="")(command)


def task_text(words: str, stream: Any) -> str:
    """Return the task from the argument or the file."""
    if stream is not None and words:
        message = "Give the task as an argument or with --task-file, not both."
        raise click.UsageError(message)
    text: str = stream.read() if stream is not None else words
    return text


def desk(workspace: Path) -> Desk:
    """Open the workspace."""
    from agentops_kit.phases.lifecycle import Desk

    return Desk.open(workspace)


def interactive() -> bool:
    """Say whether a person can be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()
