"""A process's hold on the ledger: the engine to read with, the writer, the clock and the process's own name."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from agentops_kit.workflows.ledger import schema

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import ThreadPoolExecutor

    import sqlalchemy as sa

    from agentops_kit.workflows.engine.clock import Clock
    from agentops_kit.workflows.ledger.change import Row
    from agentops_kit.workflows.ledger.write import Writer

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Ledger:
    """What everything in the engine reads and writes through."""

    engine: sa.Engine
    writer: Writer
    clock: Clock
    worker: str
    threads: ThreadPoolExecutor

    async def ask(self, query: Callable[Concatenate[sa.Engine, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Answer a query in another thread, so that the loop goes on."""
        return await self.aside(query, self.engine, *args, **kwargs)

    async def aside(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do something that blocks in a thread of ours: the loop's own threads end with DBOS."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, partial(work, *args, **kwargs))

    def event(self, run: str, kind: str, step: str = "", item: int = schema.ALONE, payload: Any = None) -> Row:
        """Return a line of a run's log, at this moment."""
        from agentops_kit.workflows.ledger.read import text

        return {
            "run": run,
            "at": self.clock.now(),
            "kind": kind,
            "step": step,
            "item": item,
            "payload": "" if payload is None else text(payload),
        }
