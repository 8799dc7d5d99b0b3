"""``agentops approve``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.errors import GateClosed

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.phases.lifecycle import Desk
    from agentops_kit.phases.record import Run


@click.command(epilog="Example: agentops approve")
@options.run
@click.option("--amend", multiple=True, metavar="PATH", help="Let the implement phase also write PATH; repeatable.")
@click.option("--accept-changes", is_flag=True, help="Accept the work tree as it is now as the phase's starting point.")
@click.option("--reason", default="", help="Why, for the run's history.")
@options.workspace
def command(*, run: str | None, amend: tuple[str, ...], accept_changes: bool, reason: str, workspace: Path) -> None:
    """Record your approval of the current phase's artefact, bound to its bytes. Needs a terminal and a person."""
    from agentops_kit.phases import lifecycle, people, store

    desk = options.desk(workspace)
    found = store.choose(desk.repo, run)
    why = people.why_not_terminal(os.environ, people.ancestors(), terminal=options.interactive())
    if why:
        message = f"Approving is a person's act, and {why}."
        raise GateClosed(
            message, remedy="Type /approve in the assistant, or run `agentops approve` in a terminal of your own."
        )
    _confirm(desk, found, amend, accept_changes=accept_changes)
    if amend:
        lifecycle.amend(desk, amend, run=found.id)
    if accept_changes:
        lifecycle.accept_changes(desk, reason, run=found.id)
    if not (amend or accept_changes):
        lifecycle.approve(desk, "terminal", run=found.id)
    done = store.read(desk.repo, found.id)
    show.timeline(done)
    show.say(f"next      {show.next_step(done)}")


def _confirm(desk: Desk, run: Run, amend: tuple[str, ...], *, accept_changes: bool) -> None:
    if amend:
        what = f"let run {run.id} also write {', '.join(amend)}"
    elif accept_changes:
        what = f"accept the work tree as it is now for run {run.id}"
    else:
        path = run.artefacts.get(run.phase, "")
        size = (desk.repo.root / path).stat().st_size if path and (desk.repo.root / path).is_file() else 0
        what = f"approve {path or 'the ' + run.phase + ' phase'} ({size:,} bytes) of run {run.id}"
    click.confirm(f"As {desk.repo.identity()}: {what}?", abort=True)
