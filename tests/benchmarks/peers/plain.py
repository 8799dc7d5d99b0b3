"""Fan-out and fan-in in plain asyncio with a limit: nothing is kept."""
# mypy: ignore-errors

from __future__ import annotations

import asyncio
import sys
import time

from said import say


async def main(count: int) -> dict[int, int]:
    limit = asyncio.Semaphore(16)
    first: list[float] = []

    async def step(number: int) -> int:
        async with limit:
            first or first.append(time.time())
            return number

    await step(-1)
    outputs = dict(enumerate(await asyncio.gather(*(step(number) for number in range(count)))))
    say(first[0], len(outputs) == count)
    return outputs


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
