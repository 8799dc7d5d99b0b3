"""What a call leaves in the record, as JSON, and read back: ``{"failed": …}``, or what it gave."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from agentops_kit.models import asked
from agentops_kit.workflows.steps.base import Outcome, StepFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agentops_kit.errors import AgentOpsError
    from agentops_kit.workflows.spec import Json
    from agentops_kit.workflows.steps.base import Failure


def failure(kind: Failure, message: str, retry_after: float | None = None) -> dict[str, Any]:
    """Return a failure; ``retry_after`` is how many seconds we were told to wait."""
    told = {} if retry_after is None else {"retry_after": retry_after}
    return {"failed": {"kind": kind, "message": message, **told}}


def failed(error: StepFailed | AgentOpsError) -> dict[str, Any]:
    """Return an error as a failure; one of the kit's own says what to mend and is not tried again."""
    if isinstance(error, StepFailed):
        return failure(error.kind, error.message, error.retry_after)
    return failure("invalid", str(error))


def printed(text: str) -> dict[str, Any]:
    """Return what a program printed as its value: parsed when it is JSON, else the text."""
    try:
        return {"value": json.loads(text)}
    except ValueError:
        return {"value": text}


def require(said: Mapping[str, Any], used: Outcome | None = None) -> None:
    """Raise ``StepFailed`` for a recorded failure; ``used`` is what it cost all the same."""
    bad = said.get("failed")
    if bad:
        raise StepFailed(bad["kind"], str(bad["message"]), outcome=used, retry_after=bad.get("retry_after"))


def outcome(said: Mapping[str, Any], output: Json) -> Outcome:
    """Return a recorded exchange with what the step makes of it; a cost of None is one nobody knows."""
    cost = said.get("cost")
    return Outcome(
        output,
        asked.usage_of(said.get("usage")),
        None if cost is None else Decimal(cost),
        str(said.get("model", "")),
        str(said.get("provider", "")),
        said.get("details"),
    )
