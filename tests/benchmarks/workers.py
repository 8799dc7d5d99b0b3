"""How much faster two and four workers do the queued steps of one run than one, on a Postgres of this machine.

    python -m tests.benchmarks.workers [--rounds 2] [--items 320] [--write docs/evidence]

Each step waits as long as a short answer of a model takes, so that the database and the hand-out are what is measured
and not this machine's cores. The counts take turns; the figure is the median of the rounds' ratios to one worker.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from agentops_kit.workflows.ledger import read
from tests.benchmarks import evidence
from tests.support import flows, postgres, source
from tests.support.flows import step

COUNTS = (1, 2, 4)
SLOTS = 8
WAIT = 0.2
"""Seconds a step takes."""


class Figure(NamedTuple):
    """So many workers: median seconds from the first step's start to the last one's end, steps a second, speed-up."""

    workers: int
    seconds: float
    steps_a_second: float
    speed_up: float


def spent(address: str, count: int, items: int, number: int) -> float:
    """Return the seconds that ``count`` workers take for one run of ``items`` queued steps."""
    queue = f"q{count}-{number}"
    body = step("x", does={"sleep": WAIT, "out": "{{ item }}"}, queue=queue)
    mapped = {"name": "m", "map": {"over": list(range(items)), "steps": [body]}}
    with flows.opened(address) as engine:
        workers = [started(address, queue) for _ in range(count)]
        try:
            time.sleep(4)  # every worker is up before there is something to do
            text = flows.text(mapped, limits={"max_parallel": 4 * SLOTS * count})
            run = engine.submit(flows.request(text, place="queue"))
            while engine.get(run).status in {"queued", "running"}:
                time.sleep(0.1)
            done = [one for one in read.steps(engine.ledger.engine, run) if one.key.item is not None]
            assert engine.get(run).status == "succeeded", engine.get(run).error
        finally:
            for each in workers:
                each.kill()
                each.wait()
    return max(stamp(one.finished) for one in done) - min(stamp(one.started) for one in done)


def stamp(said: str) -> float:
    """Return a row's time as seconds."""
    return dt.datetime.fromisoformat(said).timestamp()


def started(address: str, queue: str) -> subprocess.Popen[bytes]:
    """Start a worker process for a queue."""
    words = [sys.executable, "-m", "tests.support.engine_worker", address, "1", "5", str(SLOTS), queue]
    environment = {**os.environ, "PYTHONPATH": f"{source.ROOT / 'core'}{os.pathsep}{source.ROOT}"}
    return subprocess.Popen(
        words, cwd=source.ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def measure(rounds: int, items: int) -> list[Figure]:
    """Run every count in turn, ``rounds`` times."""
    with postgres.server() as address:
        taken = [{count: spent(address, count, items, number) for count in COUNTS} for number in range(rounds)]
    return [figure(count, [(one[count], one[1]) for one in taken], items) for count in COUNTS]


def figure(count: int, pairs: list[tuple[float, float]], items: int) -> Figure:
    """Reduce (own seconds, one worker's seconds) to a figure."""
    middle = statistics.median(own for own, _ in pairs)
    speed_up = statistics.median(alone / own for own, alone in pairs)
    return Figure(count, round(middle, 2), round(items / middle, 1), round(speed_up, 2))


def report(figures: list[Figure], where: dict[str, str], rounds: int, items: int) -> str:
    """Return the evidence as markdown."""
    rows = [
        f"| {one.workers} | {one.seconds:.2f} s | {one.steps_a_second:.1f} | {one.speed_up:.2f}× |" for one in figures
    ]
    lines = [
        "| workers | first step to last | steps a second | speed-up |",
        "|---:|---:|---:|---:|",
        *rows,
        "",
        f"One run of {items} queued steps of {WAIT} s on Postgres, {SLOTS} slots a worker; {rounds} rounds.",
        f"Without any cost a worker would do {SLOTS / WAIT:.0f} steps a second. All processes share this machine.",
    ]
    return evidence.page("Workers", "python -m tests.benchmarks.workers --write docs/evidence", lines, where)


def main(arguments: list[str]) -> int:
    """Measure, print, write if asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--items", type=int, default=320)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args(arguments)
    figures, where = measure(options.rounds, options.items), evidence.machine(Path(sys.executable))
    text = report(figures, where, options.rounds, options.items)
    if options.write:
        facts = {"machine": where, "rounds": options.rounds, "items": options.items}
        facts |= {"figures": [one._asdict() for one in figures]}
        evidence.write(options.write, "workers", text, facts)
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
