"""A persona: its text is the system's words to a model, or the task of an assistant in a worktree of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.workflows.headless import brief, person
from agentops_kit.workflows.steps import asking, choice, explore, pieces, prompt
from agentops_kit.workflows.steps.base import StepFailed

if TYPE_CHECKING:
    from agentops_kit.workflows.steps.base import Job, Outcome


async def run(job: Job) -> Outcome:
    """Have the persona do its task; raises ``StepFailed``, or ``StepWaits`` where only a person can do it."""
    assistant = choice.assistant(job.settings, job.means)
    if not assistant and explore.takes(job):
        return await explore.run(job)
    if not assistant and person.takes(job):
        return await person.run(job)
    job = await brief.given(job)
    piece = pieces.persona(job, str(job.settings.get("persona") or ""))
    task = task_of(job)
    if assistant:
        from agentops_kit.workflows.assistants import worker

        return await worker.run(job, assistant, piece, task)
    return await asking.ask(job, prompt.wish(job, task, system=piece.text))


def task_of(job: Job) -> str:
    """Return what the persona is asked: the step's own words, else the run's task."""
    said = job.settings.get("prompt") or job.settings.get("task") or job.inputs.get("task") or ""
    task = said if isinstance(said, str) else str(said)
    if not task.strip():
        message = 'The persona has nothing to do: give the step `task`, or the run --input task="…".'
        raise StepFailed("invalid", message)
    return task
