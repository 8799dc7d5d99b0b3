"""Maps: the same steps for every element of a list, a bounded number at a time, results in the list's order."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from agentops_kit.workflows import template
from agentops_kit.workflows.engine import rows
from agentops_kit.workflows.engine.result import Result
from agentops_kit.workflows.engine.scope import Plan, Scope, Unit, ends_of
from agentops_kit.workflows.ledger import read, schema
from agentops_kit.workflows.ledger.change import Change
from agentops_kit.workflows.steps.base import StepFailed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agentops_kit.workflows.engine.perform import Performer
    from agentops_kit.workflows.spec import Json

_SHOWN = 3
"""Failed items whose errors the map's own error quotes."""
_BEGUN: Final[tuple[str, dict[str, str]]] = ("items", {})
"""What is asked of the record of a map that failed: how many items had begun by then, which is chance."""


class Fanout:
    """A map at work."""

    def __init__(
        self,
        performer: Performer,
        unit: Unit,
        plan: Plan,
        elements: Sequence[Json],
        most: int | None,
        begun: int | None = None,
    ) -> None:
        """``most`` items are open at a time, None leaves it to the run's limit; ``begun`` see ``_begun``."""
        self._performer = performer
        self._unit = unit
        self._plan = plan
        self._elements = elements
        self._most = most
        self._next = 0
        self._open = 0
        self._collects = unit.step.settings.get("on_error") == "collect"
        self._failed: dict[int, str] = {}
        self._end = len(elements) if begun is None else begun
        self._least = 0 if begun is None else begun
        self.began = performer.site.ledger.clock.now()

    @property
    def exhausted(self) -> bool:
        """Say whether no further item will begin."""
        stopped = self._failed and not self._collects and self._next >= self._least
        return self._next >= self._end or bool(stopped)

    def go_on(self, items: int) -> None:
        """Begin at least so many items, whatever fails: those that an earlier segment had begun."""
        self._least = max(self._least, items)

    @property
    def may_begin(self) -> bool:
        """Say whether another item may be open."""
        return self._most is None or self._open < self._most

    def begin(self) -> Scope:
        """Open the next item."""
        item, self._next, self._open = self._next, self._next + 1, self._open + 1
        return Scope(self._plan, item, self._elements[item], self._unit)

    def closed(self, scope: Scope) -> None:
        """Take in that an item's steps have ended."""
        if not scope.succeeded():
            self._failed[scope.item] = next(iter(scope.failures().values()), "")
        if scope.succeeded() and "output" in self._unit.step.settings and self._unit.step.settings["output"]:
            self._performer.run_of.start(self._unit, asyncio.ensure_future(self._keep_item(scope)))
            return
        self._leave()

    def _leave(self) -> None:
        self._open -= 1
        if self.exhausted and not self._open:
            self._performer.run_of.start(self._unit, asyncio.ensure_future(self.conclude()))

    async def _keep_item(self, scope: Scope) -> Result:
        """Write what an item gives, where the map says so."""
        wanted = self._unit.step.settings["output"]
        outputs = await self._performer.outputs(scope, template.reads(wanted))
        given = template.render(wanted, scope.seen(outputs))
        run, key, _ = self._unit.place
        site = self._performer.site
        row = rows.step(
            run, key, scope.item, position=self._unit.scope.plan.position(self._unit.step.id), kind="map",
            status="succeeded", output=read.text(given), finished=site.ledger.clock.now(),
        )  # fmt: skip
        told = await site.ledger.writer.commit(Change(site.root, site.epoch, steps=(row,)))
        self._leave()
        return Result("", told=told)

    async def conclude(self) -> Result:
        """End the map with the list of what its items gave."""
        performer, unit = self._performer, self._unit
        performer.drop_fanout(unit)
        if self._failed and not self._collects:
            run, key, item = unit.place
            begun = rows.call({"run": run, "step": key, "item": item, "attempt": 1}, 1, *_BEGUN, answer=str(self._next))
            return await performer.close_step(
                unit, "failed", begun, error=self._error(), failure="unclassified", started=self.began
            )
        output = "[" + ",".join(await self._given()) + "]"
        return await performer.close_step(unit, "succeeded", output=output, started=self.began)

    def _error(self) -> str:
        quoted = "; ".join(f"item {item}: {self._failed[item]}" for item in sorted(self._failed)[:_SHOWN])
        return f"{len(self._failed)} of {len(self._elements)} items failed: {quoted}"

    async def _given(self) -> list[str]:
        """Return each item's output as JSON, null for one that was skipped, an error for one that failed."""
        ledger, (run, key, _) = self._performer.site.ledger, self._unit.place
        wanted = self._unit.step.settings.get("output")
        sources = (
            [key] if wanted else [f"{self._plan.prefix}{name}" for name in ends_of(tuple(self._plan.steps.values()))]
        )
        columns: list[dict[int, str]] = []
        for source in sources:
            found = await ledger.ask(read.items, run, source)
            columns.append({item: output or "null" for item, status, output, _ in found if status == "succeeded"})
        names = [source[len(self._plan.prefix) :] for source in sources]
        return [self._one(item, names, columns) for item in range(len(self._elements))]

    def _one(self, item: int, names: Sequence[str], columns: Sequence[Mapping[int, str]]) -> str:
        if item in self._failed:
            return read.text({"error": self._failed[item]})
        if len(columns) == 1:
            return columns[0].get(item, "null")
        pairs = (f"{read.text(name)}:{column.get(item, 'null')}" for name, column in zip(names, columns, strict=True))
        return "{" + ",".join(pairs) + "}"


async def open_up(performer: Performer, unit: Unit, settings: Mapping[str, Any]) -> Result:
    """Begin a map, or end it at once when its list is empty or no list."""
    elements = listed(settings.get("over"))
    if elements is None:
        error = f"`over` has to be a list, and it is {type(settings.get('over')).__name__}."
        return await performer.close_step(unit, "failed", failure="invalid", error=error)
    scope, (run, key, item) = unit.scope, unit.place
    body = {step.id: step for step in unit.step.settings["steps"]}
    inputs = {**scope.plan.inputs, **(settings.get("inputs") or {})}
    first, outer = scope.plan.position(unit.step.id), scope.plan.outer
    plan = Plan(run, scope.plan.workflow, inputs, body, scope.inner(unit.step.id), first, outer)
    try:
        begun = await _begun(performer, unit)
    except StepFailed as differs:
        return await performer.close_step(unit, "failed", failure=differs.kind, error=differs.message)
    fanout = Fanout(performer, unit, plan, elements, settings.get("max_parallel"), begun)
    if not elements:
        return await performer.close_step(unit, "succeeded", output="[]")
    if performer.run_of.status_of(unit):
        named = [f"{plan.prefix}{name}" for name in body]
        ends = await performer.site.ledger.ask(read.ends, run, named)
        performer.run_of.remember(run, ends)
        fanout.go_on(max((place + 1 for _, place in ends), default=0))
    ledger = performer.site.ledger
    row = rows.step(
        run, key, item, position=plan.first, kind="map", status="running", started=fanout.began, worker=ledger.worker
    )
    event = ledger.event(run, "step.started", key, item, {"items": len(elements)})
    ledger.writer.post(Change(performer.site.root, performer.site.epoch, steps=(row,), events=(event,)))
    performer.open_fanout(unit, fanout)
    return Result("")


async def _begun(performer: Performer, unit: Unit) -> int | None:
    """Return in a replay how many items of a map that failed had begun; None where that has no bearing."""
    site, (_, key, item) = performer.site, unit.place
    if site.replay is None:
        return None
    calls = site.replay(unit.scope.plan.outer + key, None if item == schema.ALONE else item, 1)
    if not calls.made:
        return None

    async def never() -> Json:
        raise AssertionError  # pragma: no cover - a replay acts on nothing

    found = await calls.call(*_BEGUN, never)
    return found if isinstance(found, int) else None


def listed(over: Json) -> list[Json] | None:
    """Return what a map goes over: a list, a text that is JSON of one, or a mapping's pairs; None for anything else."""
    if isinstance(over, str):
        try:
            over = read.value(over.strip())
        except ValueError:
            return None
    if isinstance(over, dict):
        return [{"key": key, "value": value} for key, value in over.items()]
    return over if isinstance(over, list) else None
