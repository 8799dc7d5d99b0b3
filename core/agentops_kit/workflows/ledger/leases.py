"""Limits that all processes of a database share: how many at a time, and how many within a minute."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from agentops_kit.workflows.ledger import schema

if TYPE_CHECKING:
    from collections.abc import Collection

MINUTE = 60.0
_LEASES = schema.leases.c
_GRANTS = schema.grants.c
_WORKERS = schema.workers.c


def take(engine: sa.Engine, name: str, holder: str, worker: str, most: int, now: float) -> bool:
    """Take one of ``most`` places under a name; False when all are taken."""
    with engine.begin() as connection:
        _alone(connection, name)
        taken = sa.select(sa.func.count()).select_from(schema.leases).where(_LEASES.name == name)
        if (connection.scalar(taken) or 0) >= most:
            return False
        connection.execute(schema.leases.insert().values(name=name, holder=holder, worker=worker, at=now))
    return True


def give_back(engine: sa.Engine, name: str, holder: str) -> None:
    """Free a place."""
    with engine.begin() as connection:
        connection.execute(schema.leases.delete().where(_LEASES.name == name, _LEASES.holder == holder))


def start(engine: sa.Engine, name: str, most: int, now: float) -> float:
    """Count a start and return 0, or how many seconds to wait because ``most`` began in the last minute."""
    with engine.begin() as connection:
        _alone(connection, name)
        connection.execute(schema.grants.delete().where(_GRANTS.name == name, _GRANTS.at <= now - MINUTE))
        recent = sa.select(_GRANTS.at).where(_GRANTS.name == name).order_by(_GRANTS.at.desc()).limit(most)
        times = list(connection.scalars(recent))
        if len(times) >= most:
            return float(times[-1] + MINUTE - now)
        connection.execute(schema.grants.insert().values(name=name, at=now))
    return 0.0


def abandon(connection: sa.Connection, workers: Collection[str]) -> None:
    """Free the places of workers that are gone."""
    connection.execute(schema.leases.delete().where(_LEASES.worker.in_(list(workers))))


def _alone(connection: sa.Connection, name: str) -> None:
    """Let one process at a time decide about a name."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": f"lease {name}"})
