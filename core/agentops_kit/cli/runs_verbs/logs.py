"""``agentops runs logs``."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.runs_verbs import facts, opened

if TYPE_CHECKING:
    from pathlib import Path

    import sqlalchemy as sa

    from agentops_kit.workflows.history.record import Event

_PAUSE = 0.3
_BATCH = 1000


@click.command("logs", epilog="Example: agentops runs logs 2026-11-21-research-summary-k7qd --follow")
@opened.run_id
@click.option("--follow", "-f", is_flag=True, help="Go on printing until the run ends or waits.")
@click.option("--tail", "-n", type=click.IntRange(min=1), help="Only the last so many events.")
@click.option("--step", default="", metavar="STEP", help="Only events of this step.")
@opened.database
@options.as_json
@options.workspace
def command(
    *, run: str, follow: bool, tail: int | None, step: str, db: str | None, as_json: bool, workspace: Path
) -> None:
    """Print what happened in a run, oldest first; with --json one event a line."""
    from agentops_kit.workflows.ledger import read

    engine = opened.existing(db, workspace)
    name = opened.known(engine, run)
    seen = read.events(engine, name)
    wanted = [one for one in seen if not step or one.step == step]
    for event in wanted[-tail:] if tail else wanted:
        _print(event, as_json=as_json)
    if follow:
        _follow(engine, name, seen[-1].seq if seen else 0, step, as_json=as_json)
    engine.dispose()


def _follow(engine: sa.Engine, run: str, after: int, step: str, *, as_json: bool) -> None:
    from agentops_kit.workflows.ledger import read

    while True:
        found = read.run(engine, run)
        fresh = read.events(engine, run, after, _BATCH)
        for event in fresh:
            after = event.seq
            if not step or event.step == step:
                _print(event, as_json=as_json)
        if not fresh:
            if found is None or found.status not in {"queued", "running"}:
                return
            time.sleep(_PAUSE)


def _print(event: Event, *, as_json: bool) -> None:
    if as_json:
        show.say(json.dumps(event._asdict(), ensure_ascii=False))
        return
    where = f" {event.step}" + ("" if event.item is None else f"[{event.item}]") if event.step else ""
    payload = (
        "" if event.payload in (None, "", {}) else f"  {facts.preview(json.dumps(event.payload, ensure_ascii=False))}"
    )
    show.say(f"{facts.day(event.at)}  {event.kind}{where}{payload}")
