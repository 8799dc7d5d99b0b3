"""The step that waits for a person; its answer is kept as a call, so that a replay does not wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.workflows.steps.base import Outcome, StepFailed, StepWaits

if TYPE_CHECKING:
    from agentops_kit.workflows.spec import Json
    from agentops_kit.workflows.steps.base import Job


async def run(job: Job) -> Outcome:
    """Return the person's answer; ``StepWaits`` while there is none."""
    from agentops_kit.workflows.headless import gate as phases

    if phases.takes(job):
        return await phases.run(job)
    message = str(job.settings.get("message") or f"The gate {job.step.id} waits for an approval.")

    async def wait() -> Json:
        raise StepWaits(message)

    return Outcome(await job.calls.call("gate", question(message), wait))


def question(message: str) -> Json:
    """Return what a gate's call asks, which an approval answers."""
    return {"message": message}


def late(settings: dict[str, Json]) -> Outcome:
    """Return what a gate gives when nobody answered in time; ``StepFailed`` unless it approves by itself."""
    if settings.get("on_timeout") == "approve":
        return Outcome({"approved": True, "by": "", "reason": "nobody answered in time"})
    message = "Nobody approved it in time."
    raise StepFailed("timeout", message)
