"""What the shell fence stops, class by class, and the report of it.

    python -m tests.support.shell_figures [--write docs/evidence] [--jobs 2]

Every line is decided as the hook decides it, in a strict run's research phase, where nothing may be written but the
phase's own artefact. With ``--write`` every line is also run, to prove its label and to see its change caught.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import platform
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from agentops_kit.phases.fence import ALLOW, Ground, decide
from tests.support import shell_proof
from tests.support.shell_corpus import FOLDER, SETS, Line, lines, unproven

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.support.shell_proof import Proof

PROJECT = "/home/someone/project"
RESEARCH: dict[str, Any] = {
    "phase": "research",
    "run": "r1",
    "artefact": ".agentops/bundles/r1/research.md",
    "enforcement": "strict",
    "scope": [],
    "checks": [],
}


class Rate(NamedTuple):
    """Lines of one class that must be stopped and must pass, and how many of each were stopped."""

    kind: str
    writing: int
    stopped: int
    reading: int
    wrongly: int


def stopped(line: Line) -> bool:
    """Say whether the fence stops a line."""
    return decide(RESEARCH, "Bash", {"command": line.text}, Ground(PROJECT, PROJECT)) is not ALLOW


def rate(kind: str, chosen: Iterable[Line]) -> Rate:
    """Count what the fence does with lines."""
    judged = [(line, stopped(line)) for line in chosen]
    must = [stop for line, stop in judged if line.must_stop]
    may = [stop for line, stop in judged if line.must_pass]
    return Rate(kind, len(must), sum(must), len(may), sum(may))


def rates(chosen: Sequence[Line]) -> list[Rate]:
    """Return the counts of every class, by name, and of all classes last."""
    kinds = sorted({line.kind for line in chosen})
    return [*(rate(kind, [line for line in chosen if line.kind == kind]) for kind in kinds), rate("all", chosen)]


def report(chosen: Sequence[Line], proofs: Sequence[Proof], now: dt.date) -> dict[str, Any]:
    """Return the evidence as data."""
    tried = [proof for proof in proofs if proof.line.label in shell_proof.PROVING]
    known = unproven()
    changed = [proof for proof in proofs if proof.caught is not None]
    return {
        "date": now.isoformat(),
        "machine": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "lines": {name: len(lines(name)) for name in SETS},
        "rates": [each._asdict() for each in rates(chosen)],
        "proof": {
            "run": len(tried),
            "label holds": sum(proof.holds for proof in tried),
            "cannot be proven by running": sum(not proof.holds and proof.line.text in known for proof in tried),
            "with a stand-in program": sum(bool(proof.stand_ins) for proof in tried),
            "changed files of the tree": len(changed),
            "of these seen by the fingerprint": sum(bool(proof.caught) for proof in changed),
        },
        "first contact": yaml.safe_load((FOLDER / "first_contact.yaml").read_text(encoding="utf-8")),
    }


def text(found: dict[str, Any]) -> str:
    """Return the evidence as a page."""
    proof = found["proof"]
    rows = [
        f"| {each['kind']} | {_share(each['stopped'], each['writing'])} | {_share(each['wrongly'], each['reading'])} |"
        for each in found["rates"]
    ]
    contact = [
        f"| {name}: {who} | {_share(seen['stopped'], seen['of writing'])} "
        f"| {_share(seen['wrongly stopped'], seen['of reading'])} |"
        for name, entry in found["first contact"].items()
        for who, seen in entry.items()
        if isinstance(seen, dict)
    ]
    when = [f"- {name}: written {entry['written']}" for name, entry in found["first contact"].items()]
    head = "| {} | writing lines stopped | reading lines stopped |\n|---|---|---|"
    return "\n".join(
        [
            "# The shell fence in figures",
            "",
            (
                f"Measured {found['date']} on {found['machine']} by `scripts/shell_fence.sh`; the same as data: "
                "[shell_fence.json](shell_fence.json)."
            ),
            "",
            (
                f"{sum(found['lines'].values())} labelled command lines, decided as the hook decides them in a strict "
                "run's research phase. A line of a builder or test runner is in neither column."
            ),
            "",
            head.format("class"),
            *rows,
            "",
            (
                "The classifier was developed with these lines, so the table says what is kept, not how it does on "
                "lines it never saw. For that, each set's figures when the fence first met it:"
            ),
            "",
            head.format("set and classifier"),
            *contact,
            "",
            *when,
            "",
            "## What running the lines showed",
            "",
            (
                f"- {proof['run']} lines labelled as writing or reading were run in a throw-away repository; "
                f"{proof['label holds']} did what the label says, {proof['cannot be proven by running']} cannot be "
                "shown that way (named with the reason in `tests/support/shell_lines/unproven.yaml`)."
            ),
            (
                f"- {proof['with a stand-in program']} of them called a stand-in for a tool that is absent, needs a "
                "network or would reach outside; what it does is ours, written from the tool's documentation."
            ),
            (
                f"- {proof['changed files of the tree']} changed tracked or untracked, unignored files; the "
                f"fingerprint saw {proof['of these seen by the fingerprint']} of them."
            ),
            "",
        ]
    )


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({part / whole:.1%})" if whole else "–"


def main() -> int:
    """Print the figures; with ``--write`` prove the labels first and write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, help="folder for shell_fence.md and shell_fence.json")
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    chosen = lines()
    for each in rates(chosen):
        sys.stdout.write(
            f"{each.kind:22} stopped {_share(each.stopped, each.writing):22} "
            f"wrongly {_share(each.wrongly, each.reading)}\n"
        )
    if given.write:
        proofs = shell_proof.prove(chosen, given.jobs)
        found = report(chosen, proofs, dt.datetime.now(tz=dt.UTC).date())
        (given.write / "shell_fence.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
        (given.write / "shell_fence.md").write_text(text(found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
