"""Gates between phases: open when a person approved the phase's artefact, as phases.machine decides."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from agentops_kit.errors import AgentOpsError
from agentops_kit.workflows.headless import bound
from agentops_kit.workflows.steps.base import Outcome, StepFailed, StepWaits

if TYPE_CHECKING:
    from agentops_kit.phases.lifecycle import Desk
    from agentops_kit.phases.record import Phase, Run
    from agentops_kit.workflows.spec import Json
    from agentops_kit.workflows.steps.base import Job

NEXT: dict[str, Phase] = {"research": "plan", "plan": "implement"}
"""The phase behind each gate."""
_ORDER = ("research", "plan", "implement", "done")


def takes(job: Job) -> bool:
    """Whether a gate is the workspace's own, behind its phase research or plan."""
    return job.step.kind == "gate" and job.step.phase in NEXT and bound.acts(job)


async def run(job: Job) -> Outcome:
    """Return who approved which bytes; ``StepWaits`` says what is missing and who can give it."""

    async def act() -> Json:
        return await asyncio.to_thread(_decision, job)

    return Outcome(await job.calls.call("gate", {"phase": job.step.phase}, act))


def _decision(job: Job) -> dict[str, Any]:
    from agentops_kit.phases.lifecycle import Desk

    try:
        desk = Desk.open(job.means.workspace)
        found = bound.require(desk, job)
        lacks = missing(desk, found, job.step.phase)
    except AgentOpsError as error:
        raise StepFailed("invalid", str(error)) from error
    if lacks:
        raise StepWaits(sentence(found, job, lacks))
    return approval(found, job.step.phase)


def missing(desk: Desk, run: Run, phase: str) -> tuple[str, ...]:
    """Return what keeps the gate behind a phase closed, one sentence each; empty when it is open."""
    from agentops_kit.phases import artefacts, lifecycle

    if _ORDER.index(run.phase) > _ORDER.index(phase):
        return ()
    found = lifecycle.lacks_for(desk, run, NEXT[phase])
    if not found or run.approval(phase) is not None:
        return found
    path = run.artefacts[phase]
    lacks = artefacts.lacks(phase, artefacts.read(desk.repo, path))
    return (f"{path} waits for a person's approval.", *(f"It lacks: {one}" for one in lacks), *found[1:])


def sentence(run: Run, job: Job, lacks: tuple[str, ...]) -> str:
    """Return what a person does at a closed gate."""
    return f"{' '.join(lacks)} Approve it with: agentops approve --run {run.id}; then: agentops runs resume {job.run}."


def approval(run: Run, phase: str) -> dict[str, Any]:
    """Return a phase's standing approval as a step's output."""
    found = run.approval(phase)
    facts = {"by": found.by, "at": found.at, "sha256": found.sha256, "note": found.note} if found else {}
    return {"run": run.id, "phase": phase, "artefact": run.artefacts.get(phase, ""), **facts}
