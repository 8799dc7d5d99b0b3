"""``agentops list-runs``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.runs_verbs import opened, rows

if TYPE_CHECKING:
    from pathlib import Path


@click.command(epilog="Example: agentops list-runs --limit 50")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="Most rows to list.")
@opened.database
@options.as_json
@options.workspace
def command(*, limit: int, db: str | None, as_json: bool, workspace: Path) -> None:
    """List the latest steps of all runs, one a line (the view `runs`)."""
    from agentops_kit.workflows.history import held

    with opened.reading(db, workspace) as engine:
        found = held.view_rows(engine, "runs", limit)
    rows.steps(found, as_json=as_json, previews=False)
    if not found and not as_json:
        show.say("There are no runs yet: agentops run FILE.")
