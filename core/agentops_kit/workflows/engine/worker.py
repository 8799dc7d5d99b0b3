"""A worker: takes queued runs and queued steps of its capabilities, and minds what dead workers left."""

from __future__ import annotations

import asyncio
import random
import signal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agentops_kit.workflows.engine import presence, queue, reaper
from agentops_kit.workflows.engine.away import Away
from agentops_kit.workflows.engine.launch import Launched, Outside, launch, name
from agentops_kit.workflows.engine.orders import resume
from agentops_kit.workflows.engine.segment import Segment
from agentops_kit.workflows.engine.submit import VERSION
from agentops_kit.workflows.headless import waiting

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops_kit.workflows.engine.engine import Engine
    from agentops_kit.workflows.ledger.handle import Ledger

_LOOK = 0.2
"""Seconds between two looks for queued steps, and for what is wanted of those at work."""
_REAP = 2.0


@dataclass(frozen=True)
class Orders:
    """What a worker is to do; ``grace`` is how many seconds steps at work have to end when it is stopped."""

    queues: tuple[str, ...] = ()
    slots: int = 8
    takes_runs: bool = True
    version: str = VERSION
    grace: float = 30.0


@dataclass
class Worker:
    """One worker process; ``say`` hears one line for each thing a person may want to know."""

    engine: Engine
    orders: Orders
    say: Callable[[str], None]
    _segments: dict[tuple[str, int], Segment] = field(default_factory=dict)
    _over: list[str] = field(default_factory=list)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def _ledger(self) -> Ledger:
        return self.engine.ledger

    async def work(self) -> None:
        """Work until SIGTERM or SIGINT, then end what is at work and hand the rest to others."""
        orders = self.orders
        offer = presence.Offer(orders.queues, orders.takes_runs, orders.version, orders.slots)
        present = self.engine.be_present(offer)
        launched = launch(
            self._ledger.engine, self, self._ledger.worker, version=orders.version, takes_runs=orders.takes_runs
        )
        await launched.take_runs()
        away = Away(self._ledger, orders.queues, orders.slots)
        self._hear_signals()
        self.say(f"worker {self._ledger.worker} takes {self._offers()}")
        tasks = [asyncio.ensure_future(away.go(self._stopping)), asyncio.ensure_future(self._mind(present))]
        waits = asyncio.ensure_future(self._stopping.wait())
        await asyncio.wait({waits, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        self._stopping.set()
        await self._drain(present, away, launched)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        for task in tasks:
            if not task.cancelled():
                task.result()

    async def segment(self, run: str, epoch: int) -> str:
        """Do one segment for DBOS."""
        segment = Segment(self._ledger, run, epoch, serves_queues=False)
        if self._stopping.is_set():
            segment.hand_over()
        self._segments[run, epoch] = segment
        self.say(f"run {run} segment {epoch}")
        try:
            status = await segment.go()
        finally:  # a run that is lost is offered again, by this worker too
            del self._segments[run, epoch]
        self._over.append(name(run, epoch))
        self.say(f"run {run} {status}" + (f": {segment.lost}" if segment.lost else ""))
        return status

    def stop(self) -> None:
        """Take nothing new, and end in good order."""
        self._stopping.set()

    def _offers(self) -> str:
        runs = ("runs",) if self.orders.takes_runs else ()
        return ", ".join((*runs, *(f"steps of {one}" for one in self.orders.queues))) or "nothing"

    def _hear_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for each in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(each, self.stop)

    async def _mind(self, present: presence.Presence) -> None:
        """Mind dead workers and unminded runs, and end when others think this process dead."""
        outside = await self._ledger.aside(Outside, self._ledger.engine)
        try:
            while not present.lost:
                await self._reap(outside)
                await asyncio.sleep(_REAP * random.uniform(0.75, 1.25))  # noqa: S311 - workers take turns
            self.say("declared dead by another worker: ending")
        finally:
            outside.close()

    async def _reap(self, outside: Outside) -> None:
        active = {run for run, _ in self._segments}
        ledger, version = self._ledger, self.orders.version
        for run in await ledger.aside(waiting.approved, ledger.engine) if self.orders.takes_runs else ():
            await ledger.aside(resume, ledger, run)
        reaped = await ledger.aside(reaper.reap, ledger, version, active, await ledger.aside(outside.pending))
        for run, epoch, wanted in reaped.offers if reaped else ():
            await self._ledger.aside(outside.enqueue, run, epoch, wanted)
            await ledger.aside(_offered, ledger, run, epoch)
        if reaped and reaped.freed:
            self.say(f"{reaped.freed} steps of dead workers are offered again")
        over, self._over = [*self._over, *(name(*one) for one in (reaped.over if reaped else ()))], []
        await self._ledger.aside(outside.forget, over)

    async def _drain(self, present: presence.Presence, away: Away, launched: Launched) -> None:
        """End what is at work, in the time there is, and give back the rest."""
        self.say(f"draining: {len(self._segments)} runs, {away.busy} steps")
        await self._ledger.aside(present.drain)
        for segment in self._segments.values():
            segment.hand_over()
        stopped = asyncio.ensure_future(self._ledger.aside(launched.stop, int(self.orders.grace) + 5))
        try:
            async with asyncio.timeout(self.orders.grace):
                await asyncio.gather(self._empty(), away.empty())
        except TimeoutError:
            for segment in self._segments.values():
                segment.interrupt()
            away.halt()
        await stopped
        await self._ledger.aside(_give_back, self._ledger)
        await self._ledger.aside(present.end)
        self.say("gone")

    async def _empty(self) -> None:
        while self._segments:  # noqa: ASYNC110 - ends once, in a process that ends
            await asyncio.sleep(_LOOK / 4)


def _offered(ledger: Ledger, run: str, epoch: int) -> None:
    from agentops_kit.workflows.engine import orders

    orders.offered(ledger, run, epoch)


def _give_back(ledger: Ledger) -> None:
    """Offer again what this process did not finish."""
    with ledger.engine.begin() as connection:
        queue.hand_back(connection, [ledger.worker], ledger.clock.now())
