"""The scripted model in place of a tool, a function or an address, so that any workflow file runs without them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.models import pool, recorder
from agentops_kit.models.base import ModelFailed
from agentops_kit.models.scripted import Scripted, StandIn
from agentops_kit.workflows.steps import asking, reads, recorded

if TYPE_CHECKING:
    from typing import Any

    from agentops_kit.workflows.spec import Json
    from agentops_kit.workflows.steps.base import Failure, Job


def plays(job: Job) -> bool:
    """Say whether the run is on the scripted provider, so that unknown tools, functions and addresses are played."""
    return job.means.provider == "scripted"


async def answer(job: Job, kind: str, request: Json) -> Json:
    """Return what a tool, function or address gives in a scripted run: made of the request and of what is read of it.

    ``kind`` is ``tool``, ``function``, ``http``, ``workflow`` or another word a script can match; raises
    ``StepFailed`` where the script says so.
    """
    shape = reads.of(job.workflow, job.step.id)
    schema = None if shape is None else shape.schema(compared=True)
    question = StandIn(kind, request, schema or None, job.key, job.attempt)

    async def act() -> Json:
        said = await _played(job, question)
        if job.means.record is not None:
            recorder.note(job.means.record, job.key, job.attempt, question.whole, said)
        return said

    said = await job.calls.call(kind, request, act)
    recorded.require(said)
    return said["value"]


async def _played(job: Job, question: StandIn) -> dict[str, Any]:
    async with pool.lease("scripted", asking.settings_of(job.means)) as model:
        assert isinstance(model, Scripted)  # noqa: S101 - the name says so
        try:
            return {"value": await model.stand_in(question)}
        except ModelFailed as error:
            kind: Failure = error.kind  # type: ignore[assignment]
            return recorded.failure(kind, error.message, error.retry_after)
