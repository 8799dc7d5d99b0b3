"""Which run of the workspace a headless run acts on, and which workflows act on one at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.workflows.steps.base import StepWaits

if TYPE_CHECKING:
    from agentops_kit.phases.lifecycle import Desk
    from agentops_kit.phases.record import Run
    from agentops_kit.workflows.spec import Step, Workflow
    from agentops_kit.workflows.steps.base import Job

ACTS = ("research", "plan", "implement", "quick")
"""Commands that are acts on a run of the workspace."""

OPENERS = frozenset({"research", "quick"})
"""Those that begin one."""
_MARK = "headless run "


def command_of(step: Step) -> str:
    """Return the command a step is, empty for a step of another kind."""
    return str(step.settings.get("command") or "") if step.kind == "command" else ""


def opens_a_run(workflow: Workflow) -> bool:
    """Whether a workflow begins a run of the workspace: it has the command ``research`` or ``quick``."""
    return any(command_of(step) in OPENERS for step in workflow.steps)


def acts(job: Job) -> bool:
    """Whether this job's workflow acts on a run of the workspace."""
    return job.means.phases and opens_a_run(job.workflow)


def mark(execution: str) -> str:
    """Return the note that a run of the workspace carries when a headless run began it."""
    return f"{_MARK}{execution}"


def find(desk: Desk, job: Job) -> Run | None:
    """Return the workspace's run that this headless run began or goes on with, None before there is one."""
    return begun(desk, job.run, job.means.phase_run)


def begun(desk: Desk, execution: str, named: str = "") -> Run | None:
    """Return the workspace's run that is ``named``, else the one that a headless run began."""
    from agentops_kit.phases import store

    if named:
        return store.read(desk.repo, named)
    wanted = mark(execution)
    for name in store.names(desk.repo):
        if wanted.encode() in (desk.repo.root / store.FOLDER / f"{name}.yaml").read_bytes():
            found = store.read(desk.repo, name)
            if found.history and found.history[0].note == wanted:
                return found
    return None


def require(desk: Desk, job: Job) -> Run:
    """Return the run of the workspace; ``StepWaits`` when this clone has none."""
    found = find(desk, job)
    if found is None:
        message = (
            f"The run that {job.run} began is not in {desk.repo.root} on {desk.repo.branch() or 'this detached HEAD'}: "
            "check out the branch that holds it."
        )
        raise StepWaits(message)
    return found
