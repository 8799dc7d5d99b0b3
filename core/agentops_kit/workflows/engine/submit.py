"""Taking a run in: its row is written once, before anything of it happens."""

from __future__ import annotations

import hashlib
import re
import secrets
import socket
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa

from agentops_kit.errors import InputInvalid
from agentops_kit.workflows.engine import rows
from agentops_kit.workflows.ledger import read, schema
from agentops_kit.workflows.ledger.money import known, units
from agentops_kit.workflows.spec import Limits
from agentops_kit.workflows.steps.base import Means

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

    from agentops_kit.workflows.history.record import Call, Done, Record
    from agentops_kit.workflows.ledger.handle import Ledger
    from agentops_kit.workflows.spec import Json, Workflow

VERSION = "1"
"""Of the engine: workers take up runs of their own version. Raised when a newer engine reads the ledger differently."""

_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_QUOTED = 3
_LATE = "It took longer than "


@dataclass(frozen=True)
class Request:
    """A wish for a run.

    ``source`` is the text the workflow was read from, and ``sources`` those of the workflows it starts, by the names
    it calls them. ``key``: the same key again gives the same run. ``limits`` replaces the file's. ``place`` ``local``
    is done by whoever drives it, ``queue`` by any worker of ``version``. ``kept`` are steps of the record ``past``
    that are taken over as they ended.
    """

    workflow: Workflow
    source: str
    means: Means
    inputs: Mapping[str, Json] = field(default_factory=dict)
    key: str = ""
    id: str = ""
    limits: Limits | None = None
    place: Literal["local", "queue"] = "local"
    version: str = VERSION
    sources: Mapping[str, str] = field(default_factory=dict)
    fork_of: str = ""
    kept: frozenset[str] = frozenset()
    past: Record | None = None
    replay_of: str = ""


def accept(ledger: Ledger, request: Request) -> str:
    """Write the run's row and return its id; the same key with another wish raises ``InputInvalid``."""
    inputs = complete(request.workflow, request.inputs)
    asked = _asked(request, inputs)
    try:
        return _write(ledger, request, inputs, asked)
    except sa.exc.IntegrityError:
        return _same(ledger, request, asked)


def complete(workflow: Workflow, inputs: Mapping[str, Json]) -> dict[str, Json]:
    """Return the inputs with their defaults; ``InputInvalid`` names those that are missing."""
    declared = {one.name: one for one in workflow.inputs}
    missing = [name for name, one in declared.items() if one.required and name not in inputs]
    if missing:
        message = f"The workflow {workflow.name} needs the input {', '.join(missing)}."
        raise InputInvalid(message, remedy=f"Give it with --input {missing[0]}=VALUE.")
    return {**{name: one.default for name, one in declared.items() if not one.required}, **inputs}


def new_id(workflow: str, now: float) -> str:
    """Return a readable id that sorts by day."""
    name = re.sub(r"[^a-z0-9]+", "-", workflow.lower()).strip("-")[:40] or "run"
    day = datetime.fromtimestamp(now, UTC).date().isoformat()
    return f"{day}-{name}-{''.join(secrets.choice(_LETTERS) for _ in range(4))}"


def _write(ledger: Ledger, request: Request, inputs: Mapping[str, Json], asked: str) -> str:
    now, means = ledger.clock.now(), request.means
    run = request.id or new_id(request.workflow.name, now)
    limits = request.limits or request.workflow.limits
    row = {
        "id": run,
        "key": request.key or None,
        "asked": asked,
        "workflow": request.workflow.name,
        "digest": request.workflow.digest,
        "source": request.source,
        "file": request.workflow.place.file,
        "sources": read.text(dict(request.sources)),
        "inputs": read.text(dict(inputs)),
        "status": "queued",
        "epoch": 1,
        "place": request.place,
        "host": socket.gethostname(),
        "version": request.version,
        "root": run,
        "fork_of": request.fork_of,
        "replay_of": request.replay_of,
        "tenant": means.tenant,
        "provider": means.provider or request.workflow.provider,
        "model": means.model or request.workflow.model,
        "assistant": means.assistant,
        "means": read.text(written(means)),
        "limits": read.text(_limits(limits)),
        "created": now,
    }
    with ledger.engine.begin() as connection:
        connection.execute(schema.executions.insert().values(**row))
        if limits.cost_cap is not None:
            connection.execute(
                schema.budgets.insert().values(root=run, cap=units(_decimal(limits.cost_cap)), held=0, spent=0)
            )
        connection.execute(schema.events.insert().values(**ledger.event(run, "run.submitted")))
        _keep(connection, ledger, request, run)
    return run


def _keep(connection: sa.Connection, ledger: Ledger, request: Request, run: str) -> None:
    """Take over from the record of the run this one is forked from: whole steps, with all that is below them."""
    past = request.past
    if past is None:
        return
    places = {step.id: number for number, step in enumerate(request.workflow.steps)}
    names = {*(one.key.step for one in past.steps), *(one.key.step for one in past.calls)}
    owners = {name: owner(name, places) for name in names}
    steps = [_row(run, one, places[owners[one.key.step]]) for one in past.steps if owners[one.key.step] in request.kept]
    calls = [_call(run, one) for one in past.calls if owners[one.key.step] in request.kept]
    events = [ledger.event(run, "step.kept", name) for name in places if name in request.kept]
    for table, found in ((schema.steps, steps), (schema.calls, calls), (schema.events, events)):
        if found:
            connection.execute(table.insert(), found)


def owner(name: str, steps: Iterable[str]) -> str:
    """Return the step of a workflow that a name in its record belongs to: itself, its map or its sub-workflow."""
    above = (one for one in steps if name == one or name.startswith(tuple(f"{one}{mark}" for mark in "/[>")))
    return max(above, key=len, default="")


def _row(run: str, done: Done, position: int) -> dict[str, Any]:
    usage = {**done.usage}
    return rows.step(
        run, done.key.step, read.number(done.key.item), position=position, kind=done.kind, status=done.status,
        reason=done.reason, tries=done.attempts, output=_json(done.output, done.status), failure=done.failure,
        error=done.error, model=done.model, provider=done.provider, input=usage.get("input", 0),
        output_tokens=usage.get("output", 0), cache_read=usage.get("cache_read", 0),
        cache_write=usage.get("cache_write", 0), cost=known(done.cost), started=_seconds(done.started),
        finished=_seconds(done.finished),
    )  # fmt: skip


def _call(run: str, call: Call) -> dict[str, Any]:
    place = {"run": run, "step": call.key.step, "item": read.number(call.key.item), "attempt": call.attempt}
    failure, error = call.failed or ("", "")
    answer = "" if failure else read.text(call.answer)
    return rows.call(place, call.number, call.kind, call.request, answer=answer, failure=failure, error=error)


def _json(output: Json, status: str) -> str:
    return read.text(output) if status == "succeeded" else ""


def _seconds(said: str) -> float | None:
    return datetime.fromisoformat(said).timestamp() if said else None


def _same(ledger: Ledger, request: Request, asked: str) -> str:
    columns = schema.executions.c
    with ledger.engine.connect() as connection:
        known = connection.execute(
            sa.select(columns.id, columns.asked).where(columns.key == request.key, columns.key.is_not(None))
        ).one_or_none()
    if known is None:
        message = f"There is a run {request.id} already."
        raise InputInvalid(message, remedy="Give another id, or none.")
    if known.asked != asked:
        message = f"The key {request.key!r} belongs to the run {known.id}, which was given another workflow or input."
        raise InputInvalid(message, remedy="Use another key for another run.")
    return str(known.id)


def _asked(request: Request, inputs: Mapping[str, Json]) -> str:
    means = request.means
    wish = [
        request.workflow.digest,
        dict(request.sources),
        dict(inputs),
        means.provider,
        means.model,
        means.assistant,
        means.tenant,
    ]
    return hashlib.sha256(read.text([*wish, _limits(request.limits or request.workflow.limits)]).encode()).hexdigest()


def written(means: Means) -> dict[str, Json]:
    """Return means as JSON; the environment, where keys are, is never written down."""
    values = {one.name: getattr(means, one.name) for one in fields(means) if one.name != "settings"}
    return {name: str(value) if isinstance(value, Path) else value for name, value in values.items()}


def means(stored: Mapping[str, Any], settings: Mapping[str, str]) -> Means:
    """Return means from their JSON, with this process's environment."""
    known = {one.name for one in fields(Means)} - {"settings"}
    values = {name: value for name, value in stored.items() if name in known}
    for name in ("workspace", "script", "record"):
        if values.get(name):
            values[name] = Path(values[name])
    return replace(Means(**values), settings=settings)


def _limits(limits: Limits) -> dict[str, Json]:
    return {one.name: _plain(getattr(limits, one.name)) for one in fields(limits)}


def _plain(value: Any) -> Json:
    return dict(value) if hasattr(value, "items") else value


def limits(stored: Mapping[str, Any]) -> Limits:
    """Return limits from their JSON."""
    known = {one.name for one in fields(Limits)}
    return Limits(**{name: value for name, value in stored.items() if name in known})


def _decimal(value: float) -> Decimal:
    from decimal import Decimal

    return Decimal(str(value))


def cost_of(engine: sa.Engine, run: str) -> int | None:
    """Return what all tries of a run cost, in billionths of a dollar; None when one's price is not known."""
    columns = schema.attempts.c
    asked = sa.select(sa.func.coalesce(sa.func.sum(columns.cost), 0), sa.func.count() - sa.func.count(columns.cost))
    with engine.connect() as connection:
        total, unknown = connection.execute(asked.where(columns.run == run)).one()
    return None if unknown else int(total)


def cost_of_all(engine: sa.Engine, root: str) -> int | None:
    """Return what a run and its sub-workflows cost together."""
    columns = schema.executions.c
    with engine.connect() as connection:
        family = list(connection.scalars(sa.select(columns.id).where(columns.root == root)))
    costs = [cost_of(engine, run) for run in family]
    return None if None in costs else sum(cost for cost in costs if cost is not None)


def late(seconds: float) -> str:
    """Return why a run failed whose time was up."""
    return f"{_LATE}{seconds:g} seconds."


def is_late(error: str) -> bool:
    """Say whether a run's error is that its time was up; those of its steps begin with the step's name."""
    return error.startswith(_LATE)


def why_failed(errors: Mapping[str, str]) -> str:
    """Return one sentence of which steps failed, and why."""
    named = [f"{step}: {error}" if error else step for step, error in list(errors.items())[:_QUOTED]]
    more = f" (and {len(errors) - _QUOTED} more)" if len(errors) > _QUOTED else ""
    return "; ".join(named) + more
