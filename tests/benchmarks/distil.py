"""What a distilled session keeps of the facts planted in it, by the budget of its bundle.

    python tests/benchmarks/distil.py [--sessions 20] [--write docs/evidence]

Sessions are generated (tests/support/planted.py): 75 facts among 240 other answers, a third of which speak like
facts. Three of ten decisions are said without any word that marks one. A fact survives when its words stand in
the bundle. Transcripts have the shape of Claude Code's; tests/e2e/test_transcripts.py has the client itself write one.
The same hands wrote the sessions and the program that distils them: people's sessions may lose more.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import platform
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[2] / "core")]

from agentops_kit.bundles.distil.make import distil  # noqa: E402 - found by the line above
from agentops_kit.bundles.document import dump  # noqa: E402 - found by the line above
from agentops_kit.memory.git import Repo  # noqa: E402 - found by the line above
from tests.support import planted, trees  # noqa: E402 - found by the line above

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


def table(rows: list[dict[str, Any]]) -> str:
    """Return the rows as a markdown table."""
    names = list(rows[0])
    lines = [names, ["---:"] * len(names), *([str(row[name]) for name in names] for row in rows)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def main() -> None:
    """Measure, print, and with ``--write`` keep the figures with machine and date."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--write", type=Path)
    given = parser.parse_args()
    rows = measure(given.sessions)
    print(table(rows), end="")
    if given.write:
        given.write.mkdir(parents=True, exist_ok=True)
        about = {
            "date": dt.datetime.now(dt.UTC).date().isoformat(),
            "system": platform.platform(),
            "sessions": given.sessions,
        }
        (given.write / "distil.json").write_text(json.dumps({"about": about, "rows": rows}, indent=2) + "\n", "utf-8")
        about_it = __doc__.split("\n\n", 2)[2]
        lead = f"# What a distilled session keeps\n\n{about_it}\n{given.sessions} sessions, {about['date']}.\n\n"
        (given.write / "distil.md").write_text(lead + table(rows), "utf-8")


if __name__ == "__main__":
    main()
