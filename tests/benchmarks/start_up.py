"""How long ``agentops --version``, one routed task and a hook event with nothing to say take, in units of bare Python.

    python -m tests.benchmarks.start_up --python ENV/bin/python --workspace DIR [--fenced DIR]
                                        [--pairs 40] [--write docs/evidence]

``--python`` is the environment the kit is installed in, ``--workspace`` a repository with the kit in
it, ``--fenced`` another one where a run is in its research phase. Each round runs ``python -c pass``,
the command and the hooks one after the other, so that a busy machine slows all of them; the figure is
the median of the rounds' ratios. Times are wall clock.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks import evidence

BASE = "python -c pass"
VERSION = "agentops --version"
IDLE_HOOK = "hook, no run active"
ALLOWING_HOOK = "hook, run active, git status"
ROUTE = "agentops route --batch, one task"
LIMITS = {VERSION: 8.0, ROUTE: 6.0, IDLE_HOOK: 3.0, ALLOWING_HOOK: 3.0}
"""The most each may cost, as a multiple of ``python -c pass``. Both hook events end in silence."""
CANDIDATES = 22

WARM_UP = 3


class Program(NamedTuple):
    """Something to start: its words, what it reads, where it runs, and whether it answers."""

    words: list[str]
    data: bytes
    folder: Path
    answers: bool = False


class Figure(NamedTuple):
    """One program's cost: median milliseconds, and median and worst-tenth ratio to ``python -c pass``."""

    name: str
    milliseconds: float
    ratio: float
    ratio_p90: float
    limit: float | None


def programs(python: Path, workspace: Path, fenced: Path | None) -> dict[str, Program]:
    """Return what is measured; a hook is the shim that lies in the workspace, started as a client would."""
    measured = {
        BASE: Program([str(python), "-c", "pass"], b"", workspace),
        VERSION: Program([str(python), "-P", "-m", "agentops_kit", "--version"], b"", workspace),
        ROUTE: route(python, workspace),
        IDLE_HOOK: hook(workspace, "Edit", {"file_path": "README.md", "old_string": "a", "new_string": "b"}),
    }
    if fenced is not None:
        measured[ALLOWING_HOOK] = hook(fenced, "Bash", {"command": "git status"})
    return measured


def route(python: Path, workspace: Path) -> Program:
    """Return the routing of one task to candidates whose index the warm-up has compiled."""
    held = [
        {"id": f"expert-{number}", "name": f"expert-{number}", "description": f"Knows part {number} of the shop."}
        for number in range(CANDIDATES)
    ]
    path = workspace / ".git" / "candidates.json"
    path.write_text(json.dumps(held), encoding="utf-8")
    words = [str(python), "-P", "-m", "agentops_kit", "route", "--batch", "--candidates", str(path)]
    return Program(words, b'{"task": "the login form forgets who I am"}\n', workspace, answers=True)


def hook(workspace: Path, tool: str, tool_input: dict[str, str]) -> Program:
    """Return the hook, told that the assistant is about to use a tool."""
    event = {
        "hook_event_name": "PreToolUse",
        "session_id": "benchmark",
        "transcript_path": str(workspace / "transcript.jsonl"),
        "cwd": str(workspace),
        "tool_name": tool,
        "tool_input": tool_input,
    }
    shim = workspace / ".claude" / "hooks" / "agentops"
    return Program([str(shim), "claude"], json.dumps(event).encode(), workspace)


def environment() -> dict[str, str]:
    """Return our environment without what would make every Python start slower, as a coverage run does."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("COVERAGE_", "COV_CORE_"))}


def seconds(program: Program) -> float:
    """Start a program once and return the seconds until it ended; one that fails, or a hook that speaks, is fatal."""
    words, data, folder, answers = program
    env = environment()
    began = time.perf_counter()
    done = subprocess.run(words, input=data, cwd=folder, env=env, capture_output=True, check=True)
    taken = time.perf_counter() - began
    if data and done.stdout and not answers:
        sys.exit(f"The hook was to be silent and said: {done.stdout.decode()}")
    return taken


def measure(measured: dict[str, Program], pairs: int) -> list[Figure]:
    """Run all programs ``pairs`` times in turn, after a warm-up that is thrown away."""
    rounds = [{name: seconds(each) for name, each in measured.items()} for _ in range(pairs + WARM_UP)][WARM_UP:]
    return [figure(name, [(each[name], each[BASE]) for each in rounds]) for name in measured]


def figure(name: str, pairs: list[tuple[float, float]]) -> Figure:
    """Reduce (own seconds, bare Python's seconds) to a figure."""
    ratios = sorted(own / bare for own, bare in pairs)
    return Figure(
        name,
        round(statistics.median(own for own, _ in pairs) * 1000, 1),
        round(statistics.median(ratios), 2),
        round(ratios[int(len(ratios) * 0.9)], 2),
        LIMITS.get(name),
    )


def report(figures: list[Figure], where: dict[str, str], pairs: int) -> str:
    """Return the evidence as markdown."""
    rows = [
        f"| `{each.name}` | {each.milliseconds:.1f} ms | {each.ratio:.2f}× | {each.ratio_p90:.2f}× "
        f"| {f'≤ {each.limit:g}×' if each.limit else ''} |"
        for each in figures
    ]
    lines = [
        "| program | median | ratio, median | ratio, 90th percentile | limit on the median ratio |",
        "|---|---:|---:|---:|---:|",
        *rows,
        "",
        f"Ratios are to `{BASE}` of the same environment, taken in each of {pairs} interleaved rounds.",
        "The environment is a fresh `scripts/install.sh`; the hook is the shim it put into a workspace,",
        "answering a PreToolUse event with silence: an edit while no run is active, and `git status` in the",
        f"shell while a run is in its research phase. The routed task is one line for {CANDIDATES} candidates, whose",
        "index was compiled by an earlier call.",
    ]
    return evidence.page("Start-up", "scripts/evidence.sh", lines, where)


def main(arguments: list[str]) -> int:
    """Measure, print, write if asked; exit 1 when a limit is broken."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--python", type=Path, required=True)
    parser.add_argument("--workspace", type=Path, required=True)
    parser.add_argument("--fenced", type=Path)
    parser.add_argument("--pairs", type=int, default=40)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args(arguments)
    fenced = options.fenced and options.fenced.absolute()
    figures = measure(programs(options.python.absolute(), options.workspace.absolute(), fenced), options.pairs)
    where = evidence.machine(options.python)
    text = report(figures, where, options.pairs)
    if options.write:
        facts = {"machine": where, "rounds": options.pairs, "figures": [each._asdict() for each in figures]}
        evidence.write(options.write, "start_up", text, facts)
    print(text)
    return int(any(each.limit is not None and each.ratio > each.limit for each in figures))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
