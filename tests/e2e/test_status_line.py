"""What a person sees in the assistant's own terminal: the status line, and why a phase does not start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import runs, workspaces
from tests.support.claude_client import open_claude
from tests.support.script import FORTY_FIVE_PERCENT, Lane, say
from tests.support.scripted_model import ScriptedModel

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.phases.lifecycle import Desk

pytestmark = pytest.mark.e2e

FULL = "45% of window, limit 40% ■ over"


def test_the_status_line_shows_phase_run_and_use(desk: Desk, workspace: Path) -> None:
    run_id = runs.in_research(desk).id
    script = [Lane("main", [say("FINAL", usage=FORTY_FIVE_PERCENT)])]

    with ScriptedModel(script) as model, open_claude(workspace, model) as terminal:
        before = terminal.wait_for(f"research · {run_id}")
        terminal.submit("hello")
        after = terminal.wait_for(FULL)

    assert "of window" not in before
    assert f"research · {run_id} · {FULL}" in after


@pytest.mark.usefixtures("a_person")
def test_a_person_approves_clears_and_goes_on(desk: Desk, workspace: Path) -> None:
    run_id = runs.in_research(desk).id
    script = [
        Lane(
            "approve",
            [say("IT IS APPROVED", usage=FORTY_FIVE_PERCENT)],
            when={"fresh_user": "the gate to plan is open"},
        ),
        workspaces.lane(last="THE PLAN IS OPEN"),
    ]

    with ScriptedModel(script) as model, open_claude(workspace, model) as terminal:
        terminal.submit("/approve")
        terminal.wait_for(FULL)
        terminal.submit("/plan Greet politely")
        refused = terminal.wait_for("The gate to plan is closed")
        terminal.submit("/clear")
        terminal.wait_until(lambda screen: "IT IS APPROVED" not in screen, "clear")
        terminal.submit("/plan Greet politely")
        terminal.wait_for("THE PLAN IS OPEN")
        terminal.wait_for(f"plan · {run_id}")

    assert "45% of 200,000 tokens (limit 40%)" in refused
    assert [(one.phase, one.how) for one in runs.current(desk).approvals] == [("research", "prompt")]


def test_without_a_run_the_line_is_one_word_and_the_share(workspace: Path) -> None:
    with ScriptedModel([workspaces.lane()]) as model, open_claude(workspace, model) as terminal:
        terminal.submit("hello")
        terminal.wait_for("agentops · 0% of window, limit 40%")
