from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from agentops_kit.errors import InputInvalid
from agentops_kit.models.base import Usage
from agentops_kit.workflows.steps import recorded
from agentops_kit.workflows.steps.base import Outcome, StepFailed


@pytest.mark.parametrize("wait", [None, 0.0, 3.5])
def test_a_failure_comes_back_as_it_was_recorded(wait: float | None) -> None:
    used = Outcome(None, Usage(1, 2))

    with pytest.raises(StepFailed) as caught:
        recorded.require(recorded.failed(StepFailed("server", "It broke.", retry_after=wait)), used)

    assert (caught.value.kind, caught.value.message) == ("server", "It broke.")
    assert (caught.value.retry_after, caught.value.outcome) == (wait, used)


def test_an_error_of_the_kit_is_invalid_and_says_the_mend() -> None:
    said = recorded.failed(InputInvalid("It is not there.", remedy="Write it."))

    assert said == {"failed": {"kind": "invalid", "message": "It is not there. Write it."}}


@pytest.mark.parametrize("said", [{}, {"failed": None}, {"value": None}])
def test_what_did_not_fail_is_let_through(said: dict[str, Any]) -> None:
    recorded.require(said)


@pytest.mark.parametrize(("text", "value"), [('{"a": 1}', {"a": 1}), ("null", None), ("a line", "a line"), ("", "")])
def test_what_is_printed_is_json_or_a_text(text: str, value: object) -> None:
    assert recorded.printed(text) == {"value": value}


@pytest.mark.parametrize(("cost", "found"), [("0.5", Decimal("0.5")), (None, None)])
def test_an_exchange_is_an_outcome(cost: str | None, found: Decimal | None) -> None:
    said = {"usage": {"input": 3}, "cost": cost, "model": "m", "provider": "p", "details": {"finish": "stop"}}

    assert recorded.outcome(said, "x") == Outcome("x", Usage(3), found, "m", "p", {"finish": "stop"})
