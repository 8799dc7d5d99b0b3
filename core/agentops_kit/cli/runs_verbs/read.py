"""``agentops runs show``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.runs_verbs import columns, facts, opened

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.workflows.history.record import Done, Record

_MOST_ITEMS = 20


@click.command("show", epilog="Example: agentops runs show 2026-11-21-research-summary-k7qd --step summarizer")
@opened.run_id
@click.option("--step", default="", metavar="STEP", help="Only this step, with its whole output.")
@opened.database
@options.as_json
@options.workspace
def command(*, run: str, step: str, db: str | None, as_json: bool, workspace: Path) -> None:
    """Show a run and its steps. ID may be the beginning or a part of one, a number, or an exported file."""
    found = opened.record(run, db, workspace)
    rows = [one for one in found.steps if not step or one.key.step == step]
    if step and not rows:
        opened.no_step(found, step)
    if as_json:
        show.as_json([facts.step(one) for one in rows] if step else facts.whole(found))
    elif step:
        _one_step(rows)
    else:
        _run(found)


def _run(record: Record) -> None:
    from agentops_kit.workflows.history.record import shown

    show.say(f"{record.id}  {record.workflow}  {record.status}")
    show.say(f"cost {facts.money(record.cost)}, {facts.took(record.started, record.finished) or 'not ended'}")
    rows = [_row(one) for one in _fewer(record.steps)]
    columns.say(("step", "status", "tries", "took", "cost", "said"), rows)
    if len(rows) < len(record.steps):
        show.note(f"{len(record.steps) - len(rows)} more items are not shown; --step STEP or --json has them.")
    for name, value in record.outputs.items():
        show.say(f"{name}: {shown(value)}")
    if record.error:
        show.say(record.error)


def _fewer(steps: tuple[Done, ...]) -> list[Done]:
    seen: dict[str, int] = {}
    kept = []
    for one in steps:
        seen[one.key.step] = seen.get(one.key.step, 0) + 1
        if one.key.item is None or seen[one.key.step] <= _MOST_ITEMS or one.status == "failed":
            kept.append(one)
    return kept


def _row(one: Done) -> tuple[object, ...]:
    from agentops_kit.workflows.history.record import shown

    said = one.error or one.reason or ("" if one.output is None else shown(one.output))
    took = facts.took(one.started, one.finished)
    return str(one.key), one.status, one.attempts, took, facts.money(one.cost), facts.preview(said, 60)


def _one_step(rows: list[Done]) -> None:
    from agentops_kit.workflows.history.record import shown

    for one in rows:
        show.say(f"{one.key}  {one.status}  tries {one.attempts}  {facts.money(one.cost)}  {one.model}".rstrip())
        for text in (one.error, one.reason, "" if one.output is None else shown(one.output)):
            if text:
                show.say(text)
