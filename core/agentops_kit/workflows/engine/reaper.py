"""What living processes do for dead ones, and for runs that nobody minds: one of them at a time.

Every worker tries every few seconds; on Postgres an advisory lock lets one pass, on SQLite the write lock does.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from agentops_kit.workflows.engine import presence
from agentops_kit.workflows.ledger import schema

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from agentops_kit.workflows.ledger.handle import Ledger

UNMINDED = 5.0
"""Seconds after which a run that waits for its own process is taken up by a worker of the same machine."""

_LOCK = "agentops reaper"
_RUNS = schema.executions.c
_WORKERS = schema.workers.c


class Reaped(NamedTuple):
    """What a pass found to do outside the ledger, and how many queued steps it freed."""

    offers: tuple[tuple[str, int, str], ...] = ()
    """Segments to put before the workers: run, number, version."""
    over: tuple[tuple[str, int], ...] = ()
    """Segments of dead processes, which DBOS need not keep: run, number."""
    freed: int = 0


def reap(
    ledger: Ledger, version: str, active: Collection[str], pending: Sequence[tuple[str, int, str]] = ()
) -> Reaped | None:
    """Do one pass; None when another process is at it.

    ``active`` are the runs this process does; ``pending`` the segments that processes have taken (run, number,
    process), as DBOS says.
    """
    now = ledger.clock.now()
    with ledger.engine.begin() as connection:
        if not _elected(connection):
            return None
        freed = presence.bury(connection, presence.dead(connection, now), now)
        lost = _lost(connection, pending)
        stillborn = _stillborn(connection, lost)
        for row in (
            *stillborn,
            *_orphans(connection, ledger, active),
            *_due(connection, now),
            *_unminded(connection, now),
        ):
            _requeue(connection, ledger, row, str(row.version))
        for row in _outdated(connection, version):
            _requeue(connection, ledger, row, version)
        waiting = sa.select(_RUNS.id, _RUNS.epoch, _RUNS.version).where(
            _RUNS.status == "queued", _RUNS.place == "queue", _RUNS.root == _RUNS.id, _RUNS.offered < _RUNS.epoch
        )
        offers = tuple((row.id, row.epoch, row.version) for row in connection.execute(waiting))
        return Reaped(offers, tuple(lost), freed)


def _elected(connection: sa.Connection) -> bool:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        return True
    asked = sa.text("SELECT pg_try_advisory_xact_lock(hashtext(:name))")
    return bool(connection.scalar(asked, {"name": _LOCK}))


def _orphans(connection: sa.Connection, ledger: Ledger, active: Collection[str]) -> list[Any]:
    """Return runs whose process is gone, or that this process has lost."""
    living = sa.select(_WORKERS.id).where(_WORKERS.status != "gone", _WORKERS.id != ledger.worker)
    asked = _mindable().where(_RUNS.status == "running", _RUNS.worker.not_in(living))
    rows = connection.execute(asked).all()
    return [row for row in rows if row.worker != ledger.worker or row.id not in active]


def _lost(connection: sa.Connection, pending: Sequence[tuple[str, int, str]]) -> list[tuple[str, int]]:
    """Return the segments that dead processes had taken."""
    living = set(connection.scalars(sa.select(_WORKERS.id).where(_WORKERS.status != "gone")))
    return [(run, epoch) for run, epoch, executor in pending if executor not in living]


def _stillborn(connection: sa.Connection, lost: Sequence[tuple[str, int]]) -> list[Any]:
    """Return queued runs whose segment was taken by a process that died before it began."""
    if not lost:
        return []
    asked = _mindable().where(_RUNS.status == "queued", _RUNS.id.in_(sorted({run for run, _ in lost})))
    return [row for row in connection.execute(asked).all() if (row.id, row.epoch) in set(lost)]


def _due(connection: sa.Connection, now: float) -> list[Any]:
    """Return waiting runs with a gate whose time is up."""
    asked = _mindable().where(_RUNS.status == "waiting", _RUNS.due.is_not(None), _RUNS.due <= now)
    return list(connection.execute(asked).all())


def _unminded(connection: sa.Connection, now: float) -> list[Any]:
    """Return runs that could go on and were meant for a process that does not come."""
    asked = _mindable().where(_RUNS.status == "queued", _RUNS.place == "local", _RUNS.created <= now - UNMINDED)
    return list(connection.execute(asked).all())


def _outdated(connection: sa.Connection, version: str) -> list[Any]:
    """Return queued runs of an earlier version that no living worker takes any more."""
    served = sa.select(_WORKERS.version).where(_WORKERS.status == "live", _WORKERS.takes_runs)
    asked = _mindable().where(_RUNS.status == "queued", _RUNS.version.not_in(served))
    return [row for row in connection.execute(asked).all() if _earlier(row.version, version)]


def _earlier(one: str, other: str) -> bool:
    """Say whether a version comes before another: by number where both are numbers, else by spelling."""
    if one.isdecimal() and other.isdecimal():
        return int(one) < int(other)
    return one < other


def _mindable() -> sa.Select[Any]:
    """Return the runs a worker may take up: those of the queue, and those of its own machine."""
    near = sa.or_(_RUNS.place == "queue", _RUNS.host == socket.gethostname())
    return schema.executions.select().where(_RUNS.root == _RUNS.id, near).with_for_update(skip_locked=True)


def _requeue(connection: sa.Connection, ledger: Ledger, row: Any, version: str) -> None:
    """Give a run to the workers under the next segment's number, so that whoever had it writes nothing more."""
    values = {
        "status": "queued", "place": "queue", "worker": "", "due": None, "epoch": row.epoch + 1, "version": version,
    }  # fmt: skip
    same = sa.and_(_RUNS.id == row.id, _RUNS.epoch == row.epoch)
    connection.execute(schema.executions.update().where(same).values(**values))
    event = ledger.event(row.id, "run.requeued", payload={"was": row.status, "segment": row.epoch + 1})
    connection.execute(schema.events.insert().values(**event))
