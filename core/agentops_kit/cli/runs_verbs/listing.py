"""``agentops runs list``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.runs_verbs import columns, facts, opened

if TYPE_CHECKING:
    from pathlib import Path

STATUSES = ("queued", "running", "waiting", "paused", "succeeded", "failed", "cancelled", "cost_capped")


@click.command("list", epilog="Example: agentops runs list --status waiting")
@click.option("--workflow", "-w", default="", metavar="NAME", help="Only runs of this workflow.")
@click.option("--status", type=click.Choice(STATUSES), help="Only runs that are in this state.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="Most runs to list.")
@opened.database
@options.as_json
@options.workspace
def command(*, workflow: str, status: str | None, limit: int, db: str | None, as_json: bool, workspace: Path) -> None:
    """List workflow runs, newest first. Runs that a sub-workflow step started are shown with their parent."""
    from agentops_kit.workflows.history import held
    from agentops_kit.workflows.ledger import read

    with opened.reading(db, workspace) as engine:
        runs = read.runs(engine, workflow=workflow, status=status or "", limit=limit)
    found = [held.outline(one) for one in runs]
    if as_json:
        show.as_json([facts.outline(one) for one in found])
        return
    if not found:
        show.say("No run is like that." if workflow or status else "There are no runs yet: agentops run FILE.")
        return
    rows = [
        (one.id, one.workflow, one.status, facts.money(one.cost), facts.day(one.started or one.created))
        for one in found
    ]
    columns.say(("run", "workflow", "status", "cost", "started"), rows)
