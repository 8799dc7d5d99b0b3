"""``agentops list-workflow-runs``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.runs_verbs import opened, rows

if TYPE_CHECKING:
    from pathlib import Path


@click.command(epilog="Example: agentops list-workflow-runs --workflow research_summary")
@click.option("--workflow", "-w", default="", metavar="NAME", help="Only runs of this workflow.")
@opened.database
@options.as_json
@options.workspace
def command(*, workflow: str, db: str | None, as_json: bool, workspace: Path) -> None:
    """List all runs with their number and times (the view `workflow_runs`)."""
    from agentops_kit.workflows.history import held

    with opened.reading(db, workspace) as engine:
        found = held.view_rows(engine, "workflow_runs", None, **({"workflow": workflow} if workflow else {}))
    rows.runs(found, as_json=as_json)
    if not found and not as_json:
        show.say("There are no runs like that." if workflow else "There are no runs yet: agentops run FILE.")
