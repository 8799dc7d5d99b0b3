"""From a question to an implemented change, each phase in a context of its own, as a person does it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agentops_kit.phases import artefacts, lifecycle, store
from tests.support import runs, trees, workspaces
from tests.support.claude_client import ACCEPT_EDITS, Run, run_claude
from tests.support.script import call

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.script import Json

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("a_person")]

MAY_CLOSE = (*ACCEPT_EDITS, "--allowedTools", "Bash(agentops implement:*)")


def types(workspace: Path, prompt: str, *calls: Json, args: tuple[str, ...] = ACCEPT_EDITS) -> Run:
    """Start the client afresh, as after /clear, with a prompt and a model that makes these calls."""
    return run_claude(prompt, workspace, [workspaces.lane(*calls)], args=args)


def filled_plan(workspace: Path, path: str) -> Json:
    """Return the call by which a model writes the plan: what the kit put in front stays."""
    opened = (workspace / path).read_text(encoding="utf-8")
    front = opened.index("---\n", 4) + 4
    return call("Write", file_path=str(workspace / path), content=opened[:front] + "\n" + runs.PLAN)


def test_a_change_goes_the_whole_way(workspace: Path) -> None:
    start = trees.git(workspace, "rev-parse", "HEAD")
    app, other = str(workspace / "src/app.py"), str(workspace / "src/other.py")
    change = call("Edit", file_path=app, old_string='"hello " + name', new_string='"hello " + name + "!"')
    read = call("Read", file_path=app)

    types(workspace, f"/research {runs.TASK}")
    desk = runs.desk_at(workspace)
    run = runs.current(desk)
    plan = f".agentops/bundles/{run.id}-plan.md"
    approved = types(workspace, "/approve")
    types(workspace, "/plan Greet politely")
    wrote = types(
        workspace, "go on", read, change, call("Read", file_path=str(workspace / plan)), filled_plan(workspace, plan)
    )
    types(workspace, "/approve")
    done = types(
        workspace,
        "/implement",
        read,
        change,
        call("Write", file_path=other, content="x = 1\n"),
        *workspaces.bash(["agentops implement --close"]),
        args=MAY_CLOSE,
    )

    assert "the gate to plan is open. Next: /clear, then /plan." in approved.requests[0].text
    assert [given.is_error for given in wrote.tool_results] == [False, True, False, False]
    assert "is in phase plan" in wrote.tool_results[1].text
    assert [given.is_error for given in done.tool_results] == [False, False, True, False]
    assert "you may write: src/app.py." in done.requests[0].text
    assert "other.py is not to be written now. Write only what the approved plan names" in done.tool_results[2].text
    closed = store.read(desk.repo, run.id)
    assert [(one.phase, one.how) for one in closed.approvals] == [("research", "prompt"), ("plan", "prompt")]
    assert [(one.command, one.exit_status, one.met) for one in closed.evidence] == [("grep -c '!' src/app.py", 0, True)]
    assert closed.phase == "done"
    assert [event.event for event in closed.history] == [
        "research started",
        "research approved",
        "plan started",
        "plan approved",
        "implement started",
        "checks ran",
        "closed",
    ]
    assert workspaces.subjects(workspace, 7) == [
        f"chore(agentops): {what} {run.id}"
        for what in ("close", "evidence for", "implement", "approve plan of", "plan", "approve research of", "research")
    ]
    assert [artefacts.read(desk.repo, path).kind for path in closed.artefacts.values()] == [
        "research",
        "plan",
        "implementation",
    ]
    assert workspaces.changed(workspace) == [" M src/app.py"]
    assert trees.git(workspace, "diff", "--name-only", start, "HEAD", "--", "src", "docs", "README.md") == ""
    assert trees.git(workspace, "fsck", "--strict") == ""


def test_an_edit_after_the_approval_closes_the_gate(workspace: Path) -> None:
    desk = runs.desk_at(workspace)
    runs.in_plan(desk)
    types(workspace, "/approve")
    plan = workspace / runs.current(desk).artefacts["plan"]
    edit = call("Edit", file_path=str(plan), old_string="src/app.py:3", new_string="src/count.py:1")

    edited = types(workspace, "mend it", call("Read", file_path=str(plan)), edit)
    blocked = types(workspace, "/implement")

    assert [given.is_error for given in edited.tool_results] == [False, False]
    assert blocked.requests == ()
    assert "AgentOps: The gate to implement is closed." in blocked.result
    assert "-plan.md was edited after Ada Example <ada@example.invalid> approved it" in blocked.result
    assert runs.current(desk).phase == "plan"


def test_source_that_changed_by_any_way_closes_the_gate(workspace: Path) -> None:
    desk = runs.desk_at(workspace)
    runs.in_plan(desk)
    types(workspace, "/approve")
    (workspace / "src/app.py").write_text("def greet(name):\n    return name\n", encoding="utf-8")

    blocked = types(workspace, "/implement")
    accepted = types(workspace, "/approve accept-changes they are mine")
    opened = types(workspace, "/implement")

    assert "Files changed while the run was in plan: src/app.py." in blocked.result
    assert "are accepted as they are" in accepted.requests[0].text
    assert "you may write: src/app.py." in opened.requests[0].text


def test_an_empty_plan_cannot_be_approved(workspace: Path) -> None:
    desk = runs.desk_at(workspace)
    runs.in_research(desk)
    lifecycle.approve(desk, "terminal")
    types(workspace, "/plan Greet politely")

    blocked = types(workspace, "/approve")

    assert blocked.requests == ()
    assert "cannot be approved" in blocked.result
    assert "- A slot is open" in blocked.result
    assert [one.phase for one in runs.current(desk).approvals] == ["research"]


def test_an_amendment_widens_what_may_be_written(workspace: Path) -> None:
    desk = runs.desk_at(workspace)
    runs.in_implement(desk)
    write = call("Write", file_path=str(workspace / "src/other file.py"), content="x = 1\n")

    before = types(workspace, "write it", write)
    amended = types(workspace, '/approve amend "src/other file.py"')
    after = types(workspace, "write it", write)

    assert "/approve amend PATH" in workspaces.refusals(before)[0]
    assert "scope amended: src/other file.py." in amended.requests[0].text
    assert [given.is_error for given in after.tool_results] == [False]
