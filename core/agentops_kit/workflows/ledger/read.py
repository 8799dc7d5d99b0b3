"""What the database holds of runs, as frozen values."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from agentops_kit.workflows.history.record import Call, Done, Event, Key, whole
from agentops_kit.workflows.ledger import schema
from agentops_kit.workflows.ledger.money import dollars

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from decimal import Decimal

    from sqlalchemy import RowMapping

    from agentops_kit.workflows.spec import Json

_CHUNK = 400
"""Values of one IN (…): below the fewest that any SQLite allows."""


@dataclass(frozen=True)
class Execution:
    """A run's row; times are ISO 8601 in UTC, "" when not reached. ``root`` is its own id unless it is a sub-workflow.

    ``means``, ``limits`` and ``sources`` are what the run was submitted with.
    """

    number: int
    id: str
    workflow: str
    status: str
    error: str
    digest: str
    source: str
    file: str
    sources: Mapping[str, str]
    inputs: Mapping[str, Json]
    outputs: Mapping[str, Json]
    key: str
    epoch: int
    signals: int
    wanted: str
    place: str
    host: str
    worker: str
    version: str
    root: str
    parent: str
    parent_step: str
    parent_item: int | None
    fork_of: str
    replay_of: str
    tenant: str
    provider: str
    model: str
    assistant: str
    means: Mapping[str, Json]
    limits: Mapping[str, Json]
    created: str
    started: str
    finished: str
    due: float | None
    cost: Decimal | None


class Try(NamedTuple):
    """One try of a step; ``wait`` is how many seconds passed before the next one."""

    key: Key
    attempt: int
    status: str
    failure: str
    error: str
    started: str
    finished: str
    wait: float | None
    model: str
    provider: str
    usage: Mapping[str, int]
    cost: Decimal | None


def when(seconds: float | None) -> str:
    """Return a time as ISO 8601 in UTC, "" for none."""
    return "" if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def value(text: str) -> Json:
    """Return what a column of JSON holds; nothing written is None."""
    return json.loads(text) if text else None


def text(value: Json) -> str:
    """Return a value as a column of JSON holds it."""
    return whole(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def run(engine: sa.Engine, run_id: str) -> Execution | None:
    """Return a run by its id."""
    with engine.connect() as connection:
        found = connection.execute(schema.executions.select().where(schema.executions.c.id == run_id))
        row = found.mappings().one_or_none()
    return None if row is None else execution(row)


def runs(
    engine: sa.Engine,
    *,
    workflow: str = "",
    status: str = "",
    limit: int | None = 20,
    before: int | None = None,
    children_of: str = "",
) -> tuple[Execution, ...]:
    """Return runs, newest first, without sub-workflows unless ``children_of`` names the run that started them."""
    columns = schema.executions.c
    asked = schema.executions.select().order_by(columns.number.desc()).limit(limit)
    asked = asked.where(columns.parent == children_of)
    asked = asked.where(columns.workflow == workflow) if workflow else asked
    asked = asked.where(columns.status == status) if status else asked
    asked = asked.where(columns.number < before) if before is not None else asked
    with engine.connect() as connection:
        return tuple(execution(row) for row in connection.execute(asked).mappings())


def execution(row: RowMapping) -> Execution:
    """Return a row of ``executions`` as a value."""
    plain: dict[str, Any] = {name: row[name] for name in Execution.__dataclass_fields__ if name not in _SHAPED}
    shaped: dict[str, Any] = {name: value(row[name]) or {} for name in _JSON}
    times: dict[str, Any] = {name: when(row[name]) for name in ("created", "started", "finished")}
    return Execution(
        **plain,
        key=row["key"] or "",
        parent_item=_item(row["parent_item"]),
        cost=dollars(row["cost"]),
        **shaped,
        **times,
    )


_JSON = ("sources", "inputs", "outputs", "means", "limits")
_SHAPED = {*_JSON, "key", "parent_item", "cost", "created", "started", "finished"}


def steps(engine: sa.Engine, run_id: str) -> tuple[Done, ...]:
    """Return the rows of a run's steps in the order of its file, items in theirs."""
    columns = schema.steps.c
    asked = schema.steps.select().where(columns.run == run_id).order_by(columns.position, columns.step, columns.item)
    with engine.connect() as connection:
        return tuple(_done(row) for row in connection.execute(asked).mappings())


def _done(row: RowMapping) -> Done:
    return Done(
        key=Key(row["step"], _item(row["item"])),
        status=row["status"],
        kind=row["kind"],
        attempts=row["tries"],
        output=value(row["output"]),
        failure=row["failure"],
        error=row["error"],
        reason=row["reason"],
        model=row["model"],
        provider=row["provider"],
        usage=_usage(row),
        cost=dollars(row["cost"]),
        started=when(row["started"]),
        finished=when(row["finished"]),
    )


def _usage(row: RowMapping) -> dict[str, int]:
    return {
        "input": row["input"],
        "output": row["output_tokens"],
        "cache_read": row["cache_read"],
        "cache_write": row["cache_write"],
    }


def _item(number: int) -> int | None:
    return None if number == schema.ALONE else number


def attempts(engine: sa.Engine, run_id: str) -> tuple[Try, ...]:
    """Return all tries of a run, in the order they ended."""
    columns = schema.attempts.c
    asked = schema.attempts.select().where(columns.run == run_id).order_by(columns.number)
    with engine.connect() as connection:
        return tuple(
            Try(
                key=Key(row["step"], _item(row["item"])),
                **{name: row[name] for name in ("attempt", "status", "failure", "error", "wait", "model", "provider")},
                started=when(row["started"]),
                finished=when(row["finished"]),
                usage=_usage(row),
                cost=dollars(row["cost"]),
            )
            for row in connection.execute(asked).mappings()
        )


def calls(engine: sa.Engine, run_id: str, key: Key | None = None, attempt: int | None = None) -> tuple[Call, ...]:
    """Return the calls of a run, or of one step or try of it, in the order of step, item, try and number."""
    columns = schema.calls.c
    order = (columns.step, columns.item, columns.attempt, columns.call, columns.number)
    asked = schema.calls.select().where(columns.run == run_id).order_by(*order)
    if key is not None:
        asked = asked.where(columns.step == key.step, columns.item == number(key.item))
    asked = asked.where(columns.attempt == attempt) if attempt is not None else asked
    with engine.connect() as connection:
        return tuple(
            Call(
                key=Key(row["step"], _item(row["item"])),
                attempt=row["attempt"],
                number=row["call"],
                kind=row["kind"],
                request=value(row["request"]),
                answer=value(row["answer"]),
                failed=(row["failure"], row["error"]) if row["failure"] else None,
            )
            for row in connection.execute(asked).mappings()
        )


def number(item: int | None) -> int:
    """Return an item as its column holds it."""
    return schema.ALONE if item is None else item


def events(engine: sa.Engine, run_id: str, after: int = 0, limit: int | None = None) -> tuple[Event, ...]:
    """Return a run's log after an event's number, oldest first."""
    columns = schema.events.c
    asked = schema.events.select().where(columns.run == run_id, columns.number > after)
    with engine.connect() as connection:
        found = connection.execute(asked.order_by(columns.number).limit(limit))
        return tuple(event(row, row["number"]) for row in found.mappings())


def last_event(engine: sa.Engine, run_id: str) -> int:
    """Return the number of a run's latest event, 0 when it has none."""
    columns = schema.events.c
    with engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.max(columns.number)).where(columns.run == run_id)) or 0


def event(row: RowMapping, seq: int) -> Event:
    """Return a row of ``events`` as a value."""
    return Event(seq, when(row["at"]), row["kind"], row["step"], _item(row["item"]), value(row["payload"]))


def ends(engine: sa.Engine, run_id: str, named: Sequence[str], item: int | None = None) -> dict[tuple[str, int], str]:
    """Return the status of the rows of some steps, by step and item; ``item`` narrows it to one place (-1: none)."""
    columns = schema.steps.c
    found: dict[tuple[str, int], str] = {}
    with engine.connect() as connection:
        for some in chunks(named):
            asked = sa.select(columns.step, columns.item, columns.status)
            asked = asked.where(columns.run == run_id, columns.step.in_(some))
            asked = asked.where(columns.item == item) if item is not None else asked
            found.update({(step, place): status for step, place, status in connection.execute(asked)})
    return found


def outputs(engine: sa.Engine, run_id: str, named: Sequence[str], item: int = schema.ALONE) -> dict[str, Json]:
    """Return what some steps gave, of those that succeeded, by step."""
    columns = schema.steps.c
    found: dict[str, Json] = {}
    with engine.connect() as connection:
        for some in chunks(named):
            asked = sa.select(columns.step, columns.output).where(columns.run == run_id, columns.step.in_(some))
            asked = asked.where(columns.item == item, columns.status == "succeeded")
            found.update({step: value(output) for step, output in connection.execute(asked)})
    return found


def items(engine: sa.Engine, run_id: str, step: str) -> list[tuple[int, str, str, str]]:
    """Return item, status, output (still JSON) and error of a mapped step's rows, in order."""
    columns = schema.steps.c
    asked = sa.select(columns.item, columns.status, columns.output, columns.error)
    with engine.connect() as connection:
        found = connection.execute(asked.where(columns.run == run_id, columns.step == step).order_by(columns.item))
        return [(item, status, output, error) for item, status, output, error in found]


def chunks(values: Iterable[str]) -> list[list[str]]:
    """Return values in lists short enough for one query."""
    every = list(values)
    return [every[start : start + _CHUNK] for start in range(0, len(every), _CHUNK)]
