"""What hooks cost in units of bare Python: an assistant's calls silent, plain, parsed and denied, and git's hooks.

    python -m tests.benchmarks.hooks [--python ENV/bin/python] [--pairs 40] [--write docs/evidence]

Makes two throw-away workspaces with the kit installed, one of them with a run in its research phase, and starts each
hook the way a client or git does. Bare Python and all hooks run one after the other in every round, so that a busy
machine slows all of them; the figure is the median of the rounds' ratios.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks import evidence, start_up
from tests.benchmarks.start_up import BASE, WARM_UP, Figure, Program

SILENT = "no run active"
PLAIN = "run active: `git status`"
PARSED = {
    "run active: a pipeline": "git log --oneline | head -20",
    "run active: a chain with quotes": 'cd src && grep -rn "import" --include="*.py" . | sort | uniq -c; ls -la',
    "run active: a loop": 'for f in src/*.py; do echo "== $f"; sed -n "1,20p" "$f"; done',
    "run active: a short Python program": "python3 -c \"import json; print(json.load(open('data.json'))['name'])\"",
}
DENIED = "run active: a Write, denied"
DENIED_LINE = "run active: `echo x > src/app.py`, denied"
GIT = {
    "git: pre-commit, one file staged": "pre-commit",
    "git: prepare-commit-msg": "prepare-commit-msg",
    "git: commit-msg": "commit-msg",
    "git: pre-push, nothing to push": "pre-push",
}
LIMITS = {DENIED: 3.0, DENIED_LINE: 6.0, SILENT: 3.0, PLAIN: 3.0, **dict.fromkeys(PARSED, 6.0)}


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


class Call(NamedTuple):
    """A program to start, and a word its answer has to hold; "" when it has to be silent."""

    program: Program
    says: str = ""


def calls(python: Path, idle: Path, fenced: Path) -> dict[str, Call]:
    """Return bare Python and the hook calls that are compared with it."""
    parsed = {name: Call(start_up.hook(fenced, "Bash", {"command": line})) for name, line in PARSED.items()}
    write = start_up.hook(fenced, "Write", {"file_path": "src/app.py", "content": "x"})
    return {
        BASE: Call(Program([str(python), "-c", "pass"], b"", idle)),
        SILENT: Call(start_up.hook(idle, "Bash", {"command": "git status"})),
        PLAIN: Call(start_up.hook(fenced, "Bash", {"command": "git status"})),
        **parsed,
        DENIED: Call(write, "deny"),
        DENIED_LINE: Call(start_up.hook(fenced, "Bash", {"command": "echo x > src/app.py"}), "deny"),
        **{name: Call(git_hook(idle, hook)) for name, hook in GIT.items()},
    }


def git_hook(root: Path, hook: str) -> Program:
    """Return one of git's hooks as it stands in the clone, with a sound message and one file staged."""
    (root / "MESSAGE").write_text("docs: say how it starts\n", encoding="utf-8")
    (root / "notes.md").write_text("It starts.\n" * 50, encoding="utf-8")
    subprocess.run(("git", "add", "notes.md"), cwd=root, check=True)
    more = {"pre-push": ("origin", "."), "pre-commit": ()}.get(hook, ("MESSAGE",))
    return Program([str(root / ".git" / "hooks" / hook), *more], b"", root)


def seconds(call: Call) -> float:
    """Start a program once and return the seconds until it ended; another answer than the right one is fatal."""
    words, data, folder = call.program[:3]
    began = time.perf_counter()
    done = subprocess.run(words, input=data, cwd=folder, env=start_up.environment(), capture_output=True, check=True)
    taken = time.perf_counter() - began
    said = done.stdout.decode()
    if call.says not in said or bool(said) is not bool(call.says):
        sys.exit(f"{words[0]} was to say {call.says or 'nothing'!r} and said: {said}{done.stderr.decode()}")
    return taken


def measure(measured: dict[str, Call], pairs: int) -> list[Figure]:
    """Run everything ``pairs`` times in turn, after a warm-up that is thrown away."""
    rounds = [{name: seconds(each) for name, each in measured.items()} for _ in range(pairs + WARM_UP)][WARM_UP:]
    figures = [start_up.figure(name, [(each[name], each[BASE]) for each in rounds]) for name in measured]
    return [each._replace(limit=LIMITS.get(each.name)) for each in figures]


def report(figures: list[Figure], where: dict[str, str], pairs: int) -> str:
    """Return the evidence as markdown."""
    rows = [
        f"| {each.name} | {each.milliseconds:.1f} ms | {each.ratio:.2f}× | {each.ratio_p90:.2f}× "
        f"| {f'≤ {each.limit:g}×' if each.limit else ''} |"
        for each in figures
    ]
    lines = [
        "| hook | median | ratio, median | ratio, 90th percentile | limit on the median ratio |",
        "|---|---:|---:|---:|---:|",
        *rows,
        "",
        f"Ratios are to `{BASE}`, taken in each of {pairs} interleaved rounds. What is denied answers with the",
        "reason; every other call ends in silence. Git's hooks start the whole command, once for a commit.",
    ]
    return evidence.page("What hooks cost", "scripts/evidence.sh", lines, where)


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
        figures = measure(calls(python, idle, fenced), given.pairs)
    where = evidence.machine(python)
    text = report(figures, where, given.pairs)
    if given.write:
        facts = {"machine": where, "rounds": given.pairs, "figures": [each._asdict() for each in figures]}
        evidence.write(given.write, "hooks", text, facts)
    print(text)
    return int(any(each.limit is not None and each.ratio > each.limit for each in figures))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
