from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.workflows.history.diff import ABSENT, Change, Difference, differences, first_change, ordered
from agentops_kit.workflows.history.record import Call, Done, Key, Record, below, shown, text

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)


def done(step: str, at: int, item: int | None = None, **more: Any) -> Done:
    return Done(Key(step, item), "succeeded", output=step.upper(), finished=f"2026-11-21T10:00:{at:02}", **more)


def call(
    step: str, request: Any, answer: Any = "yes", *, attempt: int = 1, number: int = 1, kind: str = "model"
) -> Call:
    return Call(Key(step), attempt, number, kind, request, answer)


FIRST = Record(
    "r1",
    "flow",
    "succeeded",
    inputs={"a": 1},
    outputs={"b": "B"},
    steps=(done("b", 2), done("a", 1)),
    calls=(call("a", {"q": ["x", "y"]}), call("b", {"q": "z"})),
)


def change(step: str, **fields: Any) -> Record:
    return replace(FIRST, steps=tuple(replace(one, **fields) if one.key.step == step else one for one in FIRST.steps))


@given(JSON)
def test_a_value_does_not_differ_from_itself(value: Any) -> None:
    assert first_change(value, json.loads(text(value))) is None


@given(JSON, JSON)
def test_values_differ_exactly_when_their_texts_do(one: Any, two: Any) -> None:
    assert (first_change(one, two) is None) == (text(one) == text(two))


@pytest.mark.parametrize(
    ("one", "two", "found"),
    [
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}, Change("a[1].b", 2, 3)),
        ({"a": 1}, {"b": 1}, Change("a", 1, ABSENT)),
        ([1], [1, 2], Change("[1]", ABSENT, 2)),
        ([1, 2], [1], Change("[1]", 2, ABSENT)),
        (True, 1, Change(path="", first=True, second=1)),
    ],
)
def test_the_first_place_is_named(one: Any, two: Any, found: Change) -> None:
    assert first_change(one, two) == found


def test_equal_runs_have_no_difference_whatever_the_time() -> None:
    assert list(differences(FIRST, replace(FIRST, id="r2", started="later"))) == []


def test_rows_are_compared_in_the_order_they_ended() -> None:
    items = Record(
        "r", "f", "succeeded", steps=(done("m", 5), done("m", 5, 1), done("a", 1), Done(Key("z"), "running"))
    )

    assert [str(key) for key in ordered(items)] == ["a", "m[1]", "m", "z"]


@pytest.mark.parametrize(
    ("second", "found"),
    [
        (replace(FIRST, inputs={"a": 2}), Difference("", None, 0, "inputs.a", 1, 2)),
        (change("a", output="X"), Difference("a", None, 0, "output", "A", "X")),
        (change("b", status="failed", error="no"), Difference("b", None, 0, "status", "succeeded", "failed")),
        (change("b", cost=Decimal("0.50")), Difference("b", None, 0, "cost", "0", "0.5")),
        (change("b", cost=None), Difference("b", None, 0, "cost", "0", None)),
        (change("a", usage={"input": 3}), Difference("a", None, 0, "usage.input", ABSENT, 3)),
        (replace(FIRST, status="failed"), Difference("", None, 0, "status", "succeeded", "failed")),
        (replace(FIRST, outputs={}), Difference("", None, 0, "outputs.b", "B", ABSENT)),
        (replace(FIRST, steps=FIRST.steps[:1]), Difference("a", None, 0, "status", "succeeded", ABSENT)),
        (
            replace(FIRST, steps=(*FIRST.steps, done("c", 3))),
            Difference("c", None, 0, "status", ABSENT, "succeeded"),
        ),
        (
            replace(FIRST, calls=(call("a", {"q": ["x", "!"]}), FIRST.calls[1])),
            Difference("a", None, 1, "request.q[1]", "y", "!"),
        ),
        (
            replace(FIRST, calls=(replace(FIRST.calls[0], kind="http"), FIRST.calls[1])),
            Difference("a", None, 1, "kind", "model", "http"),
        ),
        (
            replace(FIRST, calls=(replace(FIRST.calls[0], answer="no"), FIRST.calls[1])),
            Difference("a", None, 1, "answer", "yes", "no"),
        ),
        (
            replace(FIRST, calls=(replace(FIRST.calls[0], failed=("server", "down")), FIRST.calls[1])),
            Difference("a", None, 1, "failed[0]", ABSENT, "server"),
        ),
        (
            replace(FIRST, calls=(*FIRST.calls, call("b", {}, number=2))),
            Difference("b", None, 2, "kind", ABSENT, "model"),
        ),
        (replace(FIRST, calls=FIRST.calls[:1]), Difference("b", None, 1, "kind", "model", ABSENT)),
    ],
)
def test_the_first_difference_says_where(second: Record, found: Difference) -> None:
    assert next(iter(differences(FIRST, second))) == found


def test_costs_may_be_left_out() -> None:
    assert list(differences(FIRST, change("b", cost=None), costs=False)) == []


def test_only_the_last_try_is_compared() -> None:
    second = replace(FIRST, calls=(call("a", "other"), replace(FIRST.calls[0], attempt=2), FIRST.calls[1]))

    assert list(differences(FIRST, second)) == []


def test_a_request_that_differs_as_a_whole_is_named() -> None:
    second = replace(FIRST, calls=(call("a", "text"), FIRST.calls[1]))

    assert next(iter(differences(FIRST, second))).field == "request"


def test_a_difference_reads_as_a_sentence() -> None:
    assert str(Difference("a", 3, 2, "request.q", "x" * 200, ABSENT)).startswith('step a[3], call 2, request.q: "xxx')
    assert str(Difference("", None, 0, "status", "a", "b")) == 'status: "a" ≠ "b"'


def test_names_and_texts() -> None:
    assert below("outer", 3, "inner") == "outer[3]>inner"
    assert below("outer", None, "inner") == "outer>inner"
    assert (shown("é"), shown({"a": "é"})) == ("é", '{"a": "é"}')
    assert FIRST.done(Key("a")) == FIRST.steps[1]
    assert FIRST.done(Key("x")) is None
