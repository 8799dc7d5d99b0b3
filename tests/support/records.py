"""Run records as values, for tests that decide on them: say what matters, the rest is filled in."""

from __future__ import annotations

from typing import Any

from agentops_kit.ids import RunId, Sha256, TreeId
from agentops_kit.phases.record import Evidence, Run

TREE = TreeId("a" * 40)


def run(phase: str = "implement", **facts: Any) -> Run:
    """Return a run in a phase, of the workflow that has it; ``facts`` are fields of the record."""
    workflow = "quick" if phase == "quick" else "research-plan-implement"
    usual: dict[str, Any] = {
        "id": RunId("r"),
        "workflow": workflow,
        "phase": phase,
        "branch": "main",
        "enforcement": "strict",
        "created": "2026-11-21T10:00:00+00:00",
        "baseline": TREE,
        "tasks": {"quick" if phase == "quick" else "plan": "Greet politely."},
        "artefacts": {},
    }
    return Run(**(usual | facts))


def evidence(command: str = "pytest -q", *, met: bool = True, tree: str = TREE, **facts: Any) -> Evidence:
    """Return what a command gave on a tree; ``facts`` are fields of the evidence."""
    usual: dict[str, Any] = {
        "expected": "exit 0",
        "exit_status": 0 if met else 1,
        "seconds": 0.1,
        "output_sha256": Sha256("0" * 64),
        "tail": "",
        "at": "10:00",
    }
    return Evidence(command=command, met=met, tree=TreeId(tree), **(usual | facts))
