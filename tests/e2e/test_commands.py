"""Each command reaches the model with its words and the state of the run; none is dropped on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agentops_kit.phases import lifecycle
from tests.support import runs, trees, workspaces
from tests.support.claude_client import run_claude

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from agentops_kit.phases.lifecycle import Desk

pytestmark = pytest.mark.e2e

SCRIPT = [workspaces.lane()]
WORDS = 'the "greeting", isn\'t it $(date) `pwd`'
TASK = 'Warum sagt greet "hello"?\n\n- it\'s $(rm -rf x) `y` \\n 50 % of $HOME\n- Grüße \N{WAVING HAND SIGN}\N{ROCKET}'


def nothing(_: Desk) -> None:
    """Leave the workspace without a run."""


def research_approved(desk: Desk) -> None:
    """Open the gate to plan."""
    runs.in_research(desk)
    lifecycle.approve(desk, "terminal")


def plan_approved(desk: Desk) -> None:
    """Open the gate to implement."""
    runs.in_plan(desk)
    lifecycle.approve(desk, "terminal")


@pytest.mark.usefixtures("a_person")
@pytest.mark.parametrize(
    ("command", "before", "state"),
    [
        ("prime", nothing, "agentops: no run is open"),
        ("research", nothing, "agentops: no run is open"),
        ("quick", nothing, "agentops: no run is open"),
        ("approve", runs.in_research, "is in phase research"),
        ("plan", research_approved, "is in phase research"),
        ("implement", plan_approved, "is in phase plan"),
        ("validate", runs.in_implement, "is in phase implement"),
        ("learn", runs.in_implement, "is in phase implement"),
        ("bundle-save", runs.in_plan, "is in phase plan"),
        ("bundle-load", runs.in_plan, "is in phase plan"),
    ],
)
def test_a_command_expands_with_its_words_and_the_state(
    desk: Desk, workspace: Path, command: str, before: Callable[[Desk], object], state: str
) -> None:
    before(desk)

    run = run_claude(f"/{command} {WORDS}", workspace, SCRIPT)

    assert (run.status, run.result) == (0, "FINAL")
    body = run.requests[0].text
    assert f": {WORDS}" in body
    assert "\nagentops: " in f"\n{body}"
    assert state in body
    assert "## Goal" in body
    assert "$ARGUMENTS" not in body
    assert "command not found" not in body


@pytest.mark.usefixtures("a_person")
@pytest.mark.parametrize("command", ["research", "quick"])
def test_the_task_is_kept_as_it_was_typed(workspace: Path, command: str) -> None:
    run = run_claude(f"/{command} {TASK}", workspace, SCRIPT)

    assert run.result == "FINAL"
    kept = runs.current(runs.desk_at(workspace))
    assert kept.task == TASK
    assert trees.git(workspace, "status", "--porcelain") == ""


@pytest.mark.usefixtures("a_person")
def test_a_note_to_an_approval_is_no_name_of_a_run(desk: Desk, workspace: Path) -> None:
    runs.in_research(desk)

    run = run_claude("/approve I have read it, it's fine.", workspace, SCRIPT)

    assert run.result == "FINAL"
    assert runs.current(desk).approval("research") is not None


def test_an_approval_that_names_no_run_there_is_approves_nothing(desk: Desk, workspace: Path) -> None:
    runs.in_research(desk)

    run = run_claude("/approve 2026-11-21-another", workspace, SCRIPT)

    assert run.requests == ()
    assert "There is no run '2026-11-21-another'" in run.result
    assert runs.current(desk).approvals == ()
