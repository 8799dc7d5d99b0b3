"""What becomes of a step that can start: skipped, tried, waited for, or opened up into others."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agentops_kit.workflows import template
from agentops_kit.workflows.engine import child, fanout, gate, past, queue, rows
from agentops_kit.workflows.engine.recorder import Recorder
from agentops_kit.workflows.engine.result import Result
from agentops_kit.workflows.engine.shelf import Shelf
from agentops_kit.workflows.engine.tries import Task, Tries
from agentops_kit.workflows.frontier import needed
from agentops_kit.workflows.history.record import text
from agentops_kit.workflows.ledger.change import Change
from agentops_kit.workflows.ledger.schema import ALONE
from agentops_kit.workflows.spec import Quorum
from agentops_kit.workflows.steps.base import StepFailed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from agentops_kit.workflows.engine.interpret import Interpreter
    from agentops_kit.workflows.engine.scope import Scope, Unit
    from agentops_kit.workflows.engine.tries import Ended
    from agentops_kit.workflows.ledger.change import Row, Told
    from agentops_kit.workflows.spec import Json, Need, Step
    from agentops_kit.workflows.steps.base import Calls

_LOOK = 0.002
"""Seconds between two looks of a replay at steps that have to end first."""


def chooses(need: Need | None) -> bool:
    """Say whether a need may be met before all the steps it names have ended: by any, or by some of several."""
    return isinstance(need, Quorum) and (need.count < len(need.of) or any(map(chooses, need.of)))


class Performer:
    """Does the steps of one segment."""

    def __init__(self, run: Interpreter) -> None:
        """``run`` is told of what a step opens up."""
        self.run_of = run
        self.site = run.site
        self.shelf = Shelf(run.site.ledger)
        self._fanouts: dict[tuple[str, str, int], fanout.Fanout] = {}

    async def run(self, unit: Unit) -> Result:
        """Do a step, in a place that was taken for it."""
        try:
            return await self._run(unit)
        finally:
            if unit.place not in self.run_of.away:  # a worker's step gives its place back when it ends there
                self.site.slots.give_back()

    async def _run(self, unit: Unit) -> Result:
        scope, step = unit
        try:
            outputs = await self._seen(unit)
        except StepFailed as error:
            return await self.close_step(unit, "failed", failure=error.kind, error=error.message)
        seen = scope.seen(outputs)
        try:
            if step.condition and not template.holds(step.condition, seen):
                return await self.close_step(unit, "skipped", reason="its condition does not hold")
            settings = rendered(step, seen)
        except template.Unresolved as error:
            return await self.close_step(unit, "failed", failure="invalid", error=str(error))
        if step.kind == "map":
            return await fanout.open_up(self, unit, settings)
        if step.kind == "workflow" and not await child.is_played(self, settings):
            return await child.open_up(self, unit, settings)
        wanted = needed(step.needs)
        task = Task(
            *unit.place,
            position=scope.plan.position(step.id),
            workflow=scope.plan.workflow,
            step=step,
            settings=settings,
            inputs=scope.plan.inputs,
            outputs={name: outputs[name] for name in sorted(wanted, key=scope.plan.position) if name in outputs},
            outer=scope.plan.outer,
        )
        return await self._leaf(unit, task)

    async def _seen(self, unit: Unit) -> dict[str, Json]:
        """Return the outputs a step sees, by step.

        Behind a choice of needs that is what is there by chance when it starts: the names are recorded, as the call
        of a try 0, and a replay waits for those and shows no others.
        """
        scope, step = unit
        names = scope.plan.reads(step)
        if not chooses(step.needs):
            return await self.outputs(scope, names)

        async def now() -> Json:
            return list(await self.outputs(scope, names))

        site, (run, key, item) = self.site, unit.place
        calls: Calls
        if site.replay is None:
            calls = Recorder(site.ledger, site.root, site.epoch, {"run": run, "step": key, "item": item, "attempt": 0})
        else:
            calls = site.replay(scope.plan.outer + key, None if item == ALONE else item, 0)
        seen: list[str] = await calls.call("needs", {}, now)
        if site.replay is not None:
            await self._until_ended(scope, seen)
        return await self.outputs(scope, seen)

    async def _until_ended(self, scope: Scope, names: Iterable[str]) -> None:
        """Wait, without holding a place, until some steps have ended."""
        mine = [name for name in names if name in scope.plan.steps]
        async with self.site.slots.lent():
            while any(name not in scope.frontier.ends() for name in mine):  # noqa: ASYNC110 - a replay ends at once
                await asyncio.sleep(_LOOK)

    async def _leaf(self, unit: Unit, task: Task) -> Result:
        status = self.run_of.status_of(unit)
        if task.step.kind == "gate" and await self._is_late(unit):
            return await self._late(unit, task)
        if task.step.policy.queue and not self.site.serves_queues:
            return await queue.put(self, unit, task)
        if status:
            found = await past.of(self.site, task, interrupted=status == "running")
            if found.given_up:
                return await self.close_step(unit, "failed", failure="unclassified", error=found.given_up)
            task = replace(task, attempt=found.attempt, earlier=found.earlier)
        if task.step.kind != "gate":  # it only waits; its row keeps the time at which it gives up
            self._note_start(task)
        return await self.keep(unit, await Tries(self.site, task).end())

    async def _is_late(self, unit: Unit) -> bool:
        if not unit.step.settings.get("timeout"):
            return False
        due = await self.site.ledger.ask(past.due, *unit.place)
        return due is not None and due <= self.site.ledger.clock.now()

    async def _late(self, unit: Unit, task: Task) -> Result:
        """End a gate whose time is up, which is its answer: kept as a call, as a person's would be."""
        run, key, item = unit.place
        place, now = {"run": run, "step": key, "item": item, "attempt": 1}, self.site.ledger.clock.now()
        asked = gate.question(gate.message(task.step, task.settings))
        try:
            given = text(gate.late(dict(task.settings)).output)
        except StepFailed as failed:
            call = rows.call(place, 1, "gate", asked, at=now, failure=failed.kind, error=failed.message)
            return await self.close_step(unit, "failed", call, failure=failed.kind, error=failed.message)
        call = rows.call(place, 1, "gate", asked, at=now, answer=given)
        return await self.close_step(unit, "succeeded", call, output=given)

    def _note_start(self, task: Task) -> None:
        ledger = self.site.ledger
        place = (task.run, task.key, task.item)
        row = rows.step(
            *place, position=task.position, kind=task.step.kind, status="running", tries=task.attempt,
            started=ledger.clock.now(), worker=ledger.worker, queue=task.step.policy.queue,
        )  # fmt: skip
        event = ledger.event(task.run, "step.started", task.key, task.item)
        ledger.writer.post(Change(self.site.root, self.site.epoch, steps=(row,), events=(event,)))

    async def keep(self, unit: Unit, ended: Ended) -> Result:
        """Write how a step ended; one that waits for a person is parked."""
        row = ended.row
        if ended.status == "waiting":
            row = await self._waiting(unit, row)
        told = await self._commit(row, ended.attempts, ended.events)
        if ended.status == "waiting":
            self.run_of.parked[unit.place] = (unit, row["due"])
            return Result("", told=told)
        if ended.status == "succeeded":
            self.shelf.put(unit.place, row["output"])
            if unit.step.kind == "switch":
                self._choose(unit, row["output"])
        self._mind_cap(ended.status)
        return Result(ended.status, row["error"], told)

    async def _waiting(self, unit: Unit, row: Row) -> Row:
        """Give a gate the time at which it gives up: the one it has already, or from now on."""
        seconds = unit.step.settings.get("timeout") if unit.step.kind == "gate" else None
        if not seconds:
            return row
        due = await self.site.ledger.ask(past.due, *unit.place)
        return {**row, "due": due if due is not None else self.site.ledger.clock.now() + float(seconds)}

    async def _commit(
        self, row: Row, attempts: tuple[Row, ...] = (), events: tuple[Row, ...] = (), calls: tuple[Row, ...] = ()
    ) -> Told:
        change = Change(self.site.root, self.site.epoch, steps=(row,), attempts=attempts, calls=calls, events=events)
        return await self.site.ledger.writer.commit(change)

    async def close_step(self, unit: Unit, status: str, *calls: Row, **values: Any) -> Result:
        """End a step that was not tried, or that others ended for it; ``calls`` are kept with it."""
        ledger, (run, key, item) = self.site.ledger, unit.place
        now = ledger.clock.now()
        values.setdefault("started", now)
        row = rows.step(
            run, key, item, position=unit.scope.plan.position(unit.step.id), kind=unit.step.kind, status=status,
            finished=now, worker=ledger.worker, **values,
        )  # fmt: skip
        said = {name: values[name] for name in ("reason", "error") if values.get(name)}
        event = ledger.event(run, f"step.{status}", key, item, said or None)
        told = await self._commit(row, events=(event,), calls=calls)
        if status == "succeeded":
            self.shelf.put(unit.place, row["output"])
        return Result(status, row["error"], told)

    async def again(self, unit: Unit, status: str) -> None:
        """Settle a step that the ledger says has ended."""
        self._mind_cap(status)
        if unit.step.kind == "switch" and status == "succeeded":
            run, key, item = unit.place
            found = await self.shelf.take(run, (key,), item)
            self._choose(unit, found[key])
        failed = status not in {"succeeded", "skipped"}
        self.run_of.settle(unit, status, await self.site.ledger.ask(past.error, *unit.place) if failed else "")

    def _mind_cap(self, status: str) -> None:
        """Stop the run at its cap; a replay goes on, for what else was at work by then was chance."""
        if status == "cost_capped" and self.site.limits.on_cap != "skip" and self.site.replay is None:
            self.run_of.capped = True

    @staticmethod
    def _choose(unit: Unit, output: Json) -> None:
        from agentops_kit.workflows.ledger.read import value

        chosen = value(output) if isinstance(output, str) else output
        unit.scope.frontier.choose(unit.step.id, chosen.get("next") or ())

    async def outputs(self, scope: Scope, names: Iterable[str]) -> dict[str, Json]:
        """Return steps' outputs by the names they have in a scope; a map's body sees the steps around it too."""
        mine = {scope.key(name): name for name in names if name in scope.plan.steps}
        found = await self.shelf.take(scope.plan.run, mine, scope.item) if mine else {}
        named = {mine[key]: output for key, output in found.items()}
        others = [name for name in names if name not in scope.plan.steps]
        if others and scope.parent is not None and scope.parent.step.kind == "map":
            named |= await self.outputs(scope.parent.scope, others)
        return named

    def close(self, scope: Scope) -> None:
        """Take in that all steps of a map's item or of a sub-workflow have ended."""
        import asyncio

        unit = scope.parent
        if unit is None:
            return
        if unit.step.kind == "workflow":
            self.run_of.start(unit, asyncio.ensure_future(child.conclude(self, unit, scope)))
            return
        self._fanouts[unit.place].closed(scope)

    def open_fanout(self, unit: Unit, opened: fanout.Fanout) -> None:
        """Let a map's items begin."""
        self._fanouts[unit.place] = opened
        self.run_of.add(opened)

    def drop_fanout(self, unit: Unit) -> None:
        """Forget a map whose items have all ended."""
        del self._fanouts[unit.place]


_AS_WRITTEN = {"map": ("steps", "output"), "script": ("code",)}
"""Settings that are no templates, or that are filled in for each item later: a script's inputs never become code."""


def rendered(step: Step, seen: Mapping[str, Any]) -> dict[str, Json]:
    """Return a step's settings with every template filled in; raises ``Unresolved``."""
    kept = _AS_WRITTEN.get(step.kind, ())
    plain = {name: value for name, value in step.settings.items() if name not in kept}
    filled: dict[str, Json] = template.render(plain, seen)
    return {**filled, **{name: step.settings[name] for name in kept if name in step.settings and name != "steps"}}
