"""A compacted context loses nothing: its progress is committed before, and given back after."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agentops_kit.phases import lifecycle
from tests.support import runs, trees, workspaces
from tests.support.claude_client import CONTINUE, open_claude, run_claude
from tests.support.script import Lane, Usage, act, call, say
from tests.support.scripted_model import ScriptedModel

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.phases.lifecycle import Desk

pytestmark = pytest.mark.e2e

FREE = ("--dangerously-skip-permissions",)
SUMMARY = Lane(
    "summary",
    [say("<summary>A summary that forgot everything.</summary>")],
    {"last_user": "summary of the conversation"},
)
GIVEN_BACK = "AgentOps: this session's progress before the compaction, from .agentops/bundles/"


def long_work(workspace: Path) -> Lane:
    """Return a session with a decision, an edit, a command that fails, and a question left open."""
    edit = call("Edit", file_path=str(workspace / "src/app.py"), old_string="hello ", new_string="good day ")
    reason = {"type": "text", "text": "I decided to greet formally because the brand guide asks for it."}
    turns = [
        act(call("Read", file_path=str(workspace / "src/app.py")), usage=Usage(3, 1_000, 10_000, 50)),
        act(reason, edit, usage=Usage(3, 1_000, 30_000, 50)),
        act(call("Bash", command="python3 -m unittest nowhere", description="test"), usage=Usage(3, 1_000, 50_000, 50)),
        say("The greeting is formal. Open question: what do night shifts read?", usage=Usage(3, 1_000, 60_000, 50)),
    ]
    return Lane("main", turns, {"fresh_user": "Greet formally"})


def bundles(desk: Desk) -> list[str]:
    return sorted(path.name for path in (desk.repo.root / ".agentops/bundles").glob("*-session-*.md"))


def test_the_progress_is_committed_before_and_given_back_after(desk: Desk, workspace: Path) -> None:
    run = lifecycle.quick(desk, "Greet formally")
    run_claude("Greet formally, never touch README.md.", workspace, [long_work(workspace)], args=FREE)

    compacted = run_claude("/compact", workspace, [SUMMARY], args=CONTINUE)
    after = run_claude("go on", workspace, [workspaces.lane()], args=CONTINUE)

    (name,) = bundles(desk)
    assert name.startswith(f"{run.id}-session-")
    assert workspaces.subjects(workspace, 1) == [
        f"chore(agentops): keep {name.removesuffix('.md')} before a compaction"
    ]
    assert not [line for line in workspaces.changed(workspace) if ".agentops" in line]
    assert "AgentOps" not in compacted.requests[0].text.partition("Additional Instructions")[2]
    told = after.requests[0].text
    assert GIVEN_BACK + name in told
    changed = "edited, differs from HEAD: `src/app.py`"
    for fact in ("brand guide", changed, "unittest nowhere", "what do night shifts read?", "README.md"):
        assert fact in told


def test_it_is_given_back_once(desk: Desk, workspace: Path) -> None:
    lifecycle.quick(desk, "Greet formally")
    run_claude("Greet formally", workspace, [long_work(workspace)], args=FREE)
    run_claude("/compact", workspace, [SUMMARY], args=CONTINUE)
    run_claude("go on", workspace, [workspaces.lane()], args=CONTINUE)

    again = run_claude("and on", workspace, [workspaces.lane()], args=CONTINUE)

    assert again.requests[0].text.count(GIVEN_BACK) == 1


def test_without_a_run_nothing_is_saved_or_said(desk: Desk, workspace: Path) -> None:
    run_claude("Greet formally", workspace, [long_work(workspace)], args=FREE)

    run_claude("/compact", workspace, [SUMMARY], args=CONTINUE)
    after = run_claude("go on", workspace, [workspaces.lane()], args=CONTINUE)

    assert bundles(desk) == []
    assert not after.told("AgentOps: this session")


def test_a_commit_that_cannot_be_made_stops_no_compaction_and_is_told(desk: Desk, workspace: Path) -> None:
    lifecycle.quick(desk, "Greet formally")
    run_claude("Greet formally", workspace, [long_work(workspace)], args=FREE)
    (desk.repo.git_dir / "MERGE_HEAD").write_text(trees.git(workspace, "rev-parse", "HEAD") + "\n", encoding="utf-8")

    compacted = run_claude("/compact", workspace, [SUMMARY], args=CONTINUE)
    after = run_claude("go on", workspace, [workspaces.lane()], args=CONTINUE)

    assert any(event.get("subtype") == "compact_boundary" for event in compacted.events)
    assert after.told("progress was not saved as a bundle before the compaction")
    assert after.told("brand guide")
    assert bundles(desk) == []


def test_in_a_terminal_too(desk: Desk, workspace: Path) -> None:
    lifecycle.quick(desk, "Greet formally")
    going_on = Lane("on", [say("I GO ON")], {"fresh_user": "carry on"})
    script = [SUMMARY, going_on, long_work(workspace)]
    allowed = ("--permission-mode", "acceptEdits", "--allowedTools", "Bash(python3:*)")

    with ScriptedModel(script) as model, open_claude(workspace, model, args=allowed) as terminal:
        terminal.submit("Greet formally")
        terminal.wait_for("night shifts")
        terminal.submit("/compact")
        terminal.wait_for("Compacted")
        terminal.submit("carry on")
        terminal.wait_for("I GO ON")
        told = model.requests[-1].text

    assert GIVEN_BACK in told
    assert "brand guide" in told
    assert len(bundles(desk)) == 1


def test_the_budget_after_a_compaction_is_what_the_client_left(desk: Desk, workspace: Path) -> None:
    runs.in_research(desk)
    full = Usage(3, 10_000, 80_000, 50)
    look = act(call("Bash", command="ls", description="look"), usage=full)
    run_claude("read a lot", workspace, [Lane("main", [look, say("FULL", usage=full)])])

    before = workspaces.agentops(workspace, "budget")
    run_claude("/compact", workspace, [SUMMARY], args=CONTINUE)
    after = workspaces.agentops(workspace, "budget")

    assert before.startswith("red")
    assert after.startswith("green")
    assert "compaction (manual)" in after
