"""``agentops runs cancel``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.runs_verbs import opened

if TYPE_CHECKING:
    from pathlib import Path


@click.command("cancel", epilog="Example: agentops runs cancel 2026-11-21-digest-k7qd")
@opened.run_id
@opened.database
@options.as_json
@options.workspace
def command(*, run: str, db: str | None, as_json: bool, workspace: Path) -> None:
    """Stop a run and what it is doing, wherever it is done. What has ended stays; a cancelled run does not go on."""
    with opened.engine(db, workspace) as engine:
        name = opened.known(engine.ledger.engine, run)
        opened.going(engine, name, but="cancelled")
        status = engine.cancel(name)
    if as_json:
        show.as_json({"run": name, "wanted": "cancel", "status": status})
    else:
        show.say(f"{name} is {'being ' if status == 'running' else ''}cancelled.")
