"""Runs from outside: submit them, do them here, and tell those that run elsewhere what is wanted."""

from __future__ import annotations

import asyncio
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agentops_kit.errors import Busy, InputInvalid, WorkspaceUnusable
from agentops_kit.workflows.engine import orders, presence, submit
from agentops_kit.workflows.engine.clock import SystemClock
from agentops_kit.workflows.engine.segment import Segment
from agentops_kit.workflows.engine.submit import Request
from agentops_kit.workflows.ledger import open as opening
from agentops_kit.workflows.ledger import read
from agentops_kit.workflows.ledger.handle import Ledger
from agentops_kit.workflows.ledger.write import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from agentops_kit.workflows.engine.clock import Clock
    from agentops_kit.workflows.engine.launch import Outside
    from agentops_kit.workflows.engine.site import Replay
    from agentops_kit.workflows.history.record import Event
    from agentops_kit.workflows.spec import Json

__all__ = ["End", "Engine", "Request"]

_STATUS = {"succeeded": 0, "failed": 1, "waiting": 4, "paused": 4, "cost_capped": 10, "cancelled": 11}
_INTERRUPTED = 130
_THREADS = 6
"""Queries at a time of one process."""
_LOOK = 0.1
"""Seconds between two looks at the log of a run that is being done."""


@dataclass(frozen=True)
class End:
    """How far a run came; ``error`` says what failed, or what it waits for."""

    run: str
    status: str
    error: str = ""
    outputs: Mapping[str, Json] = field(default_factory=dict)
    interrupted: bool = False

    @property
    def exit_status(self) -> int:
        """Return the status a command ends with."""
        return _INTERRUPTED if self.interrupted else _STATUS.get(self.status, 1)


class Engine:
    """The runs of one database."""

    def __init__(self, ledger: Ledger) -> None:
        """Use ``Engine.open``."""
        self.ledger = ledger
        self._segments: dict[str, Segment] = {}
        self._outside: Outside | None = None
        self._presence: presence.Presence | None = None

    @classmethod
    def open(cls, place: str | Path, clock: Clock | None = None) -> Engine:
        """Open a SQLite file or ``postgresql://…``, made when it is not there."""
        engine = opening.connect(place)
        threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="ledger")
        return cls(Ledger(engine, Writer(engine), clock or SystemClock(), presence.new_name(), threads))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self, *, at_exit: bool = False) -> None:
        """Let go of the database.

        ``at_exit`` leaves DBOS's threads to the end of the process: all they do is look for work, everything is kept
        before a call returns, and waiting for them takes a noticeable while.
        """
        from agentops_kit.workflows.engine.launch import Launched

        self.ledger.threads.shutdown(wait=True, cancel_futures=True)
        self.ledger.writer.close()
        if self._presence is not None:
            self._presence.end()
        if self._outside is not None:
            self._outside.close()
        launched = Launched.current
        if launched is not None and launched.engine is self.ledger.engine:
            if at_exit:
                return
            launched.stop()
        self.ledger.engine.dispose()

    def submit(self, request: Request) -> str:
        """Take a run in and return its id; one for the queue is offered to the workers."""
        run = submit.accept(self.ledger, request)
        self.offer(run)
        return run

    def drive(self, run: str, on_event: Callable[[Event], None] | None = None, replay: Replay | None = None) -> End:
        """Do a run here until it ends or waits, and return how far it came; what an earlier process did is kept.

        ``on_event`` hears the run's log as it grows. An interrupt (Ctrl-C, SIGTERM) pauses the run; the second one
        ends the process. Raises ``Busy`` while another living process does it.
        """
        return asyncio.run(self.driven(run, on_event, replay))

    async def driven(
        self, run: str, on_event: Callable[[Event], None] | None = None, replay: Replay | None = None
    ) -> End:
        """Do a run in the loop that is running; see ``drive``."""
        from agentops_kit.workflows.engine.launch import launch

        self.be_present()
        after = read.last_event(self.ledger.engine, run)
        epoch = orders.take_over(self.ledger, run)
        if epoch is None:
            return self.end(run)
        launched = launch(self.ledger.engine, self, self.ledger.worker)
        segment = self._segments[run] = Segment(self.ledger, run, epoch, replay)
        follower = asyncio.ensure_future(self._follow(run, on_event, after)) if on_event else None
        try:
            with _interrupts(segment):
                status = await launched.do(run, epoch)
            await launched.forget(run, epoch)
        finally:
            self._segments.pop(run, None)
            if follower is not None:
                follower.cancel()
                with suppress(asyncio.CancelledError):
                    await follower
        _settled(segment, status)
        return self.end(run, interrupted=segment.interrupted)

    async def segment(self, run: str, epoch: int) -> str:
        """Do a segment that ``drive`` prepared, for DBOS."""
        segment = self._segments.get(run)
        return await segment.go() if segment is not None and segment.epoch == epoch else "fenced"

    def end(self, run: str, *, interrupted: bool = False) -> End:
        """Return how far a run has come."""
        found = self.get(run)
        return End(run, found.status, found.error, found.outputs, interrupted and found.status == "paused")

    def get(self, run: str) -> read.Execution:
        """Return a run; ``InputInvalid`` when there is none of that id."""
        found = read.run(self.ledger.engine, run)
        if found is None:
            message = f"There is no run {run}."
            raise InputInvalid(message, remedy="List them with: agentops runs list.")
        return found

    def cancel(self, run: str, reason: str = "") -> str:
        """End a run for good: what it does now stops within half a second, wherever it is. Returns its status."""
        return orders.cancel(self.ledger, self._top(run), reason)

    def pause(self, run: str) -> str:
        """Let a run finish the steps it is at, and begin no other. Returns its status."""
        return orders.pause(self.ledger, self._top(run))

    def resume(self, run: str, workspace: Path | None = None) -> str:
        """Let a paused or waiting run go on: offered to the workers, or for ``drive``. Returns its status.

        It goes on in ``workspace`` when the folder it was begun in is not there any more.
        """
        status = orders.resume(self.ledger, self._top(run))
        if workspace is not None:
            orders.move(self.ledger, run, workspace)
        self.offer(run)
        return status

    def retry(self, run: str, workspace: Path | None = None) -> str:
        """Take back the failed, capped and cancelled steps of a run that is over and what was skipped for them.

        ``workspace`` as in ``resume``.
        """
        status = orders.retry(self.ledger, self._top(run))
        if workspace is not None:
            orders.move(self.ledger, run, workspace)
        self.offer(run)
        return status

    def approve(
        self, run: str, gate: str = "", *, by: str, reason: str = "", rejected: bool = False, output: Json = None
    ) -> str:
        """Answer a gate of a run, or of one of its sub-workflows, and let it go on; returns the gate's name.

        ``gate`` may be left out when one waits.
        """
        answered = orders.approve(self.ledger, run, gate, orders.Answer(by, reason, rejected, output))
        self.offer(self.get(run).root)
        return answered

    def _top(self, run: str) -> str:
        found = self.get(run)
        if found.root != run:
            message = f"The run {run} is a part of {found.root} and goes with it."
            raise InputInvalid(message, remedy=f"Name {found.root}.")
        return run

    def offer(self, run: str) -> None:
        """Put a queued run before the workers; a reaper does it later should this process die first."""
        found = self.get(run)
        if found.place != "queue" or found.status != "queued":
            return
        if self._outside is None:
            from agentops_kit.workflows.engine.launch import Outside, prepare

            prepare(self.ledger.engine)
            self._outside = Outside(self.ledger.engine)
        self._outside.enqueue(run, found.epoch, found.version)
        orders.offered(self.ledger, run, found.epoch)

    def be_present(self, offer: presence.Offer | None = None) -> presence.Presence:
        """Let others see that this process is alive, and what it offers to do."""
        if self._presence is None:
            here = presence.Presence(self.ledger, offer or presence.Offer())
            here.begin()
            self._presence = here
        return self._presence

    async def _follow(self, run: str, on_event: Callable[[Event], None], after: int) -> None:
        """Tell of a run's log as it grows, and of the rest of it at the end."""
        seen = after
        try:
            while True:
                seen = await self._told(run, on_event, seen)
                await asyncio.sleep(_LOOK)
        finally:
            for event in read.events(self.ledger.engine, run, seen):
                on_event(event)

    async def _told(self, run: str, on_event: Callable[[Event], None], seen: int) -> int:
        for event in await self.ledger.ask(read.events, run, seen):
            on_event(event)
            seen = event.seq
        return seen


def _settled(segment: Segment, status: str) -> None:
    """Raise what a segment that may not speak for its run has to say."""
    if status == "fenced":
        message = f"Another process has taken over the run {segment.run}."
        raise Busy(message, remedy=f"Follow it with: agentops runs show {segment.run}.")
    if status == "lost":
        message = f"The database did not take what the run {segment.run} did: {segment.lost}"
        raise WorkspaceUnusable(message, remedy=f"Mend the database, then: agentops runs resume {segment.run}.")


@contextmanager
def _interrupts(segment: Segment) -> Iterator[None]:
    """Let the first interrupt pause the run; only the main thread hears them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop, heard = asyncio.get_running_loop(), (signal.SIGINT, signal.SIGTERM)
    before: dict[signal.Signals, Any] = {each: signal.getsignal(each) for each in heard}

    def stop() -> None:
        segment.interrupt()
        for each in heard:
            loop.remove_signal_handler(each)
            signal.signal(each, signal.SIG_DFL)

    for each in heard:
        loop.add_signal_handler(each, stop)
    try:
        yield
    finally:
        for each in heard:
            loop.remove_signal_handler(each)
            signal.signal(each, before[each])
