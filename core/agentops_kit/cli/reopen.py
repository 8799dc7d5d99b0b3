"""``agentops reopen``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, cast

import click

from agentops_kit.cli import options, show
from agentops_kit.errors import GateClosed

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.phases.record import Phase


@click.command(epilog='Example: agentops reopen plan --reason "The API changed under us"')
@click.argument("phase", type=click.Choice(["research", "plan", "implement"]))
@click.option("--reason", required=True, help="Why, for the run's history.")
@options.run
@options.workspace
def command(*, phase: str, reason: str, run: str | None, workspace: Path) -> None:
    """Take a run back to an earlier phase; approvals from there on are void and the history says why."""
    from agentops_kit.phases import lifecycle, people

    why = people.why_not_terminal(os.environ, people.ancestors(), terminal=True)
    if why:
        message = f"Reopening a phase is a person's act, and {why}."
        raise GateClosed(message, remedy="Ask the person to run it in a terminal.")
    again = lifecycle.reopen(options.desk(workspace), cast("Phase", phase), reason, run=run)
    show.timeline(again)
    show.say(f"next      {show.next_step(again)}")
