from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.workflows.steps import reduce
from agentops_kit.workflows.steps.base import StepFailed
from tests.support import jobs


def reduced(reducer: str, over: Any) -> Any:
    made = jobs.job(jobs.step("all", kind="reduce", reducer=reducer, over=over), provider="openai")
    return asyncio.run(reduce.run(made)).output


@pytest.mark.parametrize(
    ("reducer", "over", "wanted"),
    [
        ("collect", [1, "a", None], [1, "a", None]),
        ("concat", ["a", None, {"b": 1}], 'a\n{"b": 1}'),
        ("concat", [[1], [2, 3]], [1, 2, 3]),
        ("merge", [{"a": 1, "b": 1}, {"b": 2}], {"a": 1, "b": 2}),
        ("sum", [1, "2.5", 0.5], 4),
        ("sum", [], 0),
        ("count", {"a": 1, "b": 2}, 2),
        ("min", [3, 1.5], 1.5),
        ("max", [3, 1.5], 3),
        ("max", [], None),
        ("first", [None, 0, 1], 0),
        ("first", [], None),
        ("vote", ["b", "a", "a", "b", "b"], "b"),
        ("vote", [], None),
        ("count", "one", 1),
    ],
)
def test_each_rule(reducer: str, over: Any, wanted: Any) -> None:
    assert reduced(reducer, over) == wanted


@given(st.lists(st.integers(-(10**9), 10**9)))
def test_a_sum_of_whole_numbers_is_exact(numbers: list[int]) -> None:
    assert reduce.REDUCERS["sum"](numbers) == sum(numbers)


@given(st.lists(st.decimals(-1000, 1000, places=2)))
def test_a_sum_of_cents_does_not_drift(numbers: list[Decimal]) -> None:
    assert Decimal(str(reduce.REDUCERS["sum"]([str(one) for one in numbers]))) == sum(numbers, Decimal(0))


def test_without_over_the_needed_outputs_are_reduced() -> None:
    made = jobs.job(jobs.step("all", kind="reduce"), outputs={"a": 1, "b": [2]})

    assert asyncio.run(reduce.run(made)).output == [1, [2]]


@pytest.mark.parametrize(
    ("reducer", "over", "said"),
    [
        ("average", [1], "no reducer 'average'; use one of: collect"),
        ("sum", [1, "x"], "takes numbers, and one value is 'x'"),
        ("merge", [{"a": 1}, 2], "takes mappings, and one value is '2'"),
    ],
)
def test_what_cannot_be_reduced_is_named(reducer: str, over: Any, said: str) -> None:
    with pytest.raises(StepFailed, match=said):
        reduced(reducer, over)


def test_a_prompt_asks_a_model_with_every_part_numbered() -> None:
    made = jobs.job(
        jobs.step("all", kind="reduce", prompt="Say which is best.", over=["red", {"b": 1}], model="gpt-4o")
    )

    asyncio.run(reduce.run(made))

    assert '[1]\\nred\\n\\n[2]\\n{\\"b\\": 1}' in __import__("json").dumps(made.calls.made[0][1])  # type: ignore[attr-defined]


def test_a_scripted_run_plays_a_reducer_nobody_knows() -> None:
    made = jobs.job(jobs.step("all", kind="reduce", reducer="agg.v1", over=[1, 2]))

    assert asyncio.run(reduce.run(made)).output is not None
