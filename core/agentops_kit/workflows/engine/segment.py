"""One segment of a run: from the ledger, as far as it goes, and its end into the ledger."""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from agentops_kit.workflows.engine import queue, submit
from agentops_kit.workflows.engine.interpret import Interpreter
from agentops_kit.workflows.engine.limits import NoLimiter, RunLimiter
from agentops_kit.workflows.engine.outputs import given
from agentops_kit.workflows.engine.purse import OpenPurse, RunPurse
from agentops_kit.workflows.engine.scope import Plan, Scope
from agentops_kit.workflows.engine.site import Site, Slots
from agentops_kit.workflows.ledger import read, schema
from agentops_kit.workflows.ledger.change import OVER, Change, Fenced, LedgerLost, Row, Stale, Told
from agentops_kit.workflows.load import load
from agentops_kit.workflows.steps.base import StepFailed

if TYPE_CHECKING:
    from agentops_kit.workflows.engine.site import Replay
    from agentops_kit.workflows.ledger.handle import Ledger
    from agentops_kit.workflows.ledger.read import Execution

_LOOK = 0.2
"""Seconds between two looks at what others wrote of the run."""


@dataclass
class Segment:
    """A run being done by this process; ``interrupt`` ends it early, to be gone on with later."""

    ledger: Ledger
    run: str
    epoch: int
    replay: Replay | None = None
    serves_queues: bool = True
    interrupted: bool = False
    handed_over: bool = False
    lost: str = ""
    """Why the database did not take what it wrote."""
    _interpreter: Interpreter | None = None
    _timed_out: bool = False

    async def go(self) -> str:
        """Return the status the run has now, or ``fenced`` or ``lost`` when this segment may not say so."""
        try:
            return await self._go()
        except Fenced:
            return "fenced"
        except (LedgerLost, sa.exc.DBAPIError) as error:
            self.lost = str(getattr(error, "orig", error))
            return "lost"

    def interrupt(self) -> None:
        """Stop what runs; the run pauses, and what was stopped is done again when it goes on."""
        self.interrupted = True
        if self._interpreter is not None:
            self._interpreter.halt()

    def hand_over(self) -> None:
        """Finish the steps at work and begin no other; the run goes on in another process."""
        self.handed_over = True
        if self._interpreter is not None:
            self._interpreter.close()

    async def _go(self) -> str:
        execution = await self.ledger.ask(_begin, self)
        interpreter = self._interpreter = self._made(execution)
        if self.interrupted or self.handed_over:
            interpreter.halt()
        watcher = asyncio.ensure_future(self._watch(interpreter, execution))
        try:
            while True:
                await self._until_rest(interpreter, watcher)
                with suppress(Stale):
                    return await self._end(interpreter)
                interpreter.look()
        finally:
            watcher.cancel()
            await asyncio.wait({watcher})

    async def _until_rest(self, interpreter: Interpreter, watcher: asyncio.Task[None]) -> None:
        going = asyncio.ensure_future(interpreter.go())
        try:
            await asyncio.wait({going, watcher}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not going.done():
                going.cancel()
                await asyncio.wait({going})
        if watcher.done():
            watcher.result()
        going.result()

    def _made(self, execution: Execution) -> Interpreter:
        workflow = load(execution.source, execution.file)
        limits = submit.limits(execution.limits)
        ledger, replay = self.ledger, self.replay
        capped = limits.cost_cap is not None and replay is None
        site = Site(
            ledger=ledger,
            root=self.run,
            epoch=self.epoch,
            means=submit.means(execution.means, dict(os.environ)),
            limits=limits,
            purse=RunPurse(ledger, self.run) if capped else OpenPurse(),
            limiter=NoLimiter() if replay else RunLimiter(ledger, limits, execution.tenant),
            slots=Slots(limits.max_parallel),
            sources=execution.sources,
            replay=replay,
            serves_queues=self.serves_queues,
        )
        steps = {step.id: step for step in workflow.steps}
        root = Scope(Plan(self.run, workflow, execution.inputs, steps))
        return Interpreter(site, root, Told(self.epoch, execution.wanted, execution.signals))

    async def _watch(self, interpreter: Interpreter, execution: Execution) -> None:
        """Hear what others write of the run, and mind its time."""
        seconds = interpreter.site.limits.timeout
        ends = self.ledger.clock.now() + seconds if seconds else None
        while True:
            interpreter.hear(await self.ledger.ask(_told, execution.id))
            interpreter.tick()
            if interpreter.told.wanted == "cancel":
                interpreter.halt()
            if ends is not None and ends <= self.ledger.clock.now():
                self._timed_out = True
                interpreter.halt()
            await asyncio.sleep(_LOOK)

    async def _end(self, interpreter: Interpreter) -> str:
        """Write how far it came; ``Stale`` when something came in between that has to be looked at first."""
        end = await self._decide(interpreter)
        ledger, now = self.ledger, self.ledger.clock.now()
        values: Row = {"status": end.status, "error": end.error, "wanted": "", "worker": "", "due": end.due}
        values["cost"] = await ledger.ask(submit.cost_of_all, self.run)
        if end.status == "queued":
            values["epoch"] = self.epoch + 1
        if end.over:
            values |= {"finished": now, "outputs": read.text(end.outputs)}
        event = ledger.event(self.run, f"run.{end.status}", payload={"error": end.error} if end.error else None)
        signals = None if end.over else interpreter.told.signals
        change = Change(self.run, self.epoch, runs={self.run: values}, events=(event,), signals=signals)
        if end.over and end.status != "succeeded":
            await ledger.ask(_close, self.run, self.epoch, end.status, now)
        if interpreter.halted and not end.over:
            await ledger.ask(_let_go, self.run, self.epoch, ledger.worker)
        await ledger.writer.commit(change)
        return end.status

    async def _decide(self, interpreter: Interpreter) -> End:
        root = interpreter.root
        if interpreter.told.wanted == "cancel":
            return End("cancelled", "It was cancelled.")
        if self._timed_out:
            return End("failed", submit.late(interpreter.site.limits.timeout or 0))
        if interpreter.capped:
            return End("cost_capped", "The next call would have passed the cost cap.")
        if root.over:
            return await self._ended(interpreter)
        if self.handed_over and not interpreter.told.wanted:
            return End("queued")
        if self.interrupted or interpreter.told.wanted == "pause":
            return End("paused", "It was interrupted." if self.interrupted else "")
        dues = [due for _, due in interpreter.parked.values() if due is not None]
        waits = await self.ledger.ask(_reasons, self.run)
        return End("waiting", " ".join(waits), due=min(dues, default=None))

    async def _ended(self, interpreter: Interpreter) -> End:
        root = interpreter.root
        if not root.succeeded():
            return End("failed", submit.why_failed(root.failures()) or "A step it needs failed.")
        try:
            return End("succeeded", outputs=await given(interpreter.performer, root))
        except StepFailed as error:
            return End("failed", error.message)


class End(NamedTuple):
    """How far a segment brought its run."""

    status: str
    error: str = ""
    outputs: dict[str, Any] = {}  # noqa: RUF012 - never changed
    due: float | None = None

    @property
    def over(self) -> bool:
        """Say whether nothing will follow."""
        return self.status in OVER


def _begin(engine: sa.Engine, segment: Segment) -> Execution:
    """Take the run for this segment; ``Fenced`` when another has it."""
    columns, now = schema.executions.c, segment.ledger.clock.now()
    mine = sa.and_(columns.id == segment.run, columns.epoch == segment.epoch, columns.status.in_(["queued", "running"]))
    begun = {
        "status": "running",
        "error": "",
        "worker": segment.ledger.worker,
        "host": socket.gethostname(),
        "started": sa.func.coalesce(columns.started, now),
    }
    with engine.begin() as connection:
        if connection.execute(schema.executions.update().where(mine).values(**begun)).rowcount != 1:
            raise Fenced(segment.run)
        event = segment.ledger.event(segment.run, "run.started", payload={"segment": segment.epoch})
        connection.execute(schema.events.insert().values(**event))
        row = connection.execute(schema.executions.select().where(columns.id == segment.run)).mappings().one()
        return read.execution(row)


def _told(engine: sa.Engine, run: str) -> Told:
    columns = schema.executions.c
    with engine.connect() as connection:
        asked = sa.select(columns.epoch, columns.wanted, columns.signals).where(columns.id == run)
        return Told(*connection.execute(asked).one())


def _reasons(engine: sa.Engine, run: str) -> list[str]:
    """Return what the steps of a run and its sub-workflows wait for, each once."""
    steps, runs = schema.steps.c, schema.executions.c
    family = sa.select(runs.id).where(runs.root == run)
    asked = sa.select(steps.reason).where(steps.run.in_(family), steps.status == "waiting").order_by(steps.number)
    with engine.connect() as connection:
        return list(dict.fromkeys(connection.scalars(asked)))


def _let_go(engine: sa.Engine, run: str, epoch: int, worker: str) -> None:
    """Mark steps that were stopped in good order as not begun: their process did not die."""
    runs, steps = schema.executions.c, schema.steps.c
    with engine.begin() as connection:
        if connection.scalar(sa.select(runs.epoch).where(runs.id == run).with_for_update()) != epoch:
            raise Fenced(run)
        family = sa.select(runs.id).where(runs.root == run)
        mine = sa.and_(steps.run.in_(family), steps.status == "running", steps.worker == worker, steps.claim == 0)
        connection.execute(schema.steps.update().where(mine).values(status="queued", worker=""))


def _close(engine: sa.Engine, run: str, epoch: int, status: str, now: float) -> None:
    """End what a run that did not succeed leaves open: queued steps, gates, sub-workflows."""
    columns = schema.executions.c
    with engine.begin() as connection:
        if connection.scalar(sa.select(columns.epoch).where(columns.id == run).with_for_update()) != epoch:
            raise Fenced(run)
        family = list(connection.scalars(sa.select(columns.id).where(columns.root == run)))
        queue.forget(connection, family, "cancelled", now)
        connection.execute(
            schema.executions.update()
            .where(columns.root == run, columns.id != run, columns.status.not_in(["succeeded", "failed"]))
            .values(status=status, finished=now)
        )
