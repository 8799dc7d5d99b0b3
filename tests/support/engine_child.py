"""Processes that do a run and are killed at any moment; forked from one that has imported everything already."""

from __future__ import annotations

import multiprocessing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext
    from multiprocessing.process import BaseProcess

_PRELOADED = ["dbos", "agentops_kit.workflows.engine.engine", "tests.support.engine_steps", "tests.support.flows"]


def context() -> ForkServerContext:
    """Return where such processes come from."""
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload([*_PRELOADED, __name__])
    return made


def start(database: str, run: str) -> BaseProcess:
    """Start a process that does a run, as far as it goes."""
    process = context().Process(target=drive, args=(database, run))
    process.start()
    return process


def drive(database: str, run: str) -> None:
    from agentops_kit.workflows.engine.engine import Engine
    from tests.support import engine_steps

    engine_steps.install()
    engine = Engine.open(database)
    engine.drive(run)
    engine.close(at_exit=True)
