"""At 40 % of the window the next phase waits for a fresh context, and one line says when it comes near."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agentops_kit.phases import lifecycle
from tests.support import runs, workspaces
from tests.support.claude_client import CONTINUE, run_claude
from tests.support.script import FORTY_FIVE_PERCENT, Lane, act, call, say

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.phases.lifecycle import Desk

pytestmark = pytest.mark.e2e

FULL = [Lane("main", [say("FULL", usage=FORTY_FIVE_PERCENT)])]
NOTICE = "AgentOps: red, context is at 45% of 200,000 tokens, assumed (limit 40%): save the state with /bundle-save"


def test_the_next_phase_is_refused_in_a_full_context_and_starts_in_a_fresh_one(desk: Desk, workspace: Path) -> None:
    runs.in_research(desk)
    lifecycle.approve(desk, "terminal")
    run_claude("read a lot", workspace, FULL)

    refused = run_claude("/plan Greet politely", workspace, [workspaces.lane()], args=CONTINUE)
    phase = runs.current(desk).phase
    fresh = run_claude("/plan Greet politely", workspace, [workspaces.lane()])

    assert refused.requests == ()
    assert "AgentOps: The gate to plan is closed." in refused.result
    assert (
        "This context is at 45% of 200,000 tokens, assumed (limit 40%): start plan in a fresh context" in refused.result
    )
    assert phase == "research"
    assert "is in phase plan; the plan is" in fresh.requests[0].text


def test_a_change_of_band_is_said_once(desk: Desk, workspace: Path) -> None:
    runs.in_research(desk)
    first = run_claude("read a lot", workspace, FULL)

    second = run_claude("and more", workspace, FULL, args=CONTINUE)
    third = run_claude("and more still", workspace, FULL, args=CONTINUE)

    assert not first.told("AgentOps: red")
    assert NOTICE in second.requests[-1].text
    assert third.told("and more still")
    assert third.requests[-1].text.count("AgentOps: red") <= 1
    assert "AgentOps: red" not in third.requests[-1].text.rpartition("and more still")[2]


def test_a_change_of_band_is_said_once_in_the_middle_of_the_work(desk: Desk, workspace: Path) -> None:
    runs.in_research(desk)
    look = call("Bash", command="ls", description="look")
    # The client writes its transcript a moment after the answer; a model is never as fast as a script.
    turns = [act(look, usage=FORTY_FIVE_PERCENT), *[act(look, usage=FORTY_FIVE_PERCENT, delay=1.0)] * 3, say("FINAL")]

    run = run_claude("work on", workspace, [Lane("main", turns)])

    assert run.result == "FINAL"
    assert run.requests[-1].text.count(NOTICE) == 1
