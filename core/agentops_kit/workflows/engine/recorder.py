"""Calls that leave the process, each kept with its request and answer before the step goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.workflows.engine import rows
from agentops_kit.workflows.history.record import text
from agentops_kit.workflows.ledger.change import Change
from agentops_kit.workflows.steps.base import StepFailed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from agentops_kit.workflows.history.record import Call
    from agentops_kit.workflows.ledger.change import Row
    from agentops_kit.workflows.ledger.handle import Ledger
    from agentops_kit.workflows.spec import Json


class Recorder:
    """The calls of one try.

    ``earlier`` are those of the same try before its process died, by number: a request that is asked again
    is answered from them, so that what was paid for is not paid twice.
    """

    def __init__(
        self, ledger: Ledger, root: str, epoch: int | None, row: Row, earlier: Mapping[int, Call] | None = None
    ) -> None:
        """``row`` holds run, step, item and attempt."""
        self._ledger = ledger
        self._root = root
        self._epoch = epoch
        self._row = row
        self._earlier = earlier or {}
        self._number = 0
        self._open: dict[int, tuple[str, Json, float]] = {}

    async def call(self, kind: str, request: Json, act: Callable[[], Awaitable[Json]]) -> Json:
        """Return what ``act`` returns, recorded under the try's next number; a failure is recorded too."""
        self._number += 1
        number = self._number
        known = self._earlier.get(number)
        if known is not None and known.failed is None and (known.kind, text(known.request)) == (kind, text(request)):
            return known.answer
        self._open[number] = (kind, request, self._ledger.clock.now())
        try:
            answer = await act()
        except StepFailed as failed:
            await self._keep(number, failure=failed.kind, error=failed.message)
            raise
        await self._keep(number, answer=text(answer))
        return answer

    async def cut_off(self, failed: StepFailed) -> None:
        """Keep the calls that had no answer yet when the try's time was up, as failed with it."""
        for number in sorted(self._open):
            await self._keep(number, failure=failed.kind, error=failed.message)

    async def _keep(self, number: int, **values: str) -> None:
        kind, request, began = self._open.pop(number)
        seconds = self._ledger.clock.now() - began
        row = rows.call(self._row, number, kind, request, at=began, seconds=seconds, **values)
        await self._ledger.writer.commit(Change(self._root, self._epoch, calls=(row,)))
