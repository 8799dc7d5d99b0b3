"""``agentops quick``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from agentops_kit.cli import options, show
from agentops_kit.errors import GateClosed

if TYPE_CHECKING:
    from pathlib import Path


@click.command(epilog='Example: agentops quick "Fix the typo in the README"')
@options.task
@options.as_json
@options.workspace
def command(*, task: str, task_file: Any, as_json: bool, workspace: Path) -> None:
    """Start a one-phase run: no plan, the same evidence at its end. A person starts it."""
    from agentops_kit.phases import lifecycle, people

    why = people.why_not_terminal(os.environ, people.ancestors(), terminal=True)
    if why:
        message = f"The quick lane is opened by a person, and {why}."
        raise GateClosed(message, remedy="Ask the person to type /quick.")
    desk = options.desk(workspace)
    run = lifecycle.quick(desk, options.task_text(task, task_file))
    if as_json:
        show.as_json({"run": run.id, "phase": run.phase})
        return
    show.timeline(run)
    show.say(f"next      {show.next_step(run)}")
