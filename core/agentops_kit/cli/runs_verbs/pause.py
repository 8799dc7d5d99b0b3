"""``agentops runs pause``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.runs_verbs import opened

if TYPE_CHECKING:
    from pathlib import Path


@click.command("pause", epilog="Example: agentops runs pause 2026-11-21-digest-k7qd")
@opened.run_id
@opened.database
@options.as_json
@options.workspace
def command(*, run: str, db: str | None, as_json: bool, workspace: Path) -> None:
    """Let a run stop once the steps at work have ended; `agentops runs resume` goes on with the rest."""
    with opened.engine(db, workspace) as engine:
        name = opened.known(engine.ledger.engine, run)
        opened.going(engine, name)
        status = engine.pause(name)
    if as_json:
        show.as_json({"run": name, "wanted": "pause", "status": status})
    else:
        rests = f"is {status}: no step of it is at work"
        show.say(f"{name} {'pauses once the steps at work have ended' if status == 'running' else rests}.")
