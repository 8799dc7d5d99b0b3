"""What the fence costs an assistant's shell call, in units of bare Python: silent, plain, and when it must parse.

    python tests/benchmarks/hooks.py [--python ENV/bin/python] [--pairs 40] [--write docs/evidence]

Makes two throw-away workspaces with the kit installed, one of them with a run in its research phase, and starts the
hook the way a client does. Bare Python and all hooks run one after the other in every round, so that a busy machine
slows all of them; the figure is the median of the rounds' ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks import start_up
from tests.benchmarks.start_up import BASE, Figure, Program

SILENT = "no run active"
PLAIN = "run active: `git status`"
PARSED = {
    "run active: a pipeline": "git log --oneline | head -20",
    "run active: a chain with quotes": 'cd src && grep -rn "import" --include="*.py" . | sort | uniq -c; ls -la',
    "run active: a loop": 'for f in src/*.py; do echo "== $f"; sed -n "1,20p" "$f"; done',
    "run active: a short Python program": "python3 -c \"import json; print(json.load(open('data.json'))['name'])\"",
}
LIMITS = {SILENT: 3.0, PLAIN: 3.0, **dict.fromkeys(PARSED, 6.0)}


def workspaces(python: Path, scratch: Path) -> tuple[Path, Path]:
    """Make a workspace without a run and one with a run in research, and return both."""
    env = {**start_up.environment(), "HOME": str(scratch), "GIT_CONFIG_NOSYSTEM": "1"}
    steps = (
        ("git", "init", "--quiet"),
        ("git", "config", "user.name", "Ada"),
        ("git", "config", "user.email", "ada@example.invalid"),
        ("git", "commit", "--quiet", "--allow-empty", "--message", "Start"),
        (str(python), "-m", "agentops_kit", "install", "--profile", "base", "--assistant", "claude"),
    )
    begin = (str(python), "-m", "agentops_kit", "research", "How does it start?")
    for name, more in (("idle", ()), ("fenced", (begin,))):
        (scratch / name).mkdir()
        for step in (*steps, *more):
            subprocess.run(step, cwd=scratch / name, env=env, check=True, capture_output=True)
    return scratch / "idle", scratch / "fenced"


def programs(python: Path, idle: Path, fenced: Path) -> dict[str, Program]:
    """Return bare Python and the hook calls that are compared with it."""
    return {
        BASE: Program([str(python), "-c", "pass"], b"", idle),
        SILENT: start_up.hook(idle, "Bash", {"command": "git status"}),
        PLAIN: start_up.hook(fenced, "Bash", {"command": "git status"}),
        **{name: start_up.hook(fenced, "Bash", {"command": line}) for name, line in PARSED.items()},
    }


def report(figures: list[Figure], where: dict[str, str], pairs: int) -> str:
    """Return the evidence as markdown."""
    rows = [
        f"| {each.name} | {each.milliseconds:.1f} ms | {each.ratio:.2f}× | {each.ratio_p90:.2f}× "
        f"| {f'≤ {each.limit:g}×' if each.limit else ''} |"
        for each in figures
    ]
    return "\n".join(
        [
            "# The fence in a shell call",
            "",
            "Written by `python -m tests.benchmarks.hooks --write docs/evidence`; do not edit.",
            "",
            "| hook | median | ratio, median | ratio, 90th percentile | limit on the median ratio |",
            "|---|---:|---:|---:|---:|",
            *rows,
            "",
            f"Ratios are to `{BASE}`, taken in each of {pairs} interleaved rounds. Every call ends in silence.",
            "",
            *(f"- {name}: {value}" for name, value in where.items()),
            "",
        ]
    )


def main(arguments: list[str]) -> int:
    """Measure, print, write if asked; exit 1 when a limit is broken."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--python", type=Path, default=Path(sys.executable))
    parser.add_argument("--pairs", type=int, default=40)
    parser.add_argument("--write", type=Path)
    given = parser.parse_args(arguments)
    python = Path(os.path.abspath(given.python))
    with tempfile.TemporaryDirectory() as scratch:
        idle, fenced = workspaces(python, Path(scratch).resolve())
        figures = start_up.measure(programs(python, idle, fenced), given.pairs)
    figures = [each._replace(limit=LIMITS.get(each.name)) for each in figures]
    where = start_up.machine(python)
    if given.write:
        facts = {"machine": where, "rounds": given.pairs, "figures": [each._asdict() for each in figures]}
        (given.write / "hooks.md").write_text(report(figures, where, given.pairs), encoding="utf-8")
        (given.write / "hooks.json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    print(report(figures, where, given.pairs))
    return int(any(each.limit is not None and each.ratio > each.limit for each in figures))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
