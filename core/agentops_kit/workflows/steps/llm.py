"""One question to a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.workflows.steps import asking, prompt, prompts
from agentops_kit.workflows.steps.base import StepFailed

if TYPE_CHECKING:
    from agentops_kit.workflows.steps.base import Job, Outcome


async def run(job: Job) -> Outcome:
    """Ask the prompt of the step, or the stored one it refers to; raises ``StepFailed``."""
    settings = job.settings
    reference = str(settings.get("prompt_ref") or "")
    text = prompts.filled(job, reference) if reference else str(settings.get("prompt") or "")
    if not text.strip():
        message = "The step asks nothing: give it `prompt`, or `prompt_ref` with the name of a stored prompt."
        raise StepFailed("invalid", message)
    return await asking.ask(job, prompt.wish(job, text))
