"""What a run gives: what its file says, or what the steps gave that nothing depends on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.workflows import template
from agentops_kit.workflows.steps.base import StepFailed

if TYPE_CHECKING:
    from agentops_kit.workflows.engine.perform import Performer
    from agentops_kit.workflows.engine.scope import Scope
    from agentops_kit.workflows.spec import Json


async def given(performer: Performer, scope: Scope) -> dict[str, Json]:
    """Return a finished scope's outputs by name; ``StepFailed`` when one reads what is not there."""
    wanted = scope.plan.workflow.outputs
    if not wanted:
        return await performer.outputs(scope, scope.last())
    seen = scope.seen(await performer.outputs(scope, sorted(template.reads(dict(wanted)))))
    try:
        return {name: template.render(value, seen) for name, value in wanted.items()}
    except template.Unresolved as error:
        raise StepFailed("invalid", f"An output of the workflow cannot be made: {error}") from error
