"""Whether a run that waits for a person in the workspace may go on: asked by workers, without doing anything."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from agentops_kit.errors import AgentOpsError
from agentops_kit.workflows.headless import bound, gate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import sqlalchemy as sa

    from agentops_kit.workflows.history.record import Done
    from agentops_kit.workflows.spec import Json, Workflow


def approved(engine: sa.Engine) -> list[str]:
    """Return the runs of the queue that wait at a phase's gate which a person has opened since."""
    from agentops_kit.workflows.ledger import read
    from agentops_kit.workflows.load import load

    found = []
    for one in read.runs(engine, status="waiting", limit=None):
        if one.place == "queue" and one.means.get("phases"):
            workflow = load(one.source, one.file)
            if may_go_on(one.id, workflow, one.means, read.steps(engine, one.id)):
                found.append(one.id)
    return found


def may_go_on(run: str, workflow: Workflow, means: Mapping[str, Json], steps: Sequence[Done]) -> bool:
    """Whether an approval that a run waited for has been given; ``means`` and ``steps`` are those of its row.

    False for a run that waits for something else, and where its workspace is not on this machine.
    """
    phases = {step.id: step.phase for step in workflow.steps}
    waiting = [one.key.step for one in steps if one.status == "waiting" and phases.get(one.key.step) in gate.NEXT]
    root = Path(str(means.get("workspace") or ""))
    if not (waiting and means.get("phases") and root.is_dir()):
        return False
    return any(_open(run, str(means.get("phase_run") or ""), root, phases[name]) for name in waiting)


def _open(run: str, phase_run: str, root: Path, phase: str) -> bool:
    from agentops_kit.phases.lifecycle import Desk

    try:
        desk = Desk.open(root)
        found = bound.begun(desk, run, phase_run)
        return found is not None and not gate.missing(desk, found, phase)
    except (AgentOpsError, KeyError):
        return False  # what is wrong there is said by the run itself when a person resumes it
