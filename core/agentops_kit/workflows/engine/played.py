"""A sub-workflow that is not there, in a run on the scripted provider: its answer is played, as a tool's would be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.workflows.steps import standin
from agentops_kit.workflows.steps.base import Outcome

if TYPE_CHECKING:
    from agentops_kit.workflows.steps.base import Job


async def run(job: Job) -> Outcome:
    """Return what the scripted model makes up for the workflow's output."""
    request = {"name": job.settings["ref"], "inputs": job.settings.get("inputs") or {}}
    return Outcome(await standin.answer(job, "workflow", request))
