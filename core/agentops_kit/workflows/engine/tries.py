"""The tries of one step: run, time out, wait, again; the end is returned, and kept by whoever asked for it."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from agentops_kit.errors import AgentOpsError
from agentops_kit.workflows.engine import gate, played, retry, rows
from agentops_kit.workflows.engine.recorder import Recorder
from agentops_kit.workflows.history.record import text
from agentops_kit.workflows.ledger import schema
from agentops_kit.workflows.ledger.change import Change, Fenced, LedgerLost
from agentops_kit.workflows.steps import base
from agentops_kit.workflows.steps.base import Job, Outcome, StepFailed, StepWaits

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping
    from typing import Any

    from agentops_kit.workflows.engine.site import Site
    from agentops_kit.workflows.history.record import Call
    from agentops_kit.workflows.ledger.change import Claim, Row
    from agentops_kit.workflows.spec import Json, Step, Workflow
    from agentops_kit.workflows.steps.base import Calls, Failure, Runner

_GRACE = 5.0
"""Seconds a step that is stopped has to clean up."""


@dataclass(frozen=True)
class Task:
    """One step, or one item of a map, ready to be tried; ``key`` is its name in the ledger."""

    run: str
    key: str
    item: int
    position: int
    workflow: Workflow
    step: Step
    settings: Mapping[str, Json]
    inputs: Mapping[str, Json]
    outputs: Mapping[str, Json]
    attempt: int = 1
    earlier: Mapping[int, Call] = field(default_factory=dict)
    claim: Claim | None = None
    outer: str = ""
    """What its name begins with in the record of the whole run, see ``scope.Plan``."""

    @property
    def place(self) -> int | None:
        """Return the item, None for a step that is no item."""
        return None if self.item == schema.ALONE else self.item

    @property
    def name(self) -> str:
        """Return the idempotency key: equal for every try."""
        return f"{self.run}:{self.key}" + ("" if self.place is None else f":{self.item}")


@dataclass(frozen=True)
class Ended:
    """How a step ended, as rows that are not written yet; ``status`` waiting means a person has to do something."""

    status: str
    row: Row
    attempts: tuple[Row, ...]
    events: tuple[Row, ...]


_OWN: Mapping[str, Runner] = {"gate": gate, "workflow": played}
"""Kinds that the engine itself runs."""


class Tries:
    """One step from its first try to its end."""

    def __init__(self, site: Site, task: Task) -> None:
        """Nothing runs before ``end`` is awaited."""
        self._site = site
        self._task = task
        self._began = site.ledger.clock.now()
        self._kept: list[Row] = []
        self._fresh: list[Row] = []

    async def end(self) -> Ended:
        """Try until it succeeded or no further try is allowed."""
        attempt, last, policy = self._task.attempt, False, self._task.step.policy
        while True:
            began = self._site.ledger.clock.now()
            last = last or attempt >= policy.attempts
            try:
                outcome = await self._try(attempt, last=last)
            except StepWaits as waits:
                return self._waiting(waits.message, attempt)
            except StepFailed as failed:
                again = self._again(failed, attempt, last=last)
                self._count(attempt, "failed", began, failed.outcome, failed, again.seconds if again else None)
                if again is None:
                    return self._failed(failed, attempt)
                await self._wait(again, attempt)
                last = again.last
                attempt += 1
                continue
            self._count(attempt, "succeeded", began, outcome)
            return self._ended("succeeded", attempt, output=text(outcome.output))

    def given_up(self, why: str) -> Ended:
        """Return the end of a step that is not tried any more."""
        return self._ended("failed", self._task.attempt, failure="unclassified", error=why)

    def _again(self, failed: StepFailed, attempt: int, *, last: bool) -> retry.Again | None:
        policy = self._task.step.policy
        if failed.kind == "cost_cap":
            cheaper = self._site.limits.on_cap == "downgrade" and policy.fallback_model and not last
            return retry.Again(0.0, last=True) if cheaper else None
        again = retry.decide(policy, failed.kind, attempt, random.random(), failed.retry_after)  # noqa: S311 - jitter
        return again._replace(seconds=0.0) if again and self._site.replay else again

    async def _try(self, attempt: int, *, last: bool) -> Outcome:
        task, site = self._task, self._site
        runner, calls = _runner(task.step.kind), self._calls(attempt)
        job = Job(
            run=task.run,
            workflow=task.workflow,
            step=task.step,
            settings=task.settings,
            inputs=task.inputs,
            outputs=task.outputs,
            key=task.name,
            attempt=attempt,
            item=task.place,
            last=last,
            means=site.means,
            calls=calls,
            purse=site.purse,
            limiter=site.limiter,
        )
        release = await site.limiter.tenant_slot()
        try:
            return await supervised(runner.run(job), task.step.policy.timeout)
        except StepFailed as failed:
            if failed.kind == "timeout" and isinstance(calls, Recorder):
                await calls.cut_off(failed)
            raise
        finally:
            await release()

    def _calls(self, attempt: int) -> Calls:
        task, site = self._task, self._site
        if site.replay is not None:
            return site.replay(task.outer + task.key, task.place, attempt)
        row = {"run": task.run, "step": task.key, "item": task.item, "attempt": attempt}
        return Recorder(site.ledger, site.root, site.epoch, row, task.earlier if attempt == task.attempt else None)

    async def _wait(self, again: retry.Again, attempt: int) -> None:
        """Keep what was tried, and wait without holding a place."""
        ledger = self._site.ledger
        event = ledger.event(
            self._task.run, "step.retry", self._task.key, self._task.item,
            {"attempt": attempt, "seconds": round(again.seconds, 3), "error": self._fresh[-1]["error"]},
        )  # fmt: skip
        await ledger.writer.commit(
            Change(self._site.root, self._site.epoch, attempts=tuple(self._fresh), events=(event,))
        )
        self._kept += self._fresh
        self._fresh = []
        async with self._site.slots.lent():
            await asyncio.sleep(again.seconds)

    def _count(
        self,
        attempt: int,
        status: str,
        began: float,
        outcome: Outcome | None,
        failed: StepFailed | None = None,
        wait: float | None = None,
    ) -> None:
        ledger = self._site.ledger
        self._fresh.append(
            rows.attempt(
                self._task.run,
                self._task.key,
                self._task.item,
                attempt,
                status=status,
                failure=failed.kind if failed else "",
                error=failed.message if failed else "",
                started=began,
                finished=ledger.clock.now(),
                wait=wait,
                worker=ledger.worker,
                **rows.used(outcome),
            )
        )

    def _failed(self, failed: StepFailed, attempt: int) -> Ended:
        if failed.kind == "cost_cap" and self._site.limits.on_cap == "skip":
            return self._ended("skipped", attempt, reason=failed.message)
        status = "cost_capped" if failed.kind == "cost_cap" else "failed"
        return self._ended(status, attempt, failure=failed.kind, error=failed.message)

    def _waiting(self, message: str, attempt: int) -> Ended:
        return self._ended("waiting", attempt - 1, reason=message)

    def _ended(self, status: str, attempt: int, **values: str) -> Ended:
        task, ledger = self._task, self._site.ledger
        now = ledger.clock.now()
        row = rows.step(
            task.run,
            task.key,
            task.item,
            position=task.position,
            kind=task.step.kind,
            status=status,
            tries=attempt,
            started=self._began,
            finished=None if status == "waiting" else now,
            worker=ledger.worker,
            queue=task.step.policy.queue,
            **rows.summed([*self._kept, *self._fresh]),
            **values,
        )
        said = {name: value for name, value in values.items() if name != "output"}
        event = ledger.event(task.run, f"step.{status}", task.key, task.item, said or None)
        return Ended(status, row, tuple(self._fresh), (event,))


def _runner(kind: str) -> Runner:
    if kind in _OWN:
        return _OWN[kind]
    try:
        return base.load(kind)
    except ModuleNotFoundError as error:
        raise StepFailed("invalid", f"Steps of kind {kind} need the package {error.name}, which is missing.") from error


async def supervised(work: Coroutine[Any, Any, Outcome], seconds: float | None) -> Outcome:
    """Return what a runner returns; whatever else becomes of it is a ``StepFailed`` or ``StepWaits``."""
    task = asyncio.ensure_future(work)
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=_GRACE)
    if not done:
        raise StepFailed("timeout", f"It took longer than {seconds:g} seconds.")
    if task.cancelled():
        raise StepFailed("cancelled", "It was cancelled from within.")
    error = task.exception()
    if error is None:
        return task.result()
    if isinstance(error, (StepFailed, StepWaits, Fenced, LedgerLost)):
        raise error
    kind = "invalid" if isinstance(error, AgentOpsError) else "unclassified"
    said = str(error) if isinstance(error, AgentOpsError) else f"{type(error).__name__}: {error}"
    raise StepFailed(cast("Failure", kind), said) from error
