"""What a program costs in each sandbox, in units of a bare Python that runs the same program.

    python -m tests.benchmarks.sandbox [--rounds 15] [--write docs/evidence]

All ways take turns, so that a busy machine slows them alike; the figure is the median of the rounds' ratios. The
interpreter for WebAssembly is installed before; what compiling it costs is measured once.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from agentops_kit.sandbox import wasi
from agentops_kit.sandbox.base import Grants, Program, TierName, load
from tests.benchmarks import evidence

CODE = "total = 0\nfor n in range(1000):\n    total += n * n\nprint(total)\n"
WANTED = "332833500"
TIERS: tuple[TierName, ...] = ("monty", "wasi", "bubblewrap", "process")
BARE = "bare Python"
_WARM_UP = 1


class Figure(NamedTuple):
    """A way to run it: median milliseconds, and median and worst-tenth ratio to bare Python."""

    name: str
    milliseconds: float
    ratio: float
    ratio_p90: float


def bare() -> float:
    """Return the seconds of ``python -c``."""
    began = time.perf_counter()
    done = subprocess.run((sys.executable, "-I", "-c", CODE), capture_output=True, text=True, check=True)
    taken = time.perf_counter() - began
    assert done.stdout.strip() == WANTED
    return taken


def walled(tier: TierName) -> float:
    """Return the seconds of a tier; one that gives another answer is fatal."""
    began = time.perf_counter()
    ran = asyncio.run(load(tier).run(Program(CODE), Grants(seconds=120)))
    taken = time.perf_counter() - began
    assert ran.out.strip() == WANTED, ran
    return taken


def measure(rounds: int) -> list[Figure]:
    """Run every way in turn, after a warm-up that is thrown away."""
    taken = [{BARE: bare(), **{tier: walled(tier) for tier in TIERS}} for _ in range(rounds + _WARM_UP)][_WARM_UP:]
    return [figure(name, [(one[name], one[BARE]) for one in taken]) for name in (BARE, *TIERS)]


def figure(name: str, pairs: list[tuple[float, float]]) -> Figure:
    """Reduce (own seconds, bare Python's seconds) to a figure."""
    ratios = sorted(own / other for own, other in pairs)
    middle = statistics.median(own for own, _ in pairs)
    worst = ratios[int(len(ratios) * 0.9)]
    return Figure(name, round(middle * 1000, 1), round(statistics.median(ratios), 2), round(worst, 2))


def report(figures: list[Figure], compiling: float | None, where: dict[str, str], rounds: int) -> str:
    """Return the evidence as markdown."""
    rows = [f"| {one.name} | {one.milliseconds:.1f} ms | {one.ratio:.2f}× | {one.ratio_p90:.2f}× |" for one in figures]
    once = "" if compiling is None else f" Installing `wasi`, fetching and compiling, took {compiling:.0f} s once."
    lines = [
        "| tier | median | ratio, median | ratio, 90th percentile |",
        "|---|---:|---:|---:|",
        *rows,
        "",
        f"A program of four lines from nothing to its output, in each of {rounds} interleaved rounds; ratios are",
        f"to `python -I -c`. Each run starts its sandbox anew; nothing is kept warm.{once}",
    ]
    return evidence.page("Sandboxes", "python -m tests.benchmarks.sandbox --write docs/evidence", lines, where)


def main(arguments: list[str]) -> int:
    """Measure, print, write if asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args(arguments)
    began = time.perf_counter()
    compiling = (wasi.install(), time.perf_counter() - began)[1] if wasi.missing() else None
    figures, where = measure(options.rounds), evidence.machine(Path(sys.executable))
    text = report(figures, compiling, where, options.rounds)
    if options.write:
        facts = {"machine": where, "rounds": options.rounds, "install_seconds": compiling}
        facts |= {"figures": [one._asdict() for one in figures]}
        evidence.write(options.write, "sandbox", text, facts)
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
