"""The same on prefect with its server of the moment, results kept."""
# mypy: ignore-errors

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path

from said import say

FIRST: list[float] = []


def main(count: int, folder: Path) -> None:
    os.environ["PREFECT_HOME"] = str(folder)
    os.environ["PREFECT_LOGGING_LEVEL"] = "CRITICAL"
    os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"
    os.environ["PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS"] = "300"  # a busy machine is slow, not wrong
    from prefect import flow, task

    limit = asyncio.Semaphore(16)

    @task(persist_result=True)
    async def step(number: int) -> int:
        FIRST or FIRST.append(time.time())
        return number

    async def limited(number: int) -> int:
        async with limit:
            return await step(number)

    @flow
    async def run() -> list[int]:
        await step(-1)
        given = await asyncio.gather(*(limited(number) for number in range(count)))
        await step(count)
        return given

    say(FIRST[0] if (given := asyncio.run(run())) is not None else 0.0, len(given) == count)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
