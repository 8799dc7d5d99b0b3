"""Before a person approved the plan nothing changes the source, whatever the client itself would permit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import runs, trees, workspaces
from tests.support.claude_client import ACCEPT_EDITS, run_claude
from tests.support.script import Lane, act, call, say

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.phases.lifecycle import Desk

pytestmark = pytest.mark.e2e

EVERYTHING = ("--dangerously-skip-permissions",)
IN_RESEARCH = "is in phase research"
WRITING = (
    "echo x > new.txt",
    "sed -i s/hello/bye/ src/app.py",
    """python3 -c "open('new.txt', 'w').write('x')" """,
    "git checkout HEAD~2 -- README.md",
    "echo x | tee new.txt",
    "cat > new.txt <<'END'\nx\nEND",
    "cd src && touch new.txt",
    "bash -c 'echo x > new.txt'",
    "rm -rf .agentops",
    "git commit --allow-empty -m x",
)
READING = (
    "ls -la && cat src/app.py",
    "git log --oneline | head -3",
    "grep -rn hello . 2>/dev/null",
    "git diff HEAD~1 -- README.md",
    "agentops status --brief",
)


@pytest.mark.parametrize("permissions", [ACCEPT_EDITS, EVERYTHING], ids=["accept-edits", "skip-permissions"])
def test_edit_tools_are_denied_before_approval(desk: Desk, workspace: Path, permissions: tuple[str, ...]) -> None:
    run_id = runs.in_research(desk).id
    before = trees.snapshot(workspace)
    app, new = str(workspace / "src/app.py"), str(workspace / "new.py")
    calls = (
        call("Write", file_path=new, content="x = 1\n"),
        call("Read", file_path=app),
        call("Edit", file_path=app, old_string="Say hello", new_string="Bye"),
        call("Write", file_path=str(workspace / ".claude/settings.local.json"), content="{}"),
    )

    run = run_claude("change it", workspace, [workspaces.lane(*calls)], args=permissions)

    assert [given.is_error for given in run.tool_results] == [True, False, True, True]
    assert [f"{run_id} {IN_RESEARCH}" in reason for reason in workspaces.refusals(run)] == [True] * 3
    assert "stop for the person's /approve" in run.tool_results[0].text
    assert trees.snapshot(workspace) == before


def test_shell_commands_that_write_are_denied_before_approval(desk: Desk, workspace: Path) -> None:
    runs.in_research(desk)
    before, head = trees.snapshot(workspace), trees.git(workspace, "rev-parse", "HEAD")

    run = run_claude("go", workspace, [workspaces.lane(*workspaces.bash(WRITING))], args=EVERYTHING)

    assert [IN_RESEARCH in given.text for given in run.tool_results] == [True] * len(WRITING)
    assert trees.snapshot(workspace) == before
    assert trees.git(workspace, "rev-parse", "HEAD") == head


def test_shell_commands_that_read_pass(desk: Desk, workspace: Path) -> None:
    runs.in_research(desk)

    run = run_claude("look", workspace, [workspaces.lane(*workspaces.bash(READING))], args=EVERYTHING)

    assert [given.is_error for given in run.tool_results] == [False] * len(READING)
    assert run.told("def greet(name):")
    assert run.told(IN_RESEARCH)


def test_an_agent_is_held_like_its_parent(desk: Desk, workspace: Path) -> None:
    runs.in_research(desk)
    before = trees.snapshot(workspace)
    launch = act(
        call("Agent", subagent_type="change-executor", description="change", prompt="go"),
        call("Agent", subagent_type="general-purpose", description="change", prompt="go"),
    )
    attempts = [
        act(call("Write", file_path=str(workspace / "new.txt"), content="x")),
        act(call("Bash", command="echo x > new.txt", description="write")),
        say("AGENT DONE"),
    ]
    script = [
        Lane("main", [launch, say("FINAL")], when={"tools": "Agent", "first_user": "start them"}),
        Lane("agent", attempts),
    ]

    run = run_claude("start them", workspace, script, args=EVERYTHING)

    denied = [request for request in run.asked("agent") if IN_RESEARCH in request.text]
    assert len(denied) == 4
    assert trees.snapshot(workspace) == before


def test_without_a_run_nothing_is_in_the_way(workspace: Path) -> None:
    calls = (call("Write", file_path=str(workspace / "new.txt"), content="x"), *workspaces.bash(["echo y > two.txt"]))

    run = run_claude("write", workspace, [workspaces.lane(*calls)], args=EVERYTHING)

    assert [given.is_error for given in run.tool_results] == [False, False]
    assert workspaces.changed(workspace) == ["?? new.txt", "?? two.txt"]


def test_enforcement_off_is_silent(workspace: Path) -> None:
    config = workspace / ".agentops/config.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("enforcement: strict", "enforcement: off"))
    runs.in_research(runs.desk_at(workspace))
    calls = (call("Write", file_path=str(workspace / "new.txt"), content="x"), *workspaces.bash(["echo y > two.txt"]))

    run = run_claude("write", workspace, [workspaces.lane(*calls)], args=EVERYTHING)

    assert [given.is_error for given in run.tool_results] == [False, False]
    assert not run.told("AgentOps: ")
    assert (workspace / "two.txt").read_text(encoding="utf-8") == "y\n"
