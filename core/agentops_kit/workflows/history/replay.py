"""Replay: the record answers every call, and the first that asks otherwise is named."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple, cast

from agentops_kit.workflows.history.diff import Difference, in_call
from agentops_kit.workflows.history.record import Key
from agentops_kit.workflows.steps.base import StepFailed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from agentops_kit.workflows.history.record import Call
    from agentops_kit.workflows.spec import Json
    from agentops_kit.workflows.steps.base import Failure


class Try(NamedTuple):
    """One try of one row."""

    key: Key
    attempt: int


def last_of_each(calls: Iterable[Call]) -> list[Call]:
    """Return calls by number, those of a try that waited and began again only as they were made at last."""
    kept = {(one.key, one.attempt, one.number): one for one in calls}
    return sorted(kept.values(), key=lambda one: one.number)


class Recorded:
    """A run's calls by the try that made them; ``diverged`` gathers what was asked otherwise."""

    def __init__(self, calls: Iterable[Call]) -> None:
        self._calls: defaultdict[Try, list[Call]] = defaultdict(list)
        for one in last_of_each(calls):
            self._calls[Try(one.key, one.attempt)].append(one)
        self.diverged: list[Difference] = []

    def calls_for(self, step: str, item: int | None, attempt: int) -> Answers:
        """Return the ``Calls`` of one try."""
        key = Key(step, item)
        return Answers(key, self._calls.get(Try(key, attempt), []), self.diverged.append)


class Answers:
    """The ``Calls`` of one try in a replay: the next recorded answer to each request that is the recorded one."""

    def __init__(self, key: Key, calls: list[Call], tell: Callable[[Difference], None]) -> None:
        self._key = key
        self._calls = calls
        self._tell = tell
        self._next = 0

    @property
    def made(self) -> int:
        """Return how many calls the record holds of this try."""
        return len(self._calls)

    async def call(self, kind: str, request: Json, act: Callable[[], Awaitable[Json]]) -> Json:
        """Return the recorded answer; ``StepFailed`` of kind ``diverged`` names call and field."""
        del act
        number, self._next = self._next, self._next + 1
        if number >= len(self._calls):
            raise self._differs(number, "kind", "(no call)", kind)
        recorded = self._calls[number]
        change = in_call(recorded, kind, request)
        if change:
            raise self._differs(number, *change)
        if recorded.failed is not None:
            failure, message = recorded.failed
            raise StepFailed(cast("Failure", failure), message)
        return recorded.answer

    def _differs(self, number: int, field: str, first: Json, second: Json) -> StepFailed:
        difference = Difference(*self._key, number + 1, field, first, second)
        self._tell(difference)
        return StepFailed("diverged", f"The replay asks otherwise than the record: {difference}.")
