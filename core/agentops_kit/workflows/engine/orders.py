"""What people want of a run, written where whoever does the run will see it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from agentops_kit.errors import Busy, GateClosed, InputInvalid
from agentops_kit.workflows.engine import again, presence, queue, rows
from agentops_kit.workflows.engine import gate as gates
from agentops_kit.workflows.history import held
from agentops_kit.workflows.history.record import Key, meant
from agentops_kit.workflows.ledger import read, schema
from agentops_kit.workflows.ledger.change import OVER

if TYPE_CHECKING:
    from agentops_kit.workflows.ledger.handle import Ledger
    from agentops_kit.workflows.spec import Json

_RUNS = schema.executions.c
_STEPS = schema.steps.c
_CHUNK = 500
"""Rows named in one statement; databases take so many values and no more."""


class Answer(NamedTuple):
    """A person's answer to a gate; ``output`` replaces what the gate gives to later steps."""

    by: str
    reason: str = ""
    rejected: bool = False
    output: Json = None


def take_over(ledger: Ledger, run: str) -> int | None:
    """Return the number of the segment this process may do, None when the run is over.

    Raises ``Busy`` while another process does it.
    """
    now = ledger.clock.now()
    with ledger.engine.begin() as connection:
        row = _locked(connection, run)
        if row.status in OVER:
            return None
        if row.root != run:
            message = f"The run {run} is a part of {row.root} and goes with it."
            raise InputInvalid(message, remedy=f"Name {row.root}.")
        if row.status == "running" and row.worker:
            _inherit(connection, row, now)
        # Always a new number: DBOS does a segment once, and a process may have died with this one before it began.
        return _next(connection, row, status="running", worker=ledger.worker)


def offered(ledger: Ledger, run: str, epoch: int) -> None:
    """Note that a segment was put before the workers."""
    with ledger.engine.begin() as connection:
        same = sa.and_(_RUNS.id == run, _RUNS.epoch == epoch)
        connection.execute(schema.executions.update().where(same).values(offered=epoch))


def _inherit(connection: sa.Connection, row: Any, now: float) -> None:
    owner = presence.find(connection, row.worker)
    if presence.is_alive(owner, now):
        message = f"The run {row.id} is being done by the process {row.worker}."
        raise Busy(message, remedy=f"Follow it with: agentops runs show {row.id}.")
    presence.bury(connection, [row.worker], now)


def cancel(ledger: Ledger, run: str, reason: str = "") -> str:
    """Want the end of a run; one that nobody does is ended here."""
    now = ledger.clock.now()
    with ledger.engine.begin() as connection:
        row = _locked(connection, run)
        if row.status in OVER:
            return str(row.status)
        if row.status == "running" and presence.is_alive(presence.find(connection, row.worker), now):
            _want(connection, ledger, run, "cancel", reason)
            return "running"
        family = list(connection.scalars(sa.select(_RUNS.id).where(_RUNS.root == run)))
        queue.forget(connection, family, "cancelled", now)
        ended = {"status": "cancelled", "error": "It was cancelled.", "finished": now, "wanted": "", "due": None}
        open_ones = sa.and_(_RUNS.root == run, _RUNS.status.not_in(OVER))
        connection.execute(schema.executions.update().where(open_ones).values(epoch=_RUNS.epoch + 1, **ended))
        said = {"reason": reason} if reason else None
        connection.execute(schema.events.insert().values(**ledger.event(run, "run.cancelled", payload=said)))
    return "cancelled"


def pause(ledger: Ledger, run: str) -> str:
    """Want a rest; a run that is only queued rests at once."""
    with ledger.engine.begin() as connection:
        row = _locked(connection, run)
        if row.status == "running":
            _want(connection, ledger, run, "pause")
        elif row.status == "queued":
            _next(connection, row, status="paused")
            connection.execute(schema.events.insert().values(**ledger.event(run, "run.paused")))
            return "paused"
        return str(row.status)


def resume(ledger: Ledger, run: str) -> str:
    """Let a run that rests or waits go on."""
    with ledger.engine.begin() as connection:
        row = _locked(connection, run)
        if row.status in OVER:
            message = f"The run {run} is over: {row.status}."
            remedy = (
                "Submit it again." if row.status == "succeeded" else f"Do what failed again: agentops runs retry {run}."
            )
            raise InputInvalid(message, remedy=remedy)
        if row.status == "running" and row.wanted == "pause":
            connection.execute(schema.executions.update().where(_RUNS.id == run).values(wanted=""))
        if row.status in {"paused", "waiting"}:
            _next(connection, row, status="queued")
            connection.execute(schema.events.insert().values(**ledger.event(run, "run.resumed")))
            return "queued"
        return str(row.status)


def move(ledger: Ledger, run: str, workspace: Path) -> None:
    """Let a run of this machine go on in ``workspace`` when the folder it was begun in is not there any more."""
    with ledger.engine.begin() as connection:
        row = _locked(connection, run)
        before = Path(read.value(row.means).get("workspace") or ".")
        if row.place == "queue" or before.is_dir():
            return
        for part, means in connection.execute(sa.select(_RUNS.id, _RUNS.means).where(_RUNS.root == run)).all():
            there = read.text(_moved(read.value(means), before, workspace))
            connection.execute(schema.executions.update().where(_RUNS.id == part).values(means=there))
        said = {"from": str(before), "to": str(workspace)}
        connection.execute(schema.events.insert().values(**ledger.event(run, "run.moved", payload=said)))


def _moved(means: dict[str, Any], before: Path, now: Path) -> dict[str, Any]:
    """Return means whose paths in one folder are in another."""
    paths = {name: Path(means[name]) for name in ("workspace", "script", "record") if means.get(name)}
    return means | {
        name: str(now / path.relative_to(before)) for name, path in paths.items() if path.is_relative_to(before)
    }


def retry(ledger: Ledger, run: str) -> str:
    """Take back what failed in a run that is over, so that it is done again; what succeeded stays."""
    with ledger.engine.begin() as connection:
        row = _locked(connection, run)
        if row.status not in OVER or row.status == "succeeded":
            message = f"The run {run} is {row.status}: there is nothing to do again."
            raise InputInvalid(message, remedy="Only a run that failed, was capped or was cancelled can be retried.")
        taken, begun = again.of(connection, run)
        for start in range(0, len(taken), _CHUNK):
            _retire(connection, _STEPS.number.in_(taken[start : start + _CHUNK]))
        for start in range(0, len(begun), _CHUNK):
            children = _RUNS.id.in_(begun[start : start + _CHUNK])
            connection.execute(schema.executions.update().where(children).values(status="queued", finished=None))
        _next(connection, row, status="queued", finished=None, error="")
        connection.execute(schema.events.insert().values(**ledger.event(run, "run.retried")))
    return "queued"


def _retire(connection: sa.Connection, taken: sa.ColumnElement[bool]) -> None:
    """Take steps back so that they are done again; their tries and calls stay in the record, out of the count.

    Calls of tries before a retry have numbers of tries below 0, the latest -1.
    """

    def of_them(table: sa.Table) -> sa.ColumnElement[bool]:
        same = [table.c[name] == _STEPS[name] for name in ("run", "step", "item")]
        return sa.select(_STEPS.number).where(taken, *same).exists()

    tries, made = schema.attempts, schema.calls
    counted = tries.c.status.in_(["failed", "interrupted"])
    connection.execute(tries.update().where(of_them(tries), counted).values(status="retired"))
    most = connection.scalar(sa.select(sa.func.max(made.c.attempt)).where(of_them(made)))
    if most is not None:
        connection.execute(made.update().where(of_them(made)).values(attempt=made.c.attempt - max(most, 0) - 1))
    connection.execute(schema.steps.delete().where(taken))


def approve(ledger: Ledger, run: str, named: str, answer: Answer) -> str:
    """Write a person's answer to a waiting gate, and let the run go on; returns the gate's name."""
    now = ledger.clock.now()
    with ledger.engine.begin() as connection:
        row = _locked(connection, run)
        root = row if row.root == run else _locked(connection, row.root)
        waiting, gate = _gate(connection, row, named)
        given = {"approved": not answer.rejected, "by": answer.by, "reason": answer.reason}
        output = given if answer.output is None else answer.output
        values: dict[str, Any] = {"status": "succeeded", "output": read.text(output), "finished": now, "due": None}
        if answer.rejected:
            why = f"{answer.by} rejected it" + (f": {answer.reason}" if answer.reason else "")
            values = {"status": "failed", "error": why, "failure": "refused", "finished": now, "due": None}
        connection.execute(schema.steps.update().where(_STEPS.number == waiting.number).values(**values))
        place = {"run": waiting.run, "step": waiting.step, "item": waiting.item, "attempt": 1}
        said = {"failure": "refused", "error": values["error"]} if answer.rejected else {"answer": values["output"]}
        asked = gates.question(waiting.reason)
        connection.execute(schema.calls.insert().values(**rows.call(place, 1, "gate", asked, at=now, **said)))
        kind = "gate.rejected" if answer.rejected else "gate.approved"
        connection.execute(schema.events.insert().values(**ledger.event(*_named(place, kind), payload=given)))
        connection.execute(schema.executions.update().where(_RUNS.id == root.id).values(signals=_RUNS.signals + 1))
        if root.status == "waiting":
            _next(connection, root, status="queued")
    return gate


def _named(place: dict[str, Any], kind: str) -> tuple[str, str, str, int]:
    return place["run"], kind, place["step"], place["item"]


def _gate(connection: sa.Connection, row: Any, named: str) -> tuple[Any, str]:
    """Return the row of the waiting gate that is meant, and its name in the record of the whole run."""
    outer = held.outer(connection, row.root)
    family = [run for run in outer if row.id in {run, row.root}]
    asked = schema.steps.select().where(_STEPS.run.in_(family), _STEPS.kind == "gate", _STEPS.status == "waiting")
    found = {
        Key(outer[one.run] + one.step, None if one.item == schema.ALONE else one.item): one
        for one in connection.execute(asked.order_by(_STEPS.number))
    }
    every = sorted(found, key=lambda key: (key.step, read.number(key.item)))
    keys = meant(every, named) if named else every
    names = ", ".join(map(str, every))
    if len(keys) == 1:
        return found[keys[0]], str(keys[0])
    if not keys:
        message = f"No gate{f' {named}' if named else ''} of the run {row.id} waits for an approval."
        look = f"Look with: agentops runs show {row.id}."
        raise GateClosed(message, remedy=f"Waiting are: {names}." if names else look)
    message = f"Several gates of the run {row.id} wait: {names}."
    raise InputInvalid(message, remedy="Name one.")


def _locked(connection: sa.Connection, run: str) -> Any:
    """Return a run's row, held until the transaction ends."""
    if connection.dialect.name == "sqlite" and not connection.connection.driver_connection.in_transaction:  # type: ignore[union-attr]
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    row = connection.execute(schema.executions.select().where(_RUNS.id == run).with_for_update()).one_or_none()
    if row is None:
        message = f"There is no run {run}."
        raise InputInvalid(message, remedy="List them with: agentops runs list.")
    return row


def _want(connection: sa.Connection, ledger: Ledger, run: str, what: str, reason: str = "") -> None:
    said = {"reason": reason} if reason else None
    connection.execute(schema.executions.update().where(_RUNS.id == run).values(wanted=what))
    connection.execute(schema.events.insert().values(**ledger.event(run, f"run.{what}.wanted", payload=said)))


def _next(connection: sa.Connection, row: Any, **values: Any) -> int:
    """Begin the next segment's number: whatever the last one still writes is refused."""
    epoch = int(row.epoch) + 1
    fresh = {"epoch": epoch, "wanted": "", "due": None, **values}
    connection.execute(schema.executions.update().where(_RUNS.id == row.id).values(**fresh))
    return epoch
