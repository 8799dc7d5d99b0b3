"""Sub-workflows: a step that is a run of its own, with its own row, done by the segment of the run it belongs to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from agentops_kit.errors import AgentOpsError, InputInvalid
from agentops_kit.ids import slug
from agentops_kit.workflows.engine import rows, submit
from agentops_kit.workflows.engine.outputs import given
from agentops_kit.workflows.engine.result import Result
from agentops_kit.workflows.engine.scope import Plan, Scope
from agentops_kit.workflows.history.record import below
from agentops_kit.workflows.ledger import read, schema
from agentops_kit.workflows.ledger.change import Change
from agentops_kit.workflows.steps.base import StepFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agentops_kit.workflows.engine.perform import Performer
    from agentops_kit.workflows.engine.scope import Unit
    from agentops_kit.workflows.spec import Json, Workflow

_DEEPEST = 16
"""Sub-workflows inside each other; more is a workflow that starts itself."""


class Begun(NamedTuple):
    """A sub-workflow to start: its run's id, what it is, the text it was read from, and its inputs."""

    run: str
    workflow: Workflow
    source: str
    inputs: Mapping[str, Json]


async def open_up(performer: Performer, unit: Unit, settings: Mapping[str, Any]) -> Result:
    """Begin a sub-workflow; one that cannot be read or lacks an input is a failed step."""
    try:
        begun = await performer.site.ledger.ask(_begun, performer, unit, settings)
    except AgentOpsError as refused:
        return await performer.close_step(unit, "failed", failure="invalid", error=str(refused))
    site, (run, key, item) = performer.site, unit.place
    child, workflow, _, inputs = begun
    await site.ledger.ask(_make, performer, unit, begun)
    ledger = site.ledger
    row = rows.step(
        run, key, item, position=unit.scope.plan.position(unit.step.id), kind="workflow", status="running",
        started=ledger.clock.now(), worker=ledger.worker,
    )  # fmt: skip
    events = (ledger.event(run, "step.started", key, item, {"run": child}), ledger.event(child, "run.started"))
    ledger.writer.post(Change(site.root, site.epoch, steps=(row,), events=events))
    outer = unit.scope.plan.outer + below(key, None if item == schema.ALONE else item, "")
    plan = Plan(child, workflow, inputs, {step.id: step for step in workflow.steps}, outer=outer)
    await performer.run_of.enter(Scope(plan, parent=unit))
    return Result("")


async def is_played(performer: Performer, settings: Mapping[str, Any]) -> bool:
    """Say whether a sub-workflow is not there and the run is on the scripted provider, which plays it."""
    return performer.site.means.provider == "scripted" and not await performer.site.ledger.ask(
        _is_there, performer, settings
    )


def _is_there(_: sa.Engine, performer: Performer, settings: Mapping[str, Any]) -> bool:
    from agentops_kit.workflows.find import find

    ref = str(settings.get("ref") or "")
    if ref in performer.site.sources:
        return True
    try:
        return find(ref, performer.site.means.workspace).is_file()
    except InputInvalid:
        return False


def _depth(unit: Unit) -> int:
    depth = 1
    above = unit.scope.parent
    while above is not None:
        depth += above.step.kind == "workflow"
        above = above.scope.parent
    return depth


def _begun(_: sa.Engine, performer: Performer, unit: Unit, settings: Mapping[str, Any]) -> Begun:
    """Return the sub-workflow a step starts; an ``AgentOpsError`` says why it cannot."""
    ref = str(settings.get("ref") or "")
    depth = _depth(unit)
    if depth > _DEEPEST:
        message = f"Sub-workflows are {depth} deep: {ref} starts itself."
        raise InputInvalid(message)
    workflow, source = _found(performer, ref)
    outer = unit.scope.plan.inputs
    own = {one.name: outer[one.name] for one in workflow.inputs if one.name in outer}
    inputs = submit.complete(workflow, {**own, **(settings.get("inputs") or {})})
    run, key, item = unit.place
    child = f"{run}.{key.replace('/', '.')}" + ("" if item == schema.ALONE else f".{item}")
    return Begun(child, workflow, source, inputs)


def _found(performer: Performer, ref: str) -> tuple[Workflow, str]:
    """Return a workflow by the name its step gives: as it was when the run was submitted, else as it is now."""
    from agentops_kit.workflows.find import find
    from agentops_kit.workflows.load import load

    kept = performer.site.sources.get(ref)
    if kept is not None:
        return load(kept, ref), kept
    try:
        path = find(ref, performer.site.means.workspace)
    except InputInvalid:
        if performer.site.means.provider != "scripted":
            raise
        return load(_stand_in(ref), ref), _stand_in(ref)
    return load(path), path.read_text(encoding="utf-8")


def _stand_in(ref: str) -> str:
    """Return the text of a workflow that takes the place of one that is not there, in a scripted run."""
    return f"name: {slug(ref)}\nsteps:\n  - name: answer\n    llm: {json.dumps(f'Do what the workflow {ref} does.')}\n"


def _make(engine: sa.Engine, performer: Performer, unit: Unit, begun: Begun) -> None:
    """Write the sub-workflow's row, unless an earlier segment has."""
    site, now = performer.site, performer.site.ledger.clock.now()
    child, workflow, source, inputs = begun
    columns = schema.executions.c
    with engine.begin() as connection:
        above = connection.execute(schema.executions.select().where(columns.id == unit.place[0])).mappings().one()
        if connection.scalar(sa.select(columns.number).where(columns.id == child)) is not None:
            running = schema.executions.update().where(columns.id == child)
            connection.execute(running.values(status="running", epoch=site.epoch))
            return
        kept = ("place", "host", "version", "tenant", "provider", "model", "assistant", "means", "limits", "root")
        connection.execute(
            schema.executions.insert().values(
                **{name: above[name] for name in kept},
                id=child,
                workflow=workflow.name,
                digest=workflow.digest,
                source=source,
                file=workflow.place.file,
                inputs=read.text(dict(inputs)),
                status="running",
                epoch=site.epoch,
                parent=unit.place[0],
                parent_step=unit.place[1],
                parent_item=unit.place[2],
                created=now,
                started=now,
            )
        )


async def conclude(performer: Performer, unit: Unit, scope: Scope) -> Result:
    """End the sub-workflow's run and the step it is, together."""
    site, child = performer.site, scope.plan.run
    outputs: Mapping[str, Json] = {}
    error = ""
    if scope.succeeded():
        try:
            outputs = await given(performer, scope)
        except StepFailed as failed:
            error = failed.message
    else:
        error = submit.why_failed(scope.failures())
    status = "failed" if error or not scope.succeeded() else "succeeded"
    ledger = site.ledger
    values = {
        "status": status,
        "error": error,
        "outputs": read.text(dict(outputs)),
        "finished": ledger.clock.now(),
        "cost": await ledger.ask(submit.cost_of, child),
    }
    event = ledger.event(child, f"run.{status}", payload={"error": error} if error else None)
    await ledger.writer.commit(Change(site.root, site.epoch, runs={child: values}, events=(event,)))
    if status == "failed":
        return await performer.close_step(unit, "failed", failure="unclassified", error=error)
    one = next(iter(outputs.values())) if len(outputs) == 1 and not scope.plan.workflow.outputs else dict(outputs)
    return await performer.close_step(unit, "succeeded", output=read.text(one))
