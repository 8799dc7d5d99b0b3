"""What a step costs on our engine, against plain asyncio and, with ``--with-peers``, langgraph and prefect.

    python -m tests.benchmarks.engine [--with-peers] [--venvs DIR] [--rounds 3] [--counts 100,2000]
                                      [--write docs/evidence]

Each program is a process of its own that does one step, then so many at most sixteen at a time, then one more. In
every round all programs run one after the other, so that a busy machine slows all of them; figures are the medians
of the rounds. ``--with-peers`` installs the peers into environments of their own, in ``--venvs`` or in a folder that
is thrown away. ours and langgraph keep every step in a SQLite file before the next may begin; prefect runs with its
own temporary server.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path
from typing import Any, NamedTuple

from tests.benchmarks import evidence, start_up
from tests.support import source

PEERS = source.ROOT / "tests" / "benchmarks" / "peers"
PACKAGES = {
    "langgraph": ("langgraph==1.2.22", "langgraph-checkpoint-sqlite==3.1.2"),
    "prefect": ("prefect==3.8.8", "fastapi==0.139.*"),  # with a later fastapi this prefect does not start
}
PROGRAMS = {"asyncio": "plain.py", "ours": "ours.py", "langgraph": "langgraph_run.py", "prefect": "prefect_run.py"}
GOAL_STEP = 1.0
"""The most a step of ours may cost, as a multiple of langgraph's, in the largest run."""
GOAL_FIRST = 1.0
"""The most seconds from the start of the process to its first step."""
MEGABYTE = 1_048_576
CHARACTERS = {"chain": 2000, "map": 10}
"""What each step of a long run gives; a map's list of them is its own output, and is held when it ends."""


class Figure(NamedTuple):
    """One program at one size: medians of milliseconds a step, seconds to the first step, and megabytes."""

    name: str
    steps: int
    milliseconds: float
    first: float
    peak: float
    ratio: float | None = None
    """Its cost of a step as a multiple of langgraph's, median of the rounds' ratios; None without it."""


def environments(folder: Path) -> dict[str, Path]:
    """Return each peer's Python, its environment made when it is not there."""
    found = {}
    for name, packages in PACKAGES.items():
        python = folder / name / "bin" / "python"
        if not python.exists():
            venv.create(folder / name, with_pip=True)
            subprocess.run([str(python), "-m", "pip", "install", "--quiet", *packages], check=True)
        found[name] = python
    return found


def said(name: str, python: Path, *arguments: object) -> dict[str, Any]:
    """Run a program once in a folder of its own and return what it says, with when it was started."""
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch) / ("home" if name == "prefect" else "runs.db")
        words = [str(python), str(PEERS / PROGRAMS[name]), *map(str, arguments)]
        words[3:3] = [] if name == "asyncio" else [str(place)]
        env = {**start_up.environment(), "PYTHONPATH": str(source.ROOT / "core")}
        began = time.time()
        done = subprocess.run(words, env=env, cwd=scratch, capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not lines:
        sys.exit(f"{name} ended with {done.returncode}: {done.stderr[-2000:]}")
    told: dict[str, Any] = json.loads(lines[-1])
    if not told["right"]:
        sys.exit(f"{name} gave wrong outputs.")
    return {**told, "began": began}


def measure(pythons: dict[str, Path], counts: list[int], rounds: int) -> list[Figure]:
    """Run everything in turn, ``rounds`` times, after one round of the smallest size that is thrown away."""
    for name, python in pythons.items():
        said(name, python, counts[0])
    figures = []
    for count in counts:
        told = [{name: said(name, python, count) for name, python in pythons.items()} for _ in range(rounds)]
        figures += [figure(name, count, told) for name in pythons]
    return figures


def figure(name: str, count: int, rounds: list[dict[str, dict[str, Any]]]) -> Figure:
    """Reduce the rounds to one program's figure."""

    def step(one: dict[str, Any]) -> float:
        return float(one["end"] - one["first"]) * 1000 / count

    own = [each[name] for each in rounds]
    ratios = [step(each[name]) / step(each["langgraph"]) for each in rounds if "langgraph" in each]
    return Figure(
        name,
        count,
        round(statistics.median(map(step, own)), 3),
        round(statistics.median(each["first"] - each["began"] for each in own), 2),
        round(statistics.median(each["peak"] for each in own) / MEGABYTE, 1),
        round(statistics.median(ratios), 3) if ratios else None,
    )


class Long(NamedTuple):
    """A run of a shape with so many steps: peaks of memory in megabytes, of the run and of only reading its file."""

    shape: str
    steps: int
    peak: float
    read: float


def longs(python: Path, counts: tuple[int, ...]) -> list[Long]:
    """Measure the memory of long runs whose steps give a lot."""
    found = []
    for shape, size in CHARACTERS.items():
        for count in counts:
            peaks = [said("ours", python, count, shape, size, *only)["peak"] / MEGABYTE for only in ((), ("read",))]
            found.append(Long(shape, count, round(peaks[0], 1), round(peaks[1], 1)))
    return found


def first_of_command(python: Path, rounds: int) -> float:
    """Return the median seconds from the start of ``agentops run`` to the first step of its run."""
    import sqlite3

    taken: list[float] = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as scratch:
            file, database = Path(scratch) / "one.yaml", Path(scratch) / "runs.db"
            file.write_text("name: one\nsteps:\n  - name: a\n    llm: Say hello.\n", encoding="utf-8")
            words = [
                str(python),
                "-m",
                "agentops_kit",
                "run",
                str(file),
                "--provider",
                "scripted",
                "--db",
                str(database),
            ]
            env = {**start_up.environment(), "PYTHONPATH": str(source.ROOT / "core"), "HOME": scratch}
            began = time.time()
            subprocess.run(words, env=env, cwd=scratch, capture_output=True, check=True)
            (started,) = sqlite3.connect(database).execute("SELECT started FROM steps").fetchone()
            taken.append(started - began)
    return round(float(statistics.median(taken)), 2)


def report(figures: list[Figure], long: list[Long], first: float, where: dict[str, str], rounds: int) -> str:
    """Return the evidence as markdown."""
    rows = [
        f"| {each.name} | {each.steps:,} | {each.milliseconds:.3f} ms | "
        f"{f'{each.ratio:.2f}×' if each.ratio is not None else '–'} | {each.first:.2f} s | {each.peak:.0f} MB |"
        for each in figures
    ]
    more = [
        f"| {each.shape} | {each.steps:,} | {CHARACTERS[each.shape]:,} | {each.peak:.0f} MB | {each.read:.0f} MB "
        f"| {each.peak - each.read:.0f} MB |"
        for each in long
    ]
    versions = ", ".join(word.replace("==", " ") for packages in PACKAGES.values() for word in packages)
    lines = [
        "One step, then so many at most sixteen at a time, then one that needs them all; the steps do nothing.",
        "ours and langgraph keep each step in a SQLite file (write-ahead log) before what follows may begin.",
        "",
        "| program | steps | a step | ratio to langgraph | to the first step | peak memory |",
        "|---|---:|---:|---:|---:|---:|",
        *rows,
        "",
        f"Medians of {rounds} interleaved rounds. Goal: ≤ {GOAL_STEP:g}× langgraph a step in the largest run.",
        "Time to the first step is from the start of the process, imports and the reading of the workflow",
        "included; prefect starts its own server in it, whose memory is not counted. asyncio keeps nothing.",
        "",
        f"`agentops run` with one step on the scripted model: first step {first:.2f} s after the process started",
        f"(goal: < {GOAL_FIRST:g} s).",
        "",
        "Long runs. A process that only reads the workflow is measured beside each; the difference is the run's:",
        "outputs are kept in the file, and at most eight million characters of them at hand.",
        "",
        "| shape | steps | characters a step gives | peak memory | of reading the file | difference |",
        "|---|---:|---:|---:|---:|---:|",
        *more,
    ]
    command = "python -m tests.benchmarks.engine --with-peers --write docs/evidence"
    return evidence.page("What a step costs on the engine", command, lines, {**where, "peers": versions})


def misses(figures: list[Figure], first: float) -> list[str]:
    """Return the goals that were missed."""
    largest = max(each.steps for each in figures)
    ours = next(each for each in figures if each.name == "ours" and each.steps == largest)
    found = [] if ours.ratio is None or ours.ratio <= GOAL_STEP else [f"a step costs {ours.ratio}× langgraph's"]
    return [*found, *([f"the first step comes after {first} s"] if first >= GOAL_FIRST else [])]


def main(arguments: list[str]) -> int:
    """Measure, print, write if asked; exit 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--with-peers", action="store_true")
    parser.add_argument("--venvs", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--counts", default="100,2000")
    parser.add_argument("--long", default="1000,10000")
    parser.add_argument("--write", type=Path)
    given = parser.parse_args(arguments)
    python = Path(os.path.abspath(sys.executable))
    with tempfile.TemporaryDirectory() as scratch:
        pythons = {"asyncio": python, "ours": python}
        pythons |= environments((given.venvs or Path(scratch)).resolve()) if given.with_peers else {}
        figures = measure(pythons, [int(each) for each in given.counts.split(",")], given.rounds)
        first = first_of_command(python, given.rounds)
        long = longs(python, tuple(int(each) for each in given.long.split(",")))
    where = evidence.machine(python)
    text = report(figures, long, first, where, given.rounds)
    if given.write:
        facts = {
            "machine": where,
            "rounds": given.rounds,
            "figures": [each._asdict() for each in figures],
            "first": first,
            "long": [each._asdict() for each in long],
        }
        evidence.write(given.write, "engine", text, facts)
    print(text)
    for sentence in misses(figures, first):
        print(f"missed: {sentence}", file=sys.stderr)
    return int(bool(misses(figures, first)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
