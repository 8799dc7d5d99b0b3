from __future__ import annotations

import asyncio

import pytest

from agentops_kit.workflows.steps import switch
from agentops_kit.workflows.steps.base import StepFailed
from tests.support import jobs

CASES = {"text": ["read"], "true": ["yes"], "3": ["three"]}


@pytest.mark.parametrize(
    ("value", "case", "taken"), [("text", "text", ["read"]), (True, "true", ["yes"]), (3, "3", ["three"])]
)
def test_a_case_is_met_as_yaml_says_it(value: object, case: str, taken: list[str]) -> None:
    assert switch.chosen({"on": value, "cases": CASES}) == {"case": case, "next": taken}


def test_what_meets_no_case_takes_the_default() -> None:
    made = jobs.job(jobs.step("pick", kind="switch", on="other", cases=CASES, default=["rest"]))

    assert asyncio.run(switch.run(made)).output == {"case": "default", "next": ["rest"]}


def test_without_a_default_the_value_and_the_cases_are_named() -> None:
    with pytest.raises(StepFailed, match="No case is '' and there is no default; the cases are text, true, 3"):
        switch.chosen({"on": None, "cases": CASES})
