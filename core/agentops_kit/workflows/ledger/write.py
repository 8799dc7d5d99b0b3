"""Writing steps: one thread gathers what is waiting into one transaction, and nobody goes on before it is kept."""

from __future__ import annotations

import asyncio
import queue
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from agentops_kit.workflows.ledger import schema
from agentops_kit.workflows.ledger.change import ENDED, Change, Fenced, LedgerLost, Stale, Told

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from agentops_kit.workflows.ledger.change import Claim, Row

_MOST = 512
"""Changes of one transaction."""


_REFUSED = (sa.exc.SQLAlchemyError, ValueError, TypeError, OverflowError)
"""What a database or its driver raises over a row; none of it may end the thread that everybody waits for."""


class _Waiting(NamedTuple):
    change: Change
    loop: asyncio.AbstractEventLoop | None
    future: asyncio.Future[Told] | None


class Writer:
    """The one writer of a process."""

    def __init__(self, engine: sa.Engine) -> None:
        """Start the thread; ``close`` writes what is waiting and ends it."""
        self._engine = engine
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._upsert = _upsert(engine.dialect.name)
        self._thread = threading.Thread(target=self._work, name="ledger", daemon=True)
        self._thread.start()

    async def commit(self, change: Change) -> Told:
        """Return once a change is kept; raises ``Fenced`` or ``LedgerLost`` when it never will be."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Told] = loop.create_future()
        self._queue.put(_Waiting(change, loop, future))
        return await future

    def post(self, change: Change) -> None:
        """Write a change before any later one, without waiting; it may be lost with the process."""
        self._queue.put(_Waiting(change, None, None))

    def close(self) -> None:
        """Write what is waiting, and end."""
        self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        going = True
        while going:
            batch = [self._queue.get()]
            while len(batch) < _MOST and not self._queue.empty():
                batch.append(self._queue.get())
            going = None not in batch
            self._write([one for one in batch if one is not None])

    def _write(self, batch: list[_Waiting]) -> None:
        if not batch:
            return
        try:
            answers = self._transact([one.change for one in batch])
        except _REFUSED as error:
            lost = LedgerLost(str(getattr(error, "orig", error)).strip())
            answers = [lost] * len(batch)
        by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Told], Told | Exception]]] = {}
        for one, answer in zip(batch, answers, strict=True):
            if one.loop is not None and one.future is not None:
                by_loop.setdefault(one.loop, []).append((one.future, answer))
        for loop, pairs in by_loop.items():
            if not loop.is_closed():
                loop.call_soon_threadsafe(_tell, pairs)

    def _transact(self, changes: list[Change]) -> list[Told | Exception]:
        with self._engine.begin() as connection:
            told = self._runs(connection, {change.root for change in changes})
            answers = [self._may(connection, change, told.get(change.root)) for change in changes]
            kept = [change for change, answer in zip(changes, answers, strict=True) if isinstance(answer, Told)]
            self._keep(connection, kept)
        return answers

    def _runs(self, connection: sa.Connection, roots: set[str]) -> dict[str, Told]:
        """Lock the runs, so that what is written of one has an order, and return what their segments must know."""
        runs = schema.executions.c
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        asked = sa.select(runs.id, runs.epoch, runs.wanted, runs.signals).where(runs.id.in_(sorted(roots)))
        found = connection.execute(asked.order_by(runs.id).with_for_update())
        return {run: Told(epoch, wanted, signals) for run, epoch, wanted, signals in found}

    @staticmethod
    def _may(connection: sa.Connection, change: Change, told: Told | None) -> Told | Exception:
        if told is None or (change.epoch is not None and change.epoch != told.epoch):
            return Fenced(change.root)
        if change.signals is not None and change.signals != told.signals:
            return Stale(change.root)
        if change.claim is not None and not _ended(connection, change.claim, change.steps[0]):
            return Fenced(change.root)
        return told

    def _keep(self, connection: sa.Connection, changes: Sequence[Change]) -> None:
        latest = {
            (row["run"], row["step"], row["item"]): row
            for change in changes
            if change.claim is None
            for row in change.steps
        }
        if latest:
            connection.execute(self._upsert, list(latest.values()))
        for table, rows in (
            (schema.attempts, _all(change.attempts for change in changes)),
            (schema.calls, _all(change.calls for change in changes)),
            (schema.events, _all(change.events for change in changes)),
        ):
            if rows:
                connection.execute(table.insert(), rows)
        for change in changes:
            for run, values in change.runs.items():
                connection.execute(schema.executions.update().where(schema.executions.c.id == run).values(**values))


def _all(rows: Iterable[Sequence[Row]]) -> list[Row]:
    return [row for some in rows for row in some]


def _tell(pairs: list[tuple[asyncio.Future[Told], Told | Exception]]) -> None:
    for future, answer in pairs:
        if future.done():
            continue
        if isinstance(answer, Told):
            future.set_result(answer)
        else:
            future.set_exception(answer)


def _upsert(dialect: str) -> Any:
    """Return the statement that writes a step's row, unless it has ended already."""
    from sqlalchemy.dialects import postgresql, sqlite

    insert = postgresql.insert(schema.steps) if dialect == "postgresql" else sqlite.insert(schema.steps)
    keys = {"number", "run", "step", "item", "position", "claim"}
    values = {column.name: insert.excluded[column.name] for column in schema.steps.c if column.name not in keys}
    going = sa.and_(*(schema.steps.c.status != end for end in ENDED))  # an IN cannot be written for many rows at once
    return insert.on_conflict_do_update(index_elements=["run", "step", "item"], set_=values, where=going)


def _ended(connection: sa.Connection, claim: Claim, row: Row) -> bool:
    """End a queued step for the worker that holds it; say whether it still did."""
    steps = schema.steps.c
    done = connection.execute(
        schema.steps.update()
        .where(steps.run == claim.run, steps.step == claim.step, steps.item == claim.item)
        .where(steps.worker == claim.worker, steps.claim == claim.number, steps.status == "running")
        .values({name: value for name, value in row.items() if name not in {"run", "step", "item", "position"}})
    )
    return done.rowcount == 1
