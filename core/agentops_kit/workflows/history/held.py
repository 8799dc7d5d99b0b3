"""Finding runs in the database, and reading one whole."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agentops_kit.errors import InputInvalid
from agentops_kit.workflows.history.record import Key, Record, below
from agentops_kit.workflows.history.replay import last_of_each
from agentops_kit.workflows.ledger import read

if TYPE_CHECKING:
    import sqlalchemy as sa

    from agentops_kit.workflows.history.record import Event
    from agentops_kit.workflows.ledger.read import Execution

_MOST = 50
_DIGITS = 19  # a number with more does not fit a row's number
_SAME = (
    "id", "workflow", "status", "digest", "source", "file", "sources", "inputs", "outputs", "error", "parent",
    "fork_of", "replay_of", "provider", "model", "assistant", "tenant", "created", "started", "finished", "cost",
)  # fmt: skip


def find(engine: sa.Engine, name: str) -> tuple[str, ...]:
    """Return the runs meant by an id, the key it was submitted with, its number, or a part of its id; newest first."""
    import sqlalchemy as sa

    from agentops_kit.workflows.ledger.schema import executions

    column = executions.c.id
    like = _literal(name)
    newest = sa.select(column).order_by(executions.c.number.desc()).limit(_MOST)
    wanted = [
        newest.where(column == name),
        newest.where(executions.c.key == name),
        *([newest.where(executions.c.number == int(name))] if name.isdecimal() and len(name) < _DIGITS else []),
        newest.where(column.like(f"{like}%", escape="\\")),
        newest.where(column.like(f"%{like}%", escape="\\")),
    ]
    with engine.connect() as connection:
        return next((found for one in wanted if (found := tuple(connection.scalars(one)))), ())


def load(engine: sa.Engine, run: str, *, calls: bool = True, events: bool = False) -> Record:
    """Return a run by its id with its steps, and its calls and its log when they are asked for.

    ``InputInvalid`` when there is none.
    """
    found = row(engine, run)
    record = _record(
        found,
        kept=_kept(engine, run) if found.fork_of or found.replay_of else (),
        steps=read.steps(engine, run),
        calls=tuple(last_of_each(read.calls(engine, run))) if calls else (),
        events=read.events(engine, run) if events else (),
    )
    for child in read.runs(engine, limit=None, children_of=run):
        record = _with(record, child, load(engine, child.id, calls=calls, events=events))
    return record


def _kept(engine: sa.Engine, run: str) -> tuple[str, ...]:
    """Return the steps that a fork took over as they had ended, in the order of its file."""
    import sqlalchemy as sa

    from agentops_kit.workflows.ledger.schema import events

    columns = events.c
    asked = sa.select(columns.step).where(columns.run == run, columns.kind == "step.kept").order_by(columns.number)
    with engine.connect() as connection:
        return tuple(connection.scalars(asked))


def _with(record: Record, place: Execution, child: Record) -> Record:
    """Return a run's record with the steps, calls and events of a sub-workflow's run, under the step that began it."""

    def named(key: Key) -> Key:
        return Key(below(place.parent_step, place.parent_item, key.step), key.item)

    events = (one._replace(step=named(Key(one.step)).step if one.step else "") for one in child.events)
    return replace(
        record,
        steps=(*record.steps, *(replace(one, key=named(one.key)) for one in child.steps)),
        calls=(*record.calls, *(replace(one, key=named(one.key)) for one in child.calls)),
        events=tuple(sorted((*record.events, *(one for one in events if one.step)), key=lambda one: one.seq)),
    )


def log(engine: sa.Engine, run: str, after: int = 0, limit: int | None = None) -> tuple[Event, ...]:
    """Return what happened in a run and in its sub-workflows after an event's number, oldest first."""
    import sqlalchemy as sa

    from agentops_kit.workflows.ledger import schema

    runs, columns = schema.executions.c, schema.events.c
    family = sa.select(runs.id).where(runs.root == run)
    said = sa.and_(columns.number > after, sa.or_(columns.run == run, columns.step != ""))
    asked = schema.events.select().where(columns.run.in_(family), said).order_by(columns.number).limit(limit)
    with engine.connect() as connection:
        found = connection.execute(asked).mappings().all()
        above = outer(connection, run) if found else {}
    events = ((read.event(one, one["number"]), above[one["run"]]) for one in found)
    return tuple(event._replace(step=start + event.step) if start else event for event, start in events)


def outer(connection: sa.Connection, root: str) -> dict[str, str]:
    """Return what the names of steps begin with in the record of the whole run, by the id of the run they are in."""
    import sqlalchemy as sa

    from agentops_kit.workflows.ledger import schema

    runs = schema.executions.c
    columns = (runs.id, runs.parent, runs.parent_step, runs.parent_item)
    asked = sa.select(*columns).where(runs.root == root, runs.id != root).order_by(runs.number)  # parents come first
    found = {root: ""}
    for run, parent, step, item in connection.execute(asked):
        found[run] = found[parent] + below(step, None if item == schema.ALONE else item, "")
    return found


def row(engine: sa.Engine, run: str) -> Execution:
    """Return a run's row by its id; ``InputInvalid`` when there is none."""
    found = read.run(engine, run)
    if found is None:
        message = f"There is no run {run!r}."
        raise InputInvalid(message, remedy="See `agentops runs list`.")
    return found


def outline(found: Execution) -> Record:
    """Return a run's row without its steps."""
    return _record(found)


def view_rows(engine: sa.Engine, view: str, limit: int | None = None, **equal: object) -> list[dict[str, Any]]:
    """Return rows of the views ``runs`` or ``workflow_runs``, newest first; ``equal`` names columns with values."""
    import sqlalchemy as sa

    from agentops_kit.workflows.ledger.views import select

    where = " AND ".join(f"{column} = :{column}" for column in equal)
    text = f"SELECT * FROM ({select(view, engine.dialect.name)}) AS held{' WHERE ' + where if where else ''}"  # noqa: S608 - our own names
    ordered = f"{text} ORDER BY id DESC{f' LIMIT {limit:d}' if limit is not None else ''}"
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(sa.text(ordered), equal).mappings()]


def _record(found: Execution, **more: Any) -> Record:
    same = {name: getattr(found, name) for name in _SAME}
    return Record(**same, phases=bool(found.means.get("phases")), **more)


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
