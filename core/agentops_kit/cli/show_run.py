"""``agentops show-run``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options
from agentops_kit.cli.runs_verbs import opened, rows
from agentops_kit.errors import AgentOpsError, InputInvalid

if TYPE_CHECKING:
    from pathlib import Path


@click.command(epilog="Example: agentops show-run 1")
@click.argument("run_id", metavar="RUN_ID")
@opened.database
@options.as_json
@options.workspace
def command(*, run_id: str, db: str | None, as_json: bool, workspace: Path) -> None:
    """Show all steps of one run, by its number or its id. Exit status 1 when there is no such run."""
    from agentops_kit.workflows.history import held

    with opened.reading(db, workspace) as engine:
        try:
            found = held.row(engine, opened.known(engine, run_id))
        except InputInvalid as error:
            raise AgentOpsError(error.message, remedy="See `agentops list-workflow-runs`.") from error
        steps = held.view_rows(engine, "runs", workflow_run_id=found.number)
    rows.steps(steps[::-1], as_json=as_json, previews=True)
