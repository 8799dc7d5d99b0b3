"""Personas of the phases plan and implement when no model and no assistant is given: a person does their work."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from agentops_kit.errors import AgentOpsError
from agentops_kit.workflows.headless import bound, gate
from agentops_kit.workflows.steps import choice
from agentops_kit.workflows.steps.base import Outcome, StepFailed, StepWaits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agentops_kit.phases.lifecycle import Desk
    from agentops_kit.phases.record import Run
    from agentops_kit.workflows.spec import Json, Step, Workflow
    from agentops_kit.workflows.steps.base import Job, Means

_PHASES = frozenset({"plan", "implement"})


def takes(job: Job) -> bool:
    """Whether nobody but a person can do a persona's step."""
    return alone(job.step, job.settings, job.workflow, job.means)


def alone(step: Step, settings: Mapping[str, Json], workflow: Workflow, means: Means) -> bool:
    """Whether a persona stands in the workspace's own plan or implement phase, and nobody is named to answer it."""
    if step.kind != "persona" or step.phase not in _PHASES or not (means.phases and bound.opens_a_run(workflow)):
        return False
    return not choice.anybody(settings, means)


async def run(job: Job) -> Outcome:
    """Return what the person did; ``StepWaits`` says what there is to do."""

    async def act() -> Json:
        return await asyncio.to_thread(_done, job)

    return Outcome(await job.calls.call("person", {"phase": job.step.phase}, act))


def _done(job: Job) -> dict[str, Any]:
    from agentops_kit.phases.lifecycle import Desk

    try:
        desk = Desk.open(job.means.workspace)
        found = bound.require(desk, job)
        return _planned(desk, found, job) if job.step.phase == "plan" else _changed(desk, found, job)
    except AgentOpsError as error:
        raise StepFailed("invalid", str(error)) from error


def _planned(desk: Desk, run: Run, job: Job) -> dict[str, Any]:
    from agentops_kit.phases import lifecycle

    opened = lifecycle.plan(desk, run=run.id).run if run.phase == "research" else run
    lacks = gate.missing(desk, opened, "plan")
    if lacks:
        raise StepWaits(f"No model and no assistant is given: write the plan. {gate.sentence(opened, job, lacks)}")
    return gate.approval(opened, "plan")


def _changed(desk: Desk, run: Run, job: Job) -> dict[str, Any]:
    from agentops_kit.phases import lifecycle

    entered = run if run.phase == "done" else lifecycle.implement(desk, run=run.id)
    changed = desk.touched(entered, desk.repo.fingerprint())
    if not changed and entered.phase != "done":
        message = (
            "No model and no assistant is given: make the changes of "
            f"{entered.artefacts.get('plan', 'the plan')}; then: agentops runs resume {job.run}."
        )
        raise StepWaits(message)
    return {"run": entered.id, "changed": list(changed)}
