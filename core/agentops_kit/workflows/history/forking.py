"""From a recorded run and a step to the request for a fork."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.workflows import given, submission
from agentops_kit.workflows.headless import bound
from agentops_kit.workflows.history import fork, held
from agentops_kit.workflows.history.record import Key

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import sqlalchemy as sa

    from agentops_kit.workflows.engine.submit import Request
    from agentops_kit.workflows.history.record import Record
    from agentops_kit.workflows.spec import Json, Limits, Workflow
    from agentops_kit.workflows.steps.base import Means


@dataclass(frozen=True)
class Wish:
    """A fork somebody asks for: ``step`` and all after it are done again, with the changed ``inputs``."""

    step: str
    inputs: Mapping[str, Json] = field(default_factory=dict)
    provider: str = ""
    model: str = ""


def request(record: Record, origin: Origin, wish: Wish) -> Request:
    """Return what to submit; raises ``InputInvalid`` for an unknown step or input, as a new run would."""
    from agentops_kit.workflows.engine import submit
    from agentops_kit.workflows.load import load

    workflow = load(record.source, record.file)
    kept = fork.kept(workflow, record, wish.step)
    means = origin.means
    means = replace(means, provider=wish.provider or means.provider, model=wish.model or means.model)
    means = replace(means, phase_run=means.phase_run or phase_run(workflow, record, kept))
    inputs, _ = given.completed(workflow, {**record.inputs, **wish.inputs}, scripted=means.provider == "scripted")
    submission.require_answers(workflow, means)
    return submit.Request(
        workflow=workflow,
        source=record.source,
        means=means,
        inputs=inputs,
        limits=origin.limits,
        sources=record.sources,
        fork_of=record.id,
        kept=kept,
        past=record,
    )


class Origin(NamedTuple):
    """With what a recorded run was done; ``limits`` None are those of its file."""

    means: Means
    limits: Limits | None = None


def of_run(engine: sa.Engine, run: str, environ: Mapping[str, str]) -> Origin:
    """Return with what a run of this database was done."""
    from agentops_kit.workflows.engine import submit

    row = held.row(engine, run)
    return Origin(submit.means(row.means, environ), submit.limits(row.limits))


def of_file(record: Record, workspace: Path, environ: Mapping[str, str]) -> Origin:
    """Return with what an exported run goes on here: the same provider, model and assistant, in this workspace."""
    from agentops_kit.workflows.steps.base import Means

    root, acts = submission.workspace(workspace)
    named = (record.provider, record.model, record.assistant, record.tenant)
    return Origin(Means(root, *named, settings=environ, phases=record.phases and acts))


def phase_run(workflow: Workflow, record: Record, kept: frozenset[str]) -> str:
    """Return the workspace's run that a kept step began, which the fork then goes on with; empty for none."""
    for step in workflow.steps:
        if step.id in kept and bound.command_of(step) in bound.OPENERS:
            done = record.done(Key(step.id))
            if done is not None and isinstance(done.output, dict):
                return str(done.output.get("run") or "")
    return ""
