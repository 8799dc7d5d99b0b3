"""The scheduler of a run: whatever is ready starts as soon as a place is free, and nothing waits for a batch."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from agentops_kit.workflows.engine import rows
from agentops_kit.workflows.engine.perform import Performer
from agentops_kit.workflows.engine.scope import Scope, Unit
from agentops_kit.workflows.ledger import read, schema
from agentops_kit.workflows.ledger.change import ENDED, Change, Fenced

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agentops_kit.workflows.engine.fanout import Fanout
    from agentops_kit.workflows.engine.result import Result
    from agentops_kit.workflows.engine.site import Site
    from agentops_kit.workflows.ledger.change import Told

_GRACE = 6.0
"""Seconds that steps have to end once they are cancelled; longer than one step's own."""


class Interpreter:
    """One segment of a run, from what the ledger says is done to the point where nothing can go on."""

    def __init__(self, site: Site, root: Scope, told: Told) -> None:
        """``told`` is what the run's row says at the start of the segment."""
        self.site = site
        self.root = root
        self.told = told
        self.capped = False
        self.halted = False
        self._news = False
        self._entered = False
        self.parked: dict[tuple[str, str, int], tuple[Unit, float | None]] = {}
        """Steps that wait for a person, by run, step and item, each with the time it gives up."""
        self.away: dict[tuple[str, str, int], Unit] = {}
        """Queued steps that workers do."""
        self.performer = Performer(self)
        self._ready: deque[Unit] = deque()
        self._fanouts: deque[Fanout] = deque()
        self._running: dict[asyncio.Task[Result], Unit] = {}
        self._ended: deque[asyncio.Task[Result]] = deque()
        self._known: dict[tuple[str, str, int], str] = {}
        self.wake = site.slots.freed

    async def go(self) -> None:
        """Return when everything ended, or nothing can go on before a person or another worker did something."""
        try:
            if not self._entered:
                self._entered = True
                await self.enter(self.root)
            while True:
                await self._begin()
                if not (self._running or self._news or (self.away and not self.stopping)):
                    return
                await self._rest()
                while self._ended:
                    await self._take(self._ended.popleft())
                await self._listen()
        finally:
            await self._stop()

    @property
    def stopping(self) -> bool:
        """Say whether nothing new may start."""
        return self.capped or self.halted or bool(self.told.wanted)

    def hear(self, told: Told) -> None:
        """Take in what the run's row says now."""
        if told.epoch != self.site.epoch:
            raise Fenced(self.site.root)
        self._news = self._news or told.signals != self.told.signals
        if told != self.told:
            self.told = told
            self.wake.set()

    def look(self) -> None:
        """Look at what others did at the next turn."""
        self._news = True
        self.wake.set()

    def tick(self) -> None:
        """Look whether a step that waits for a person gives up now."""
        now = self.site.ledger.clock.now()
        if any(due is not None and due <= now for _, due in self.parked.values()):
            self.look()

    async def _listen(self) -> None:
        """Settle what a person or another worker ended; gates whose time is up are tried again and give up."""
        if not self._news:
            return
        self._news = False
        await self._settle()
        self._try_overdue()

    async def _settle(self) -> None:
        """Take up each step that a person or a worker ended; one of a worker's that waits now is parked."""
        waiting = {**{place: unit for place, (unit, _) in self.parked.items()}, **self.away}
        for run in {place[0] for place in waiting}:
            ends = await self.site.ledger.ask(read.ends, run, sorted({step for of, step, _ in waiting if of == run}))
            for (step, item), status in ends.items():
                unit = waiting.get((run, step, item))
                if unit is not None and status in ENDED:
                    self._forget(unit)
                    await self.performer.again(unit, status)
                elif unit is not None and status == "waiting" and unit.place in self.away:
                    self._forget(unit)
                    self.parked[unit.place] = (unit, None)

    def _try_overdue(self) -> None:
        """Try the steps again whose time is up."""
        now = self.site.ledger.clock.now()
        for unit, due in list(self.parked.values()):
            if due is not None and due <= now:
                self._forget(unit)
                self._ready.append(unit)

    def send_away(self, unit: Unit) -> None:
        """Watch a step that a worker does; it may have ended already."""
        self.away[unit.place] = unit
        self.look()

    def _forget(self, unit: Unit) -> None:
        self.parked.pop(unit.place, None)
        if self.away.pop(unit.place, None) is not None:
            self.site.slots.give_back()

    def close(self) -> None:
        """Start nothing more; ``go`` returns once what runs has ended."""
        self.halted = True
        self.wake.set()

    def halt(self) -> None:
        """Stop what runs and start nothing more; ``go`` returns once it has stopped."""
        self.close()
        for task in self._running:
            task.cancel()
        self.away.clear()

    async def enter(self, scope: Scope) -> None:
        """Begin a scope: what the ledger has of it is settled, the rest is ready."""
        named = [scope.key(step) for step in scope.plan.steps]
        if scope.item == schema.ALONE:
            known = await self.site.ledger.ask(read.ends, scope.plan.run, named, scope.item)
            self._known.update({(scope.plan.run, step, item): status for (step, item), status in known.items()})
        self._make_ready(scope, scope.start().ready)

    def remember(self, run: str, ends: dict[tuple[str, int], str]) -> None:
        """Take in what the ledger has of a map's items."""
        self._known.update({(run, step, item): status for (step, item), status in ends.items()})

    def status_of(self, unit: Unit) -> str:
        """Return what the ledger had of a step at the start, "" for nothing."""
        return self._known.get(unit.place, "")

    def add(self, fanout: Fanout) -> None:
        """Let a map's items start whenever there is room."""
        self._fanouts.append(fanout)
        self.wake.set()

    def settle(self, unit: Unit, end: str, error: str = "") -> None:
        """Take in how a step ended: write what is skipped for it, and start what was waiting for it."""
        scope, step = unit
        if error:
            scope.errors[step.id] = error
        change = scope.settle(step.id, end)
        if change.skipped:
            self._skip(scope, change.skipped)
        self._make_ready(scope, change.ready)
        if scope.over and scope.parent is not None:
            self.performer.close(scope)

    def start(self, work: Unit, task: asyncio.Task[Result]) -> None:
        """Watch a task that will say how a step ended."""
        self._running[task] = work
        task.add_done_callback(self._note)

    def _note(self, task: asyncio.Task[Result]) -> None:
        self._ended.append(task)
        self.wake.set()

    def _make_ready(self, scope: Scope, names: Iterable[str]) -> None:
        self._ready.extend(Unit(scope, scope.plan.steps[name]) for name in names)

    async def _begin(self) -> None:
        """Start what may start; a run that stops does not wait for the next try of a step."""
        if self.stopping:
            self.site.slots.dismiss()
        while not self.stopping and self.site.slots.free:
            unit = await self._next()
            if unit is None:
                return
            self.site.slots.take()
            self.start(unit, asyncio.ensure_future(self.performer.run(unit)))

    async def _next(self) -> Unit | None:
        """Return the next step to start; steps the ledger has ended already are settled on the way."""
        while True:
            while self._ready:
                unit = self._ready.popleft()
                status = self._known.get(unit.place, "")
                if status not in ENDED:
                    return unit
                del self._known[unit.place]
                await self.performer.again(unit, status)
            fanout = self._open()
            if fanout is None:
                return None
            await self.enter(fanout.begin())

    def _open(self) -> Fanout | None:
        for _ in range(len(self._fanouts)):
            fanout = self._fanouts[0]
            if fanout.exhausted:
                self._fanouts.popleft()
                continue
            self._fanouts.rotate(-1)
            if fanout.may_begin:
                return fanout
        return None

    async def _rest(self) -> None:
        await self.wake.wait()
        self.wake.clear()

    async def _take(self, task: asyncio.Task[Result]) -> None:
        unit = self._running.pop(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            raise error
        result = task.result()
        if result.told is not None:
            self.hear(result.told)
        if result.end:
            self.settle(unit, result.end, result.error)

    def _skip(self, scope: Scope, skipped: Iterable[tuple[str, str]]) -> None:
        ledger, run, now = self.site.ledger, scope.plan.run, self.site.ledger.clock.now()
        steps, events = [], []
        for name, reason in skipped:
            if self._known.pop((run, scope.key(name), scope.item), "") in ENDED:
                continue
            step = scope.plan.steps[name]
            place = (run, scope.key(name), scope.item)
            position = scope.plan.position(name)
            steps.append(
                rows.step(*place, position=position, kind=step.kind, status="skipped", reason=reason, finished=now)
            )
            events.append(ledger.event(run, "step.skipped", place[1], place[2], {"reason": reason}))
        if steps:
            ledger.writer.post(Change(self.site.root, self.site.epoch, steps=tuple(steps), events=tuple(events)))

    async def _stop(self) -> None:
        """Leave nothing running behind."""
        left = [task for task in self._running if not task.done()]
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left, timeout=_GRACE)
        for task in self._running:
            if task.done() and not task.cancelled():
                lost = task.exception()
                del lost  # what it ended with is not written: the segment is over
        self._running.clear()
