"""Outputs of finished steps: the last used ones at hand, the others read from the ledger when they are needed."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from agentops_kit.workflows.ledger import read

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agentops_kit.workflows.ledger.handle import Ledger
    from agentops_kit.workflows.spec import Json

_ROOM = 8_000_000
"""Characters of JSON that are kept at hand, so that a run's memory does not grow with its length."""

Place = tuple[str, str, int]
"""Run, step and item."""


class Shelf:
    """What steps gave, by run, step and item."""

    def __init__(self, ledger: Ledger, room: int = _ROOM) -> None:
        """``room`` is how many characters of JSON stay at hand."""
        self._ledger = ledger
        self._room = room
        self._used = 0
        self._texts: OrderedDict[Place, str] = OrderedDict()

    def put(self, place: Place, text: str) -> None:
        """Keep an output, as JSON, while there is room; the longest unused ones give way."""
        if len(text) > self._room // 4:
            return
        self._used += len(text) - len(self._texts.pop(place, ""))
        self._texts[place] = text
        while self._used > self._room:
            _, old = self._texts.popitem(last=False)
            self._used -= len(old)

    async def take(self, run: str, names: Iterable[str], item: int) -> dict[str, Json]:
        """Return the outputs of those of some steps that succeeded, by step."""
        found: dict[str, Json] = {}
        missing: list[str] = []
        for name in names:
            text = self._texts.get((run, name, item))
            if text is None:
                missing.append(name)
            else:
                self._texts.move_to_end((run, name, item))
                found[name] = read.value(text)
        if missing:
            found.update(await self._ledger.ask(read.outputs, run, missing, item))
        return found
