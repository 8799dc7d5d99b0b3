"""The step that waits for a person; its answer is kept as a call, so that a replay does not wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.workflows.steps.base import Outcome, StepFailed, StepWaits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agentops_kit.workflows.spec import Json, Step
    from agentops_kit.workflows.steps.base import Job


async def run(job: Job) -> Outcome:
    """Return the person's answer; ``StepWaits`` while there is none."""
    from agentops_kit.workflows.headless import gate as phases

    if phases.takes(job):
        return await phases.run(job)
    asked = message(job.step, job.settings)

    async def wait() -> Json:
        raise StepWaits(asked)

    return Outcome(await job.calls.call("gate", question(asked), wait))


def message(step: Step, settings: Mapping[str, Json]) -> str:
    """Return what a gate asks of a person."""
    return str(settings.get("message") or f"The gate {step.id} waits for an approval.")


def question(message: str) -> Json:
    """Return what a gate's call asks, which an approval answers."""
    return {"message": message}


def late(settings: dict[str, Json]) -> Outcome:
    """Return what a gate gives when nobody answered in time; ``StepFailed`` unless it approves by itself."""
    if settings.get("on_timeout") == "approve":
        return Outcome({"approved": True, "by": "", "reason": "nobody answered in time"})
    said = "Nobody approved it in time."
    raise StepFailed("timeout", said)
