"""Where steps are done: the run's segment, or a worker that holds one queued step."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from agentops_kit.workflows.engine.limits import NoLimiter, RunLimiter
    from agentops_kit.workflows.engine.purse import OpenPurse, RunPurse
    from agentops_kit.workflows.history.replay import Answers
    from agentops_kit.workflows.ledger.handle import Ledger
    from agentops_kit.workflows.spec import Limits
    from agentops_kit.workflows.steps.base import Means

Replay = Callable[[str, "int | None", int], "Answers"]
"""The recorded calls of a step, an item (or None) and a try."""


class Slots:
    """Places for steps at work; a step that only waits lends its place to others."""

    def __init__(self, most: int) -> None:
        """``most`` steps work at a time; ``freed`` is set whenever one may begin or come back."""
        self._most = most
        self._busy = 0
        self._returning: deque[asyncio.Future[None]] = deque()
        self._lenders: set[asyncio.Task[Any]] = set()
        self.freed = asyncio.Event()

    @property
    def free(self) -> bool:
        """Say whether a step may begin; those that come back from waiting go first."""
        return self._busy < self._most and not self._returning

    def take(self) -> None:
        """Begin a step."""
        self._busy += 1

    def give_back(self) -> None:
        """End a step."""
        self._busy -= 1
        while self._returning and self._busy < self._most:
            waiting = self._returning.popleft()
            if not waiting.done():
                self._busy += 1
                waiting.set_result(None)
        self.freed.set()

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[None]:
        """Lend the place for the length of a block."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine that runs is some task's
        self.give_back()
        self._lenders.add(task)
        try:
            yield
        except asyncio.CancelledError:
            self._busy += 1  # it will not work here again, so it need not wait for a place to give back
            raise
        finally:
            self._lenders.discard(task)
        await self._back()

    def dismiss(self) -> None:
        """Cancel the steps that only wait for their next try."""
        for task in self._lenders:
            task.cancel()

    async def _back(self) -> None:
        if self._busy < self._most:
            self._busy += 1
            return
        waiting = asyncio.get_running_loop().create_future()
        self._returning.append(waiting)
        try:
            await waiting
        except asyncio.CancelledError:
            # Whoever lent the place gives it back once more at its end.
            if not waiting.done() or waiting.cancelled():
                self._busy += 1
            raise


@dataclass(frozen=True)
class Site:
    """What the tries of a step need of their surroundings; ``epoch`` is None at a worker that holds a claim."""

    ledger: Ledger
    root: str
    epoch: int | None
    means: Means
    limits: Limits
    purse: RunPurse | OpenPurse
    limiter: RunLimiter | NoLimiter
    slots: Slots
    sources: Mapping[str, str]
    replay: Replay | None = None
    serves_queues: bool = True
    """Whether steps for other workers are done here as well."""
