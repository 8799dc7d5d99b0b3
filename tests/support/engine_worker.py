"""A worker process for tests, with the tests' kind of step: ``python -m tests.support.engine_worker DB QUEUES…``."""

from __future__ import annotations

import asyncio
import sys

from agentops_kit.workflows.engine.engine import Engine
from agentops_kit.workflows.engine.worker import Orders, Worker
from tests.support import engine_steps


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - read by whoever looks why a test failed


def main() -> None:
    engine_steps.install()
    database, version, grace, slots, *queues = sys.argv[1:]
    orders = Orders(tuple(queues), int(slots), version != "none", version, float(grace))
    with Engine.open(database) as engine:
        asyncio.run(Worker(engine, orders, say).work())


if __name__ == "__main__":
    main()
