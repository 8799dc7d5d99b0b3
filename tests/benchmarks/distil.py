"""What a distilled session keeps of the facts planted in it, by the budget of its bundle.

    python -m tests.benchmarks.distil [--sessions 20] [--write docs/evidence]

Sessions are generated with facts planted in them; ``report`` says what kind of sessions they are.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from agentops_kit.bundles.distil.make import distil
from agentops_kit.bundles.document import dump
from agentops_kit.memory.git import Repo
from tests.benchmarks import evidence
from tests.support import planted, trees

BUDGETS = (1_000, 1_500, 2_000, 4_000)
KINDS = ("decision", "file", "failing command", "open question", "all")


def measure(sessions: int) -> list[dict[str, Any]]:
    """Return for each budget the mean share of each kind of fact that survives, and the median ratio."""
    with tempfile.TemporaryDirectory() as folder:
        repo = Repo.open(trees.make_repo(Path(folder) / "work", {"README.md": "# Work\n"}))
        told = [planted.session(seed, root=str(repo.root)) for seed in range(1, sessions + 1)]
        paths = [planted.write(one, Path(folder) / f"{at}.jsonl") for at, one in enumerate(told)]
        return [_at(repo, told, paths, budget) for budget in BUDGETS]


def _at(repo: Repo, told: list[planted.Planted], paths: list[Path], budget: int) -> dict[str, Any]:
    bundles = [distil(repo, path, budget=budget).bundle for path in paths]
    kept = [planted.survival(one.facts, dump(bundle)) for one, bundle in zip(told, bundles, strict=True)]
    shares = {kind: round(statistics.fmean(one[kind] for one in kept), 3) for kind in KINDS}
    return {"budget": budget, **shares, "ratio": round(statistics.median(one.tokens.ratio for one in bundles), 1)}


def report(rows: list[dict[str, Any]], where: dict[str, str], sessions: int) -> str:
    """Return the evidence as markdown."""
    names = list(rows[0])
    cells = [names, ["---:"] * len(names), *([str(row[name]) for name in names] for row in rows)]
    lines = [
        *(f"| {' | '.join(row)} |" for row in cells),
        "",
        f"{sessions} sessions are generated (tests/support/planted.py), each of 75 facts among 240 other answers,",
        "a third of which speak like facts. Three of ten decisions are said without any word that marks one. A fact",
        "survives when its words stand in the bundle. Transcripts have the shape of Claude Code's;",
        "tests/e2e/test_transcripts.py has the client itself write one. The same hands wrote the sessions and the",
        "program that distils them: people's sessions may lose more.",
    ]
    command = "python -m tests.benchmarks.distil --write docs/evidence"
    return evidence.page("What a distilled session keeps", command, lines, where)


def main(arguments: list[str]) -> int:
    """Measure, print, write if asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--write", type=Path)
    given = parser.parse_args(arguments)
    rows, where = measure(given.sessions), evidence.machine(Path(sys.executable))
    text = report(rows, where, given.sessions)
    if given.write:
        evidence.write(given.write, "distil", text, {"machine": where, "sessions": given.sessions, "rows": rows})
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
