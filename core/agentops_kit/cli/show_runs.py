"""``agentops show-runs``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.runs_verbs import opened, rows

if TYPE_CHECKING:
    from pathlib import Path


@click.command(epilog="Example: agentops show-runs --workflow research_summary")
@click.option("--workflow", "-w", required=True, metavar="NAME", help="The workflow whose steps to show.")
@click.option("--limit", type=click.IntRange(min=1), default=10, show_default=True, help="Most rows to show.")
@opened.database
@options.as_json
@options.workspace
def command(*, workflow: str, limit: int, db: str | None, as_json: bool, workspace: Path) -> None:
    """Show the latest steps of a workflow's runs with the beginning of what each gave."""
    from agentops_kit.workflows.history import held

    with opened.reading(db, workspace) as engine:
        found = held.view_rows(engine, "runs", limit, workflow=workflow)
    rows.steps(found, as_json=as_json, previews=True)
    if not found and not as_json:
        show.say(f"The workflow {workflow} has no runs.")
