"""Options that several commands share."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from agentops_kit.memory.git import Repo
    from agentops_kit.phases.desk import Desk

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


def resume(command: F) -> F:
    """Add ``--resume`` and ``--force``."""
    command = click.option(
        "--force", is_flag=True, help="With --resume: take the present state as the new checkpoint. A person's."
    )(command)
    return click.option(
        "--resume", is_flag=True, help="Go on with the run where its checkpoint stands; explains what differs."
    )(command)


def resumed(desk: Desk, run: str | None, *, resume: bool, force: bool, as_json: bool) -> None:
    """Resume a run and show how the work tree compares with its checkpoint."""
    import os

    from agentops_kit.cli import show
    from agentops_kit.errors import GateClosed
    from agentops_kit.phases.resume import resume as go_on

    if not resume:
        message = "--force belongs to --resume."
        raise click.UsageError(message)
    why = why_no_person(os.environ)
    if force and why:
        message = f"Taking another state as the checkpoint is a person's act, and {why}."
        raise GateClosed(message, remedy="Ask the person to run it in a terminal.")
    went, seen = go_on(desk, run=run, force=force, by_person=not why)
    if as_json:
        show.as_json({"run": went.id, "phase": went.phase, "fits": seen.fits, "differs": seen.differs})
        return
    show.timeline(went)
    for sentence in seen.fits:
        show.say(f"as left   {sentence}")
    for sentence in seen.differs:
        show.say(f"taken     {sentence}")
    if not (seen.fits or seen.differs):
        show.say("as left   Everything stands where the checkpoint left it.")
    show.say(f"next      {show.next_step(went)}")


def why_no_person(environ: Mapping[str, str]) -> str:
    """Return why this command is not a person's, empty when it is; no terminal is asked for."""
    from agentops_kit.phases import people

    return people.why_not_terminal(environ, people.ancestors(), terminal=True)


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
    """Open the workspace, and finish first what a killed command or install left."""
    from agentops_kit.phases.desk import Desk

    opened = Desk.open(workspace)
    return Desk.open(workspace) if _mended(opened.repo) else opened


def _mended(repo: Repo) -> bool:
    """Finish an install that was killed; one that cannot be finished now is said and keeps no command from its work."""
    from agentops_kit.install.pending import is_pending

    if not is_pending(repo):
        return False
    from agentops_kit.cli import show
    from agentops_kit.errors import AgentOpsError
    from agentops_kit.install.apply import recover

    try:
        reached = recover(repo)
    except (AgentOpsError, OSError) as error:
        show.note(f"note      An install was cut off and cannot be mended now: {error}")
        return False
    if reached:
        show.note(f"note      An install was cut off; the {reached} state of its files was restored.")
    return bool(reached)


def repo(workspace: Path) -> Repo:
    """Open the repository alone, without its configuration and without finishing what a killed command left."""
    from agentops_kit.memory.git import Repo

    return Repo.open(workspace)


def interactive() -> bool:
    """Say whether a person can be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()
