"""What a persona is told in a phase: a fresh context gets the task and the approved artefact, nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agentops_kit.workflows.headless import acts, answers, bound, work
from agentops_kit.workflows.steps import choice

if TYPE_CHECKING:
    from agentops_kit.workflows.steps.base import Job

_READS = {"plan": "research", "implement": "plan"}


async def given(job: Job) -> Job:
    """Return a persona's job with the artefact of the phase before its own behind the task; others as they are."""
    if job.step.kind != "persona" or job.step.phase not in _READS or not bound.acts(job):
        return job
    facts = await acts.recorded(job, "read", work.read, _READS[job.step.phase])
    if not facts["text"]:
        return job
    task = acts.task_of(job)
    if job.step.phase == "implement" and not choice.assistant(job.settings, job.means):
        told = answers.to_change(task, facts["text"])
    else:
        told = f"{task}\n\n`{facts['path']}`, which a person approved:\n\n{facts['text']}"
    return replace(job, settings={**job.settings, "task": told})
