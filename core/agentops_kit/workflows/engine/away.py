"""Queued steps at a worker: claimed in batches, tried here, their ends written under the claim."""

from __future__ import annotations

import asyncio
import os
import random
from dataclasses import replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING

import sqlalchemy as sa

from agentops_kit.workflows.engine import past, queue, submit
from agentops_kit.workflows.engine.limits import RunLimiter
from agentops_kit.workflows.engine.purse import OpenPurse, RunPurse
from agentops_kit.workflows.engine.site import Site, Slots
from agentops_kit.workflows.engine.tries import Task, Tries
from agentops_kit.workflows.ledger import read, schema
from agentops_kit.workflows.ledger.change import OVER, Change, Fenced
from agentops_kit.workflows.load import load

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from agentops_kit.workflows.engine.queue import Queued
    from agentops_kit.workflows.ledger.change import Claim
    from agentops_kit.workflows.ledger.handle import Ledger
    from agentops_kit.workflows.ledger.read import Execution
    from agentops_kit.workflows.spec import Json, Step, Workflow

_LOOK = 0.2


class Away:
    """The queued steps of one worker."""

    def __init__(self, ledger: Ledger, queues: Collection[str], slots: int) -> None:
        """``slots`` steps are done at a time."""
        self._ledger = ledger
        self._queues = tuple(queues)
        self._most = slots
        self._slots = Slots(slots)
        self._tasks: dict[asyncio.Task[None], str] = {}
        self._roots: dict[str, Execution] = {}
        self._dropped: set[Claim] = set()
        """Steps whose end could not be written; they are offered again."""

    @property
    def busy(self) -> int:
        """Return how many steps are at work."""
        return len(self._tasks)

    async def go(self, stopping: asyncio.Event) -> None:
        """Claim and do steps until ``stopping``; those at work go on after it."""
        watcher = asyncio.ensure_future(self._watch())
        try:
            while not stopping.is_set():
                claimed = await self._claim()
                for one in claimed:
                    self._start(one)
                if not claimed:
                    await self._rest()
            while self._tasks:
                await self._rest()
        finally:
            watcher.cancel()
            self.halt()

    async def empty(self) -> None:
        """Return once no step is at work."""
        while self._tasks:  # noqa: ASYNC110 - ends once, in a process that ends
            await asyncio.sleep(_LOOK / 4)

    def halt(self) -> None:
        """Stop the steps at work; they are done again elsewhere."""
        for task in self._tasks:
            task.cancel()

    async def _claim(self) -> tuple[Queued, ...]:
        await self._give_up()
        free = self._most - len(self._tasks)
        if free <= 0 or not self._queues:
            return ()
        ledger = self._ledger
        return await ledger.ask(queue.claim, self._queues, ledger.worker, free, ledger.clock.now())

    async def _give_up(self) -> None:
        """Offer again what ended here without a result, as soon as the database takes it."""
        for claim in list(self._dropped):
            await self._ledger.ask(queue.release, claim, self._ledger.clock.now())
            self._dropped.discard(claim)

    async def _rest(self) -> None:
        """Wait for a step to end, or for the next look; workers look at different times."""
        self._slots.freed.clear()
        try:
            async with asyncio.timeout(_LOOK * random.uniform(0.75, 1.25)):  # noqa: S311
                await self._slots.freed.wait()
        except TimeoutError:
            return

    def _start(self, one: Queued) -> None:
        self._slots.take()
        task = asyncio.ensure_future(self._do(one))
        self._tasks[task] = one.claim.run
        task.add_done_callback(partial(self._ended, one.claim))

    def _ended(self, claim: Claim, task: asyncio.Task[None]) -> None:
        self._tasks.pop(task)
        self._slots.give_back()
        if not task.cancelled() and task.exception() is not None and not isinstance(task.exception(), Fenced):
            self._dropped.add(claim)

    async def _do(self, one: Queued) -> None:
        execution = await self._execution(one.claim.run)
        site = self._site(execution)
        task = _task(execution, one)
        found = await past.of(site, task, interrupted=False)
        task = replace(task, attempt=found.attempt, earlier=found.earlier)
        event = self._ledger.event(task.run, "step.started", task.key, task.item, {"worker": self._ledger.worker})
        self._ledger.writer.post(Change(execution.root, None, events=(event,)))
        tries = Tries(site, task)
        ended = tries.given_up(found.given_up) if found.given_up else await tries.end()
        change = Change(
            execution.root,
            None,
            steps=(ended.row,),
            attempts=ended.attempts,
            events=ended.events,
            claim=one.claim,
            runs={execution.root: {"signals": schema.executions.c.signals + 1}},
        )
        await self._ledger.writer.commit(change)

    async def _execution(self, run: str) -> Execution:
        if run not in self._roots:
            found = await self._ledger.ask(read.run, run)
            if found is None:
                raise Fenced(run)
            self._roots[run] = found
            while len(self._roots) > 64:  # noqa: PLR2004 - the runs at work, with some room
                self._roots.pop(next(iter(self._roots)))
        return self._roots[run]

    def _site(self, execution: Execution) -> Site:
        limits, ledger = submit.limits(execution.limits), self._ledger
        return Site(
            ledger=ledger,
            root=execution.root,
            epoch=None,
            means=submit.means(execution.means, dict(os.environ)),
            limits=limits,
            purse=OpenPurse() if limits.cost_cap is None else RunPurse(ledger, execution.root),
            limiter=RunLimiter(ledger, limits, execution.tenant),
            slots=self._slots,
            sources=execution.sources,
        )

    async def _watch(self) -> None:
        """Stop the steps of runs that are over or shall be."""
        while True:
            await asyncio.sleep(_LOOK)
            runs = set(self._tasks.values())
            unwanted = await self._ledger.ask(_unwanted, runs) if runs else set()
            for task, run in list(self._tasks.items()):
                if run in unwanted:
                    task.cancel()


def _unwanted(engine: sa.Engine, runs: Collection[str]) -> set[str]:
    """Return those of some runs whose steps nobody wants any more."""
    columns = schema.executions.c
    root = schema.executions.alias()
    asked = sa.select(columns.id).join(root, root.c.id == columns.root).where(columns.id.in_(sorted(runs)))
    asked = asked.where(sa.or_(root.c.wanted == "cancel", root.c.status.in_(OVER)))
    with engine.connect() as connection:
        return set(connection.scalars(asked))


def _task(execution: Execution, one: Queued) -> Task:
    workflow = _workflow(execution.source, execution.file)
    job: Mapping[str, Json] = one.job
    return Task(
        run=one.claim.run,
        key=one.claim.step,
        item=one.claim.item,
        position=one.position,
        workflow=workflow,
        step=step_of(workflow, one.claim.step),
        settings=job["settings"],
        inputs=job["inputs"],
        outputs=job["outputs"],
        claim=one.claim,
    )


@lru_cache(maxsize=64)
def _workflow(source: str, file: str) -> Workflow:
    return load(source, file)


def step_of(workflow: Workflow, key: str) -> Step:
    """Return the step the ledger calls ``key``: one of the workflow's, or one inside a map."""
    steps = {step.id: step for step in workflow.steps}
    while key not in steps:
        outer = next(name for name in steps if key.startswith((f"{name}/", f"{name}[")))
        key = key[len(outer) :].partition("/")[2]
        steps = {step.id: step for step in steps[outer].settings["steps"]}
    return steps[key]
