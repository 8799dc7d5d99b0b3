"""Steps that need a worker's capability: put into the ledger, claimed there by one worker at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from agentops_kit.workflows.engine import rows
from agentops_kit.workflows.engine.result import Result
from agentops_kit.workflows.ledger import read, schema
from agentops_kit.workflows.ledger.change import Change, Claim

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from agentops_kit.workflows.engine.perform import Performer
    from agentops_kit.workflows.engine.scope import Unit
    from agentops_kit.workflows.engine.tries import Task
    from agentops_kit.workflows.spec import Json

_STEPS = schema.steps.c


class Queued(NamedTuple):
    """A step that a worker has claimed."""

    claim: Claim
    position: int
    job: Mapping[str, Json]


async def put(performer: Performer, unit: Unit, task: Task) -> Result:
    """Offer a step to the workers, unless it is offered already; it keeps its place here until it has ended there."""
    if performer.run_of.status_of(unit) in {"queued", "running"}:
        performer.run_of.send_away(unit)
        return Result("")
    ledger = performer.site.ledger
    job = {
        "settings": dict(task.settings),
        "inputs": dict(task.inputs),
        "outputs": dict(task.outputs),
        "attempt": task.attempt,
    }
    row = rows.step(
        *unit.place, position=task.position, kind=task.step.kind, status="queued", queue=task.step.policy.queue,
        job=read.text(job),
    )  # fmt: skip
    event = ledger.event(task.run, "step.queued", task.key, task.item, {"queue": task.step.policy.queue})
    change = Change(performer.site.root, performer.site.epoch, steps=(row,), events=(event,))
    told = await ledger.writer.commit(change)
    performer.run_of.send_away(unit)
    return Result("", told=told)


def claim(engine: sa.Engine, queues: Collection[str], worker: str, most: int, now: float) -> tuple[Queued, ...]:
    """Claim up to ``most`` of the longest waiting steps of some queues for a worker."""
    waiting = (
        sa.select(_STEPS.number)
        .where(_STEPS.status == "queued", _STEPS.queue.in_(list(queues)), _STEPS.run.in_(_going()))
        .order_by(_STEPS.number)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        # In two statements: inside an UPDATE, Postgres may look for them more than once and take more than ``most``.
        numbers = list(connection.scalars(waiting))
        taken = (
            schema.steps.update()
            .where(_STEPS.number.in_(numbers))
            .values(status="running", worker=worker, claim=_STEPS.claim + 1, started=now)
            .returning(_STEPS.run, _STEPS.step, _STEPS.item, _STEPS.claim, _STEPS.position, _STEPS.job)
        )
        found = connection.execute(taken).all() if numbers else []
    return tuple(
        Queued(Claim(row.run, row.step, row.item, worker, row.claim), row.position, read.value(row.job))
        for row in found
    )


def _going() -> sa.Select[tuple[str]]:
    """Return the runs whose steps may begin: nobody wants them to end or rest, and they do not."""
    root, one = schema.executions.alias(), schema.executions.c
    going = sa.and_(root.c.wanted == "", root.c.status.in_(["running", "queued"]))
    return sa.select(one.id).join(root, root.c.id == one.root).where(going)


def hand_back(connection: sa.Connection, workers: Collection[str], now: float) -> int:
    """Offer again what workers that are gone had claimed, each cut-off try recorded; return how many."""
    return _offer_again(connection, _STEPS.worker.in_(list(workers)), now)


def release(engine: sa.Engine, claim: Claim, now: float) -> None:
    """Offer one claimed step again, the try that came to no end recorded."""
    same = (_STEPS.run == claim.run, _STEPS.step == claim.step, _STEPS.item == claim.item)
    with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        _offer_again(connection, sa.and_(*same, _STEPS.worker == claim.worker, _STEPS.claim == claim.number), now)


def _offer_again(connection: sa.Connection, whose: sa.ColumnElement[bool], now: float) -> int:
    gone = sa.and_(_STEPS.status == "running", _STEPS.queue != "", whose)
    cut_off = connection.execute(
        schema.steps.update()
        .where(gone)
        .values(status="queued", worker="", claim=_STEPS.claim + 1)
        .returning(_STEPS.run, _STEPS.step, _STEPS.item, _STEPS.job)
    ).all()
    tries = [
        rows.attempt(row.run, row.step, row.item, read.value(row.job)["attempt"], status="interrupted", finished=now)
        for row in cut_off
    ]
    if tries:
        connection.execute(schema.attempts.insert(), tries)
    return len(tries)


def forget(connection: sa.Connection, runs: Collection[str], status: str, now: float) -> None:
    """End whatever some runs still offer, do or wait for."""
    connection.execute(
        schema.steps.update()
        .where(_STEPS.run.in_(list(runs)), _STEPS.status.in_(["queued", "running", "waiting"]))
        .values(status=status, finished=now, claim=_STEPS.claim + 1)
    )
