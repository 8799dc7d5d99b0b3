"""Doing a run in this process and showing it: a live table on a terminal, plain lines elsewhere, then the outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentops_kit.cli import show
from agentops_kit.cli.runs_verbs import facts
from agentops_kit.errors import CostCapped, GateClosed, RunCancelled, RunFailed

if TYPE_CHECKING:
    from agentops_kit.workflows.engine.engine import Engine
    from agentops_kit.workflows.history.record import Record


def drive(engine: Engine, run: str, *, as_json: bool) -> None:
    """Do a run to its end or to where it waits, show it, and raise what its status means for the exit."""
    from agentops_kit.cli.runs_verbs import progress
    from agentops_kit.workflows.history import held

    with progress.shown(run, quiet=as_json) as hear:
        end = engine.drive(run, on_event=hear)
    found = held.load(engine.ledger.engine, run, calls=False)
    if end.interrupted:
        if as_json:
            show.as_json(facts.whole(found))
        show.note(f"Run {run} was interrupted. It goes on with: agentops runs resume {run}")
        raise click.exceptions.Exit(end.exit_status)
    conclude(found, as_json=as_json)


def here_or_there(engine: Engine, run: str, *, as_json: bool) -> None:
    """Do a run here, or say that workers do it."""
    from agentops_kit.workflows.ledger import read

    found = read.run(engine.ledger.engine, run)
    if found is None or found.place == "local":
        drive(engine, run, as_json=as_json)
    elif as_json:
        show.as_json({"run": run, "status": "queued"})
    else:
        show.say(run)
        show.note(f"A worker does it; see it with: agentops runs logs {run} --follow")


def conclude(record: Record, *, as_json: bool) -> None:
    """Print what a run gave, and raise unless it succeeded."""
    if as_json:
        show.as_json(facts.whole(record))
    elif record.status == "succeeded":
        outputs(record)
    if not as_json:
        show.note(f"{record.id}  {record.status}  {facts.money(record.cost)}")
    _require_success(record)


def outputs(record: Record) -> None:
    """Print a run's outputs: the only one as it is, several each under its name."""
    from agentops_kit.workflows.history.record import shown

    for name, value in record.outputs.items():
        if len(record.outputs) > 1:
            show.say(f"── {name}")
        show.say(shown(value))


def _require_success(record: Record) -> None:
    if record.status == "succeeded":
        return
    said = record.error.strip()
    if record.status in {"waiting", "paused"}:
        raise GateClosed(f"Run {record.id} is {record.status}. {said}".strip(), remedy=_way_on(record))
    if record.status == "cost_capped":
        remedy = f"Raise limits.cost_cap in the file, or go on from a step: agentops runs fork {record.id} STEP."
        raise CostCapped(f"Run {record.id} stopped at its cost cap. {said}".strip(), remedy=remedy)
    if record.status == "cancelled":
        raise RunCancelled(f"Run {record.id} was cancelled.", remedy=f"See: agentops runs show {record.id}.")
    remedy = f"Once what failed is mended: agentops runs retry {record.id}."
    raise RunFailed(f"Run {record.id} failed. {said}".strip(), remedy=remedy)


def _way_on(record: Record) -> str:
    """Return what to do about a run that waits, empty when its own words say it."""
    again = f"agentops runs resume {record.id}"
    if again in record.error:
        return ""
    gate = any(one.status == "waiting" and one.kind == "gate" for one in record.steps)
    return f"Open the gate: agentops runs approve {record.id}; then: {again}." if gate else f"It goes on with: {again}."
