"""``agentops runs retry``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options
from agentops_kit.cli.runs_verbs import driven, opened

if TYPE_CHECKING:
    from pathlib import Path


@click.command("retry", epilog="Example: agentops runs retry 2026-11-21-digest-k7qd")
@opened.run_id
@opened.database
@options.as_json
@options.workspace
def command(*, run: str, db: str | None, as_json: bool, workspace: Path) -> None:
    """Do the failed steps of a run again, and those that were skipped for them; what succeeded stays."""
    from agentops_kit.workflows import submission

    with opened.engine(db, workspace) as engine:
        name = opened.known(engine.ledger.engine, run)
        engine.retry(name, submission.workspace(workspace)[0])
        driven.here_or_there(engine, name, as_json=as_json)
