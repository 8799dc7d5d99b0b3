"""From a recorded run and a step to the request for a fork."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from agentops_kit.workflows import given, submission
from agentops_kit.workflows.headless import bound
from agentops_kit.workflows.history import fork, held
from agentops_kit.workflows.history.record import Key

if TYPE_CHECKING:
    from collections.abc import Mapping

    import sqlalchemy as sa

    from agentops_kit.workflows.engine.submit import Request
    from agentops_kit.workflows.history.record import Record
    from agentops_kit.workflows.spec import Json, Workflow


@dataclass(frozen=True)
class Wish:
    """A fork somebody asks for: ``step`` and all after it are done again, with the changed ``inputs``."""

    run: str
    step: str
    inputs: Mapping[str, Json] = field(default_factory=dict)
    provider: str = ""
    model: str = ""


def request(engine: sa.Engine, wish: Wish, environ: Mapping[str, str]) -> Request:
    """Return what to submit; raises ``InputInvalid`` for an unknown step or input, as a new run would."""
    from agentops_kit.workflows.engine import submit
    from agentops_kit.workflows.load import load

    row = held.row(engine, wish.run)
    record = held.load(engine, wish.run, calls=False)
    workflow = load(record.source, record.file)
    kept = fork.kept(workflow, record, wish.step)
    means = submit.means(row.means, environ)
    means = replace(means, provider=wish.provider or means.provider, model=wish.model or means.model)
    means = replace(means, phase_run=means.phase_run or phase_run(workflow, record, kept))
    inputs, _ = given.completed(workflow, {**record.inputs, **wish.inputs}, scripted=means.provider == "scripted")
    submission.require_answers(workflow, means)
    return submit.Request(
        workflow=workflow,
        source=record.source,
        means=means,
        inputs=inputs,
        limits=submit.limits(row.limits),
        sources=record.sources,
        fork_of=wish.run,
        kept=kept,
    )


def phase_run(workflow: Workflow, record: Record, kept: frozenset[str]) -> str:
    """Return the workspace's run that a kept step began, which the fork then goes on with; empty for none."""
    for step in workflow.steps:
        if step.id in kept and bound.command_of(step) in bound.OPENERS:
            done = record.done(Key(step.id))
            if done is not None and isinstance(done.output, dict):
                return str(done.output.get("run") or "")
    return ""
