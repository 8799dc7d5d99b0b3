"""Who is alive: every process that does steps has a row and keeps its time fresh."""

from __future__ import annotations

import json
import os
import secrets
import socket
import threading
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from agentops_kit.workflows.engine import queue
from agentops_kit.workflows.ledger import budget, leases, schema

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from agentops_kit.workflows.ledger.handle import Ledger

BEAT = 2.0
"""Seconds between two signs of life."""
STALE = 12.0
"""Seconds without one after which a process counts as dead; on its own machine it is asked directly."""

_WORKERS = schema.workers.c


class Offer(NamedTuple):
    """What a process does: steps of which queues, whether queued runs, for which version, so many steps at a time."""

    queues: tuple[str, ...] = ()
    takes_runs: bool = False
    version: str = ""
    slots: int = 0


@cache
def machine() -> str:
    """Return where this process's number means this process: the host, its start, and the container on it.

    A container that starts again has the name of the one before and the same few process numbers.
    """
    told = [socket.gethostname()]
    for path, read in (
        ("/proc/sys/kernel/random/boot_id", lambda path: Path(path).read_text(encoding="ascii").strip()),
        ("/proc/self/ns/pid", os.readlink),
    ):
        with suppress(OSError):
            told.append(read(path))
    return " ".join(told)


def new_name() -> str:
    """Return a name for this process that no other has or will have."""
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"


class Presence:
    """This process's row, kept fresh by a thread so that a busy loop is not taken for a dead one."""

    def __init__(self, ledger: Ledger, offer: Offer) -> None:
        """Nothing is written before ``begin``."""
        self._ledger = ledger
        self._offer = offer
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="presence", daemon=True)
        self.lost = False
        """Whether others have declared this process dead."""

    def begin(self) -> None:
        """Say that this process is here."""
        now, offer = self._ledger.clock.now(), self._offer
        row = {
            "id": self._ledger.worker,
            "host": machine(),
            "pid": os.getpid(),
            "queues": json.dumps(offer.queues),
            "version": offer.version,
            "takes_runs": offer.takes_runs,
            "slots": offer.slots,
            "status": "live",
            "started": now,
            "beat": now,
        }
        with self._ledger.engine.begin() as connection:
            connection.execute(schema.workers.insert().values(**row))
        self._thread.start()

    def drain(self) -> None:
        """Say that this process takes nothing new."""
        self._say("draining")

    def end(self) -> None:
        """Say that this process is gone, in good order; a database that takes nothing any more need not hear it."""
        self._over.set()
        self._thread.join()
        with suppress(sa.exc.SQLAlchemyError):
            self._say("gone")

    def _say(self, status: str) -> None:
        with self._ledger.engine.begin() as connection:
            mine = schema.workers.update().where(_WORKERS.id == self._ledger.worker)
            connection.execute(mine.values(status=status, beat=self._ledger.clock.now()))

    def _beat(self) -> None:
        while not self._over.wait(BEAT):
            try:
                self.lost = self.lost or not self._kept()
            except sa.exc.SQLAlchemyError:
                continue  # the next beat tries again; others judge by the last one that was kept

    def _kept(self) -> bool:
        mine = sa.and_(_WORKERS.id == self._ledger.worker, _WORKERS.status != "gone")
        with self._ledger.engine.begin() as connection:
            kept = connection.execute(schema.workers.update().where(mine).values(beat=self._ledger.clock.now()))
            return kept.rowcount == 1


def is_alive(row: Any, now: float) -> bool:
    """Say whether the process of a row of ``workers`` is alive."""
    if row is None or row.status == "gone":
        return False
    if row.host == machine():
        return _runs(row.pid)
    return bool(now - row.beat < STALE)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # somebody else's, so there is one
    return True


def find(connection: sa.Connection, worker: str) -> Any:
    """Return the row of a worker, None when there is none."""
    return connection.execute(schema.workers.select().where(_WORKERS.id == worker)).one_or_none()


def dead(connection: sa.Connection, now: float) -> list[str]:
    """Return the names of the processes that are gone without having said so."""
    rows = connection.execute(schema.workers.select().where(_WORKERS.status != "gone")).all()
    return [row.id for row in rows if not is_alive(row, now)]


def bury(connection: sa.Connection, workers: Sequence[str] | Collection[str], now: float) -> int:
    """Free what dead processes held, offer again what they did, and return how many steps that is."""
    if not workers:
        return 0
    connection.execute(schema.workers.update().where(_WORKERS.id.in_(list(workers))).values(status="gone"))
    budget.abandon(connection, workers)
    leases.abandon(connection, workers)
    return queue.hand_back(connection, workers, now)
