from __future__ import annotations

import asyncio
from typing import Any

import pytest

from agentops_kit.workflows.history.record import Call, Key
from agentops_kit.workflows.history.replay import Recorded
from agentops_kit.workflows.steps.base import StepFailed

ASK = Key("ask")
CALLS = (
    Call(ASK, 1, 1, "model", {"q": 1}, failed=("server", "down")),
    Call(ASK, 2, 2, "http", {"u": 2}, "old"),
    Call(ASK, 2, 1, "model", {"q": 1}, {"text": "hello"}),
    Call(ASK, 2, 2, "http", {"u": 2}, "new"),
    Call(Key("ask", 3), 1, 1, "model", {"q": 3}, "third"),
)


async def never() -> Any:
    raise AssertionError


def answer(recorded: Recorded, attempt: int, *asked: tuple[str, Any], item: int | None = None) -> list[Any]:
    calls = recorded.calls_for("ask", item, attempt)

    async def all_of_them() -> list[Any]:
        return [await calls.call(kind, request, never) for kind, request in asked]

    return asyncio.run(all_of_them())


def test_the_record_answers_by_step_item_try_and_number() -> None:
    recorded = Recorded(CALLS)

    assert answer(recorded, 2, ("model", {"q": 1}), ("http", {"u": 2})) == [{"text": "hello"}, "new"]
    assert answer(recorded, 1, ("model", {"q": 3}), item=3) == ["third"]
    assert recorded.diverged == []


def test_a_recorded_failure_is_raised_again() -> None:
    with pytest.raises(StepFailed, match="down") as failed:
        answer(Recorded(CALLS), 1, ("model", {"q": 1}))
    assert failed.value.kind == "server"


@pytest.mark.parametrize(
    ("attempt", "asked", "says"),
    [
        (2, [("model", {"q": 2})], "step ask, call 1, request.q: 1 ≠ 2"),
        (2, [("http", {"q": 1})], 'step ask, call 1, kind: "model" ≠ "http"'),
        (2, [("model", {"q": 1}), ("http", {"u": 2}), ("http", {})], 'step ask, call 3, kind: "(no call)" ≠ "http"'),
        (9, [("model", {"q": 1})], "call 1, kind"),
    ],
)
def test_what_is_asked_otherwise_is_named(attempt: int, asked: list[tuple[str, Any]], says: str) -> None:
    recorded = Recorded(CALLS)

    with pytest.raises(StepFailed) as failed:
        answer(recorded, attempt, *asked)

    assert failed.value.kind == "diverged"
    assert says in failed.value.message
    assert says in str(recorded.diverged[0])
