"""The same on our engine: a SQLite file, each step kept before its place is given to another."""
# mypy: ignore-errors

from __future__ import annotations

import sys
import time
from pathlib import Path

from said import say

from agentops_kit.workflows.engine.engine import Engine, Request
from agentops_kit.workflows.load import load
from agentops_kit.workflows.steps import base
from agentops_kit.workflows.steps.base import Job, Means, Outcome

FIRST: list[float] = []
SHAPES = ("fan", "chain", "map")


async def run(job: Job) -> Outcome:
    """Do nothing, as a step."""
    if not FIRST:
        FIRST.append(time.time())
    size = int(job.settings.get("inputs", {}).get("size", 0))
    return Outcome("x" * size if size else job.item)


def text(shape: str, count: int, size: int) -> str:
    """Return a workflow of about ``count`` steps, each giving ``size`` characters."""
    does = f"script: {{code: 'pass'}}, inputs: {{size: {size}}}"
    head = f"name: bench\nlimits: {{max_parallel: 16}}\nsteps:\n  - {{name: src, {does}}}\n"
    if shape == "fan":
        names = [f"s{number}" for number in range(count)]
        fan = "".join(f"  - {{name: {name}, needs: src, {does}}}\n" for name in names)
        return f"{head}{fan}  - {{name: sink, needs: [{', '.join(names)}], {does}}}\n"
    if shape == "chain":
        chain = (f"  - {{name: s{n}, needs: {f's{n - 1}' if n else 'src'}, {does}}}\n" for n in range(count))
        return head + "".join(chain)
    body = f"steps: [{{name: x, {does}}}]"
    return head.replace("src,", "first,") + f"  - {{name: m, map: {{over: {list(range(count))}, {body}}}}}\n"


def main(count: int, database: Path, shape: str = "fan", size: int = 0, only: str = "") -> None:
    """Do a run, and say how it went; with ``only`` no more than read the workflow."""
    base.MODULES["script"] = __name__
    sys.modules[__name__] = sys.modules["__main__"]
    source = text(shape, count, size)
    workflow = load(source, "bench.yaml")
    if only:
        say(time.time(), workflow.name == "bench")
        return
    engine = Engine.open(database)
    run_id = engine.submit(Request(workflow, source, Means(workspace=Path())))
    end = engine.drive(run_id)
    say(FIRST[0], end.status == "succeeded")
    engine.close(at_exit=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:4], *map(int, sys.argv[4:5]), *sys.argv[5:6])
