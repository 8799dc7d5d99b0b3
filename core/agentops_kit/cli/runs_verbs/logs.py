"""``agentops runs logs``."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.runs_verbs import facts, opened

if TYPE_CHECKING:
    from collections.abc import Sequence

    import sqlalchemy as sa

    from agentops_kit.workflows.history.record import Event, Record

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
    """Print what happened in a run and its sub-workflows, oldest first; with --json one event a line.

    ID may be an exported file.
    """
    if Path(run).is_file():
        found = opened.record(run, db, workspace)
        _say(found.events, step, tail, as_json=as_json)
        _require_step(found, step)
        return
    from agentops_kit.workflows.history import held

    with opened.reading(db, workspace) as engine:
        name = opened.known(engine, run)
        seen = held.log(engine, name)
        _say(seen, step, tail, as_json=as_json)
        if follow:
            _follow(engine, name, seen[-1].seq if seen else 0, step, as_json=as_json)
        _require_step(held.load(engine, name, calls=False), step)


def _say(events: Sequence[Event], step: str, tail: int | None, *, as_json: bool) -> None:
    wanted = [one for one in events if _is_of(one, step)]
    for event in wanted[-tail:] if tail else wanted:
        _print(event, as_json=as_json)


def _is_of(event: Event, step: str) -> bool:
    return not step or step in {event.step, _where(event)}


def _require_step(found: Record, step: str) -> None:
    if step and not any(step in {one.key.step, str(one.key)} for one in found.steps):
        opened.no_step(found, step)


def _follow(engine: sa.Engine, run: str, after: int, step: str, *, as_json: bool) -> None:
    from agentops_kit.workflows.history import held

    while True:
        found = held.row(engine, run)
        fresh = held.log(engine, run, after, _BATCH)
        for event in fresh:
            after = event.seq
            if _is_of(event, step):
                _print(event, as_json=as_json)
        if not fresh:
            if found.status not in {"queued", "running"}:
                return
            time.sleep(_PAUSE)


def _where(event: Event) -> str:
    return event.step + ("" if event.item is None else f"[{event.item}]")


def _print(event: Event, *, as_json: bool) -> None:
    if as_json:
        show.say(json.dumps(event._asdict(), ensure_ascii=False))
        return
    where = f" {_where(event)}" if event.step else ""
    payload = (
        "" if event.payload in (None, "", {}) else f"  {facts.preview(json.dumps(event.payload, ensure_ascii=False))}"
    )
    show.say(f"{facts.day(event.at)}  {event.kind}{where}{payload}")
