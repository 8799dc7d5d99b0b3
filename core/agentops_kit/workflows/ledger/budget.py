"""The money of a run: set aside in the database before it is spent, so that no number of callers passes a cap."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

import sqlalchemy as sa

from agentops_kit.workflows.ledger import schema

if TYPE_CHECKING:
    from collections.abc import Collection

_BUDGETS = schema.budgets.c
_HOLDS = schema.holds.c


class State(NamedTuple):
    """A budget in billionths of a dollar."""

    cap: int
    held: int
    spent: int

    @property
    def left(self) -> int:
        """Return what may still be set aside."""
        return max(0, self.cap - self.held - self.spent)


def state(engine: sa.Engine, root: str) -> State | None:
    """Return a run's budget, None when it has no cap."""
    with engine.connect() as connection:
        asked = sa.select(_BUDGETS.cap, _BUDGETS.held, _BUDGETS.spent).where(_BUDGETS.root == root)
        row = connection.execute(asked).one_or_none()
    return None if row is None else State(*row)


def hold(engine: sa.Engine, root: str, worker: str, amount: int, now: float) -> str | None:
    """Set an amount aside and return the hold's id; None when the cap would be passed. A run has to have a cap."""
    number = uuid4().hex
    with engine.begin() as connection:
        taken = connection.execute(
            schema.budgets.update()
            .where(_BUDGETS.root == root, _BUDGETS.spent + _BUDGETS.held + amount <= _BUDGETS.cap)
            .values(held=_BUDGETS.held + amount)
        )
        if taken.rowcount != 1:
            return None
        connection.execute(schema.holds.insert().values(id=number, root=root, worker=worker, amount=amount, at=now))
    return number


def settle(engine: sa.Engine, number: str, spent: int | None) -> None:
    """Spend what a call cost and free the rest; None spends what was held. A hold is settled once."""
    with engine.begin() as connection:
        row = connection.execute(
            schema.holds.delete().where(_HOLDS.id == number).returning(_HOLDS.root, _HOLDS.amount)
        ).one_or_none()
        if row is not None:
            _spend(connection, row.root, row.amount, row.amount if spent is None else spent)


def abandon(connection: sa.Connection, workers: Collection[str], root: str = "") -> None:
    """Spend in full what dead workers, or an earlier segment of a run, held: what their calls cost is not known."""
    asked = schema.holds.delete().where(_HOLDS.worker.in_(list(workers)))
    asked = asked.where(_HOLDS.root == root) if root else asked
    for row in connection.execute(asked.returning(_HOLDS.root, _HOLDS.amount)).all():
        _spend(connection, row.root, row.amount, row.amount)


def _spend(connection: sa.Connection, root: str, held: int, spent: int) -> None:
    connection.execute(
        schema.budgets.update()
        .where(_BUDGETS.root == root)
        .values(held=_BUDGETS.held - held, spent=_BUDGETS.spent + spent)
    )
