"""``agentops runs replay``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.runs_verbs import driven, facts, opened

if TYPE_CHECKING:
    from pathlib import Path


@click.command("replay", epilog="Example: agentops runs replay 2026-11-21-digest-k7qd")
@opened.run_id
@click.option("--outputs", is_flag=True, help="Print what the replay gives, too.")
@opened.database
@options.as_json
@options.workspace
def command(*, run: str, outputs: bool, db: str | None, as_json: bool, workspace: Path) -> None:
    """Repeat a run, or an exported file, from its record: models and tools are not asked, nothing is kept.

    Exit status 1 when the replay differs; the first place is named by step, item, call and field.
    """
    from agentops_kit.workflows.history import replaying

    record = opened.record(run, db, workspace)
    done = replaying.replay(record, os.environ)
    if as_json:
        found = [facts.difference(one) for one in done.differences]
        again = {"status": done.record.status, "outputs": dict(done.record.outputs)}
        show.as_json({"run": record.id, "same": done.same, "replay": again, "differences": found})
    else:
        if outputs:
            driven.outputs(done.record)
        for one in done.differences:
            show.say(str(one))
        first = f"first difference: {done.differences[0]}" if done.differences else "Nothing differs."
        show.say(f"{record.id}: {len(record.steps)} steps replayed. {first}")
    if not done.same:
        raise click.exceptions.Exit(1)
