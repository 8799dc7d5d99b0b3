"""What is known of a step that was begun before: its tries, the calls of the one that was cut off, its deadline."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from agentops_kit.workflows.engine import rows
from agentops_kit.workflows.history.record import Key
from agentops_kit.workflows.ledger import read, schema
from agentops_kit.workflows.ledger.change import Change

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agentops_kit.workflows.engine.site import Site
    from agentops_kit.workflows.engine.tries import Task
    from agentops_kit.workflows.history.record import Call

MOST_DEATHS = 10
"""A step whose process died so often is taken for the cause."""


class Past(NamedTuple):
    """The number of the next try, its calls that are recorded already, and why there is no next try, if so."""

    attempt: int
    earlier: Mapping[int, Call]
    given_up: str = ""


async def of(site: Site, task: Task, *, interrupted: bool) -> Past:
    """Return a step's past; a try that was cut off (and is not recorded as such yet) does not count."""
    ledger = site.ledger
    tried, cut_off = await ledger.ask(_tries, task.run, task.key, task.item)
    attempt = tried + 1
    if interrupted:
        await _record(site, task, attempt)
        cut_off += 1
    if not cut_off:
        return Past(attempt, {})
    if cut_off >= MOST_DEATHS:
        return Past(attempt, {}, f"The process that ran it died {cut_off} times.")
    made = await ledger.ask(read.calls, task.run, Key(task.key, task.place), attempt)
    return Past(attempt, {call.number: call for call in made})


async def _record(site: Site, task: Task, attempt: int) -> None:
    ledger = site.ledger
    row = rows.attempt(task.run, task.key, task.item, attempt, status="interrupted", finished=ledger.clock.now())
    event = ledger.event(task.run, "step.interrupted", task.key, task.item, {"attempt": attempt})
    await ledger.writer.commit(Change(site.root, site.epoch, attempts=(row,), events=(event,)))


def _tries(engine: sa.Engine, run: str, step: str, item: int) -> tuple[int, int]:
    columns = schema.attempts.c
    asked = sa.select(columns.status, sa.func.count()).group_by(columns.status)
    with engine.connect() as connection:
        found = connection.execute(asked.where(columns.run == run, columns.step == step, columns.item == item))
        counts: dict[str, int] = {row[0]: row[1] for row in found}
    return counts.get("failed", 0), counts.get("interrupted", 0)


def error(engine: sa.Engine, run: str, step: str, item: int) -> str:
    """Return why a step failed."""
    columns = schema.steps.c
    asked = sa.select(columns.error).where(columns.run == run, columns.step == step, columns.item == item)
    with engine.connect() as connection:
        return connection.scalar(asked) or ""


def due(engine: sa.Engine, run: str, step: str, item: int) -> float | None:
    """Return when a waiting step gives up."""
    columns = schema.steps.c
    asked = sa.select(columns.due).where(columns.run == run, columns.step == step, columns.item == item)
    with engine.connect() as connection:
        return connection.scalar(asked)
