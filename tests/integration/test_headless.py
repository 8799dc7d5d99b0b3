"""`agentops run research-plan-implement` in a scratch repository: what the slash commands do, without an assistant."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from agentops_kit.phases import lifecycle, people, store
from agentops_kit.phases.lifecycle import Desk
from tests.support import runs, trees

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = {
    "answers": [
        {"match": {"key": "research/merge"}, "reply": "## Answer\nIt adds two texts (src/app.py:3).\n"},
        {"match": {"key": "plan/write"}, "reply": runs.PLAN},
        {"match": {"key": "implement/change$"}, "reply": f"```diff\n{runs.DIFF}```\n"},
    ]
}
START = ("run", "research-plan-implement", "--input", f"task={runs.TASK}")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return trees.make_repo(tmp_path / "a repo", runs.SOURCE)


def approve(root: Path, run: str) -> None:
    """Approve as a person in a terminal of their own does."""
    if any(name in people.ASSISTANTS for name in people.ancestors()):
        pytest.skip("an assistant runs these tests, and it may not approve")
    told = runs.on_terminal(root, "approve", "--run", run, answer="y", question=r"\?")
    assert told.status == 0, told.shown


def only(root: Path) -> dict[str, Any]:
    found: list[dict[str, Any]] = json.loads(runs.agentops(root, "runs", "list", "--json").stdout)
    assert len(found) == 1
    return found[0]


def phase_run(root: Path) -> str:
    names = store.names(Desk.open(root).repo)
    assert len(names) == 1
    return names[0]


@pytest.mark.heavy
def test_the_whole_way_with_a_scripted_model(root: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.yaml"
    script.write_text(yaml.safe_dump(SCRIPT), encoding="utf-8")

    began = runs.agentops(root, *START, "--provider", "scripted", "--script", str(script))

    assert began.returncode == 4, began.stderr
    run, name = only(root)["run"], phase_run(root)
    assert f"agentops approve --run {name}" in began.stderr
    assert "It adds two texts" in (root / f".agentops/bundles/{name}-research.md").read_text(encoding="utf-8")

    approve(root, name)
    planned = runs.agentops(root, "runs", "resume", run)
    assert planned.returncode == 4, planned.stderr
    assert "Greet politely" in (root / f".agentops/bundles/{name}-plan.md").read_text(encoding="utf-8")

    approve(root, name)
    done = runs.agentops(root, "run", "--resume", run, "--json")

    assert done.returncode == 0, done.stderr
    close = json.loads(done.stdout)["outputs"]["implement/close"]
    assert close["evidence"] == [{"command": "grep -c '!' src/app.py", "exit": 0, "holds": True}]
    assert '+ "!"' in (root / "src/app.py").read_text(encoding="utf-8")
    assert store.read(Desk.open(root).repo, name).phase == "done"
    assert trees.git(root, "status", "--porcelain") == " M src/app.py"
    again = runs.agentops(root, "runs", "replay", run)
    assert again.returncode == 0, again.stdout


@pytest.mark.heavy
def test_the_whole_way_with_a_person_and_no_model(root: Path) -> None:
    assert runs.agentops(root, *START).returncode == 4
    run, name = only(root)["run"], phase_run(root)
    desk = Desk.open(root)
    lifecycle.approve(desk, "terminal", run=name)

    waits = runs.agentops(root, "runs", "resume", run)
    assert waits.returncode == 4
    assert "No model and no assistant is given: write the plan." in waits.stderr

    runs.fill_plan(desk, store.read(desk.repo, name))
    lifecycle.approve(desk, "terminal", run=name)
    waits = runs.agentops(root, "runs", "resume", run)
    assert waits.returncode == 4
    assert "make the changes" in waits.stderr

    runs.change(root)
    done = runs.agentops(root, "runs", "resume", run)

    assert done.returncode == 0, done.stderr
    assert store.read(desk.repo, name).phase == "done"


@pytest.mark.heavy
def test_a_plan_without_substance_waits_and_cannot_be_approved(root: Path) -> None:
    runs.agentops(root, *START, "--provider", "scripted")
    run, name = only(root)["run"], phase_run(root)
    desk = Desk.open(root)
    lifecycle.approve(desk, "terminal", run=name)

    waits = runs.agentops(root, "runs", "resume", run)

    assert waits.returncode == 4
    assert "It lacks: " in waits.stderr
    refused = runs.agentops(root, "runs", "resume", run)
    assert refused.returncode == 4
    assert store.read(desk.repo, name).phase == "plan"


def test_nobody_to_ask_is_said_before_anything_runs(root: Path) -> None:
    trees.write_tree(root, {"flow.yaml": "name: f\nsteps:\n  - {name: a, llm: Say hello.}\n"})

    refused = runs.agentops(root, "run", "flow.yaml")

    assert refused.returncode == 2
    assert "No provider is chosen" in refused.stderr
    assert runs.agentops(root, "runs", "list").returncode == 2
    assert not (root / ".git/agentops/runs.db").exists()


@pytest.mark.heavy
def test_a_worker_goes_on_by_itself_once_a_person_approved(root: Path) -> None:
    said = runs.agentops(root, *START, "--detach")
    run = said.stdout.strip()
    assert said.returncode == 0, said.stderr
    worker = subprocess.Popen(
        [sys.executable, "-m", "agentops_kit", "worker", "--grace", "5"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(runs.CORE)},
        stderr=subprocess.PIPE,
    )
    try:
        until(root, run, "research/gate")
        lifecycle.approve(Desk.open(root), "terminal", run=phase_run(root))
        until(root, run, "plan/changes")
    finally:
        worker.terminate()
        worker.communicate(timeout=60)
    assert store.read(Desk.open(root).repo, phase_run(root)).phase == "plan"


def until(root: Path, run: str, step: str) -> None:
    """Wait until a run waits at a step."""
    for _ in range(60):
        shown = json.loads(runs.agentops(root, "runs", "show", run, "--json").stdout)
        if any(one["step"] == step and one["status"] == "waiting" for one in shown["steps"]):
            return
        time.sleep(0.5)
    pytest.fail(f"{run} did not come to {step}")
