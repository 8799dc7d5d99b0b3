"""Three explorers at the same time against one after the other, in the same workflow on the same engine.

    python -m tests.benchmarks.explorers [--rounds 12] [--write docs/evidence]

Two tasks: personas on the scripted model, which waits as long as the script says before it answers; and the explorers
without a model on a clone of this repository, its index read before. The only difference between the two ways is
``max_parallel``. They take turns, so that a busy machine slows both; the figure is the median of the rounds' ratios.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from agentops_kit.workflows.engine.engine import Engine, Request
from agentops_kit.workflows.load import load
from agentops_kit.workflows.spec import Limits
from agentops_kit.workflows.steps.base import Means
from tests.benchmarks import evidence
from tests.support.source import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LATENCIES = {"code-explorer": 2.0, "doc-explorer": 1.5, "history-explorer": 1.0}
"""Seconds a persona's model takes to answer."""
TASK = "How does the installer keep the user's edits to a file it owns?"
STUB = "personas on a model that takes 2.0, 1.5 and 1.0 s"
REAL = "explorers without a model on this repository"
_JOIN = {"name": "merge", "reduce": {"reducer": "collect"}, "needs": ["code", "documents", "history"]}
_WARM_UP = 1


class Case(NamedTuple):
    """A task: the workflow's text and what it runs with."""

    source: str
    means: Means


class Figure(NamedTuple):
    """Seconds of each way (medians), and how many times as long one after the other takes."""

    name: str
    parallel: float
    serial: float
    ratio: float
    ratio_p10: float


def cases(scratch: Path) -> dict[str, Case]:
    """Return both tasks, with a clone to explore in a scratch folder."""
    answers = [
        {"match": {"text": f"^Be the {name}"}, "reply": "Found.", "latency": seconds}
        for name, seconds in LATENCIES.items()
    ]
    script = scratch / "script.yaml"
    script.write_text(yaml.safe_dump({"answers": answers}), encoding="utf-8")
    asked = zip(("code", "documents", "history"), LATENCIES, strict=True)
    stub = [{"name": step, "llm": {"prompt": f"Be the {name}.", "model": "stub"}} for step, name in asked]
    real = [{"name": name, "explore": {"explorer": name, "task": TASK}} for name in ("code", "documents", "history")]
    clone = scratch / "clone"
    subprocess.run(("git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(clone)), check=True)
    return {
        STUB: Case(flow(stub), Means(scratch, "scripted", script=script, settings={})),
        REAL: Case(flow(real), Means(clone, settings={})),
    }


def flow(steps: Sequence[Mapping[str, Any]]) -> str:
    """Return a workflow of three steps that need nothing and one that gathers them."""
    return yaml.safe_dump({"name": "explore", "steps": [*steps, _JOIN]})


def seconds(engine: Engine, case: Case, max_parallel: int) -> float:
    """Run a case once and return its wall time; a run that does not succeed is fatal."""
    request = Request(
        load(case.source, "explore.yaml"), case.source, case.means, limits=Limits(max_parallel=max_parallel)
    )
    run = engine.submit(request)
    began = time.perf_counter()
    end = engine.drive(run)
    taken = time.perf_counter() - began
    if end.status != "succeeded":
        sys.exit(f"{run} {end.status}: {end.error}")
    return taken


def measure(engine: Engine, name: str, case: Case, rounds: int) -> Figure:
    """Run both ways in turn, after a warm-up that is thrown away."""
    pairs = [(seconds(engine, case, 3), seconds(engine, case, 1)) for _ in range(rounds + _WARM_UP)][_WARM_UP:]
    parallel, serial = (statistics.median(way) for way in zip(*pairs, strict=True))
    ratios = sorted(serial / parallel for parallel, serial in pairs)
    return Figure(name, parallel, serial, statistics.median(ratios), ratios[len(ratios) // 10])


def report(figures: list[Figure], where: dict[str, str], rounds: int) -> str:
    """Return the evidence as markdown."""
    rows = [
        f"| {each.name} | {each.parallel:.2f} s | {each.serial:.2f} s | {each.ratio:.2f}× | {each.ratio_p10:.2f}× |"
        for each in figures
    ]
    longest, total = max(LATENCIES.values()), sum(LATENCIES.values())
    lines = [
        "| task | at the same time | one after the other | times as long, median | 10th percentile |",
        "|---|---:|---:|---:|---:|",
        *rows,
        "",
        f"Both ways in turn, {rounds} rounds, on one engine; the only difference is `max_parallel`.",
        f"Waiting for a model allows {total / longest:.2f}× at most ({total:g} s in {longest:g} s). Without a",
        "model the explorers are work for the processor in one Python process, which uses one core at a time.",
    ]
    return evidence.page(
        "Three explorers at the same time", "python -m tests.benchmarks.explorers --write docs/evidence", lines, where
    )


def main(arguments: list[str]) -> int:
    """Measure, print, and write if asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--write", type=Path)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch).resolve()
        with Engine.open(folder / "runs.db") as engine:
            figures = [measure(engine, name, case, given.rounds) for name, case in cases(folder).items()]
    where = evidence.machine(Path(sys.executable))
    text = report(figures, where, given.rounds)
    if given.write:
        facts = {"machine": where, "rounds": given.rounds, "figures": [each._asdict() for each in figures]}
        evidence.write(given.write, "explorers", text, facts)
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
