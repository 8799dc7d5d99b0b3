"""``agentops runs resume``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options
from agentops_kit.cli.runs_verbs import driven, opened

if TYPE_CHECKING:
    from pathlib import Path


@click.command("resume", epilog="Example: agentops runs resume 2026-11-21-digest-k7qd")
@opened.run_id
@opened.database
@options.as_json
@options.workspace
def command(*, run: str, db: str | None, as_json: bool, workspace: Path) -> None:
    """Go on with a run that waits, paused or was cut off; what has ended is not done again.

    A run that was submitted to workers (`agentops run --detach`) is given back to them.
    """
    go_on(run, db, workspace, as_json=as_json)


def go_on(run: str, db: str | None, workspace: Path, *, as_json: bool) -> None:
    """Make a run's next segment, and do it here unless it belongs to workers."""
    from agentops_kit.workflows import submission

    with opened.engine(db, workspace) as engine:
        name = opened.known(engine.ledger.engine, run)
        engine.resume(name, submission.workspace(workspace)[0])
        driven.here_or_there(engine, name, as_json=as_json)
