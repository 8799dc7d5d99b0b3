"""The tables of runs and steps; the same on SQLite and Postgres, beside those of DBOS in one database.

Values of JSON are text, since Postgres refuses some of JSON's strings in its own type. Money is counted in
billionths of a US dollar, so that sums are exact; None is a price nobody knows. Times are seconds since 1970.
``item`` is the place in a map, from 0, and -1 (``ALONE``) for a step that is no item.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Double, Index, Integer, MetaData, Table, Text, UniqueConstraint

VERSION: Final = 1
"""Raised when a table changes in a way that older versions of the kit cannot read or write."""

ALONE: Final = -1

Serial = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself only in a column of exactly this type."""

tables = MetaData()


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, default="", server_default="")


def _time(name: str) -> Column[float]:
    return Column(name, Double)


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, default=0, server_default="0")


def _number() -> Column[int]:
    return Column("number", Serial, primary_key=True, autoincrement=True)


def _unit() -> tuple[Column[str] | Column[int], ...]:
    """Return the columns that name a step of a run, or one item of a map."""
    return (
        Column("run", Text, nullable=False),
        Column("step", Text, nullable=False),
        Column("item", Integer, nullable=False, default=ALONE),
    )


def _used() -> tuple[Column[str] | Column[int], ...]:
    """Return the columns of what a call used."""
    return (
        _text("model"),
        _text("provider"),
        _count("input"),
        _count("output_tokens"),
        _count("cache_read"),
        _count("cache_write"),
        Column("cost", BigInteger, default=0),
    )


ledger = Table("ledger", tables, Column("version", Integer, primary_key=True))

executions = Table(
    "executions",
    tables,
    _number(),
    Column("id", Text, nullable=False, unique=True),
    Column("key", Text, unique=True),  # whoever submits the same key again gets the same run
    _text("asked"),  # sha256 of what was submitted, to tell a repetition from another wish
    _text("workflow"),
    _text("digest"),
    _text("source"),
    _text("file"),
    _text("sources"),  # JSON: the texts of the workflows it starts, by the name it calls them
    _text("inputs"),
    _text("outputs"),
    _text("status"),
    _text("error"),
    _count("epoch"),  # the number of its segment: only that one may write
    _count("offered"),  # the number of the segment that was put before the workers
    _count("signals"),  # counts what came from outside while it ran
    _text("wanted"),  # "", cancel or pause
    _text("place"),  # local: the process that submitted it; queue: any worker
    _text("host"),
    _text("worker"),
    _text("version"),
    _text("root"),  # the run it belongs to as a sub-workflow, or its own id
    _text("parent"),
    _text("parent_step"),
    Column("parent_item", Integer, nullable=False, default=ALONE),
    _text("fork_of"),
    _text("replay_of"),
    _text("tenant"),
    _text("provider"),
    _text("model"),
    _text("assistant"),
    _text("means"),
    _text("limits"),
    _time("created"),
    _time("started"),
    _time("finished"),
    _time("due"),  # when a waiting gate gives up
    Column("cost", BigInteger, default=0),
    Index("executions_by_status", "status", "place"),
    Index("executions_by_root", "root"),
    Index("executions_by_workflow", "workflow", "number"),
)

steps = Table(
    "steps",
    tables,
    _number(),
    *_unit(),
    _count("position"),
    _text("kind"),
    _text("status"),
    _text("reason"),
    _count("tries"),
    _text("output"),
    _text("failure"),
    _text("error"),
    *_used(),
    _time("started"),
    _time("finished"),
    _time("due"),
    _text("queue"),
    _text("job"),  # JSON: what a worker needs to do it elsewhere
    _text("worker"),
    _count("claim"),
    UniqueConstraint("run", "step", "item", name="one_row_a_step"),
)
Index("steps_queued", steps.c.queue, steps.c.number, sqlite_where=steps.c.status == "queued",
      postgresql_where=steps.c.status == "queued")  # fmt: skip

attempts = Table(
    "attempts",
    tables,
    _number(),
    *_unit(),
    _count("attempt"),
    _text("status"),
    _text("failure"),
    _text("error"),
    *_used(),
    _time("started"),
    _time("finished"),
    Column("wait", Double),
    _text("worker"),
    Index("attempts_by_step", "run", "step", "item"),
)

calls = Table(
    "calls",
    tables,
    _number(),
    *_unit(),
    _count("attempt"),
    _count("call"),
    _text("kind"),
    _text("request"),
    _text("answer"),
    _text("failure"),
    _text("error"),
    _time("at"),
    _time("seconds"),
    Index("calls_by_step", "run", "step", "item", "attempt", "call"),
)

events = Table(
    "events",
    tables,
    _number(),
    Column("run", Text, nullable=False),
    _time("at"),
    _text("kind"),
    _text("step"),
    Column("item", Integer, nullable=False, default=ALONE),
    _text("payload"),
    Index("events_by_run", "run", "number"),
)

workers = Table(
    "workers",
    tables,
    Column("id", Text, primary_key=True),
    _text("host"),
    _count("pid"),
    _text("queues"),  # JSON list; of an `agentops run`, empty
    _text("version"),
    Column("takes_runs", Boolean, nullable=False, default=False),
    _count("slots"),
    _text("status"),  # live, draining or gone
    _time("started"),
    _time("beat"),
)

leases = Table(
    "leases",
    tables,
    Column("name", Text, primary_key=True),
    Column("holder", Text, primary_key=True),
    _text("worker"),
    _time("at"),
)

grants = Table(
    "grants",
    tables,
    _number(),
    Column("name", Text, nullable=False),
    Column("at", Double, nullable=False),
    Index("grants_by_name", "name", "at"),
)

budgets = Table(
    "budgets",
    tables,
    Column("root", Text, primary_key=True),
    Column("cap", BigInteger, nullable=False),
    Column("held", BigInteger, nullable=False, default=0),
    Column("spent", BigInteger, nullable=False, default=0),
)

holds = Table(
    "holds",
    tables,
    Column("id", Text, primary_key=True),
    Column("root", Text, nullable=False, index=True),
    _text("worker"),
    Column("amount", BigInteger, nullable=False),
    _time("at"),
)
