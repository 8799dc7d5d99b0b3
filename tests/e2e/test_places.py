"""The gates hold wherever a session starts: below the root, in a linked worktree, under a name with blanks."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from agentops_kit.phases import lifecycle
from tests.support import runs, trees, workspaces
from tests.support.claude_client import ACCEPT_EDITS, run_claude
from tests.support.script import Lane, act, call, say

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from agentops_kit.phases.lifecycle import Desk

pytestmark = pytest.mark.e2e

EVERYTHING = ("--dangerously-skip-permissions",)
ODD = "ein Projekt für 'Ünï' & $x"


def below(workspace: Path) -> tuple[Path, Path]:
    """Return a folder below the root, and the root."""
    return workspace / "src", workspace


def linked(workspace: Path) -> tuple[Path, Path]:
    """Return a linked worktree of its own branch, twice."""
    tree = workspace.parent / "linked tree"
    trees.git(workspace, "worktree", "add", "--quiet", str(tree), "-b", "side")
    return tree, tree


def below_linked(workspace: Path) -> tuple[Path, Path]:
    """Return a folder in a linked worktree, and the worktree."""
    _, tree = linked(workspace)
    return tree / "src", tree


def oddly_named(workspace: Path) -> tuple[Path, Path]:
    """Return a workspace under a path with blanks, umlauts, quotes and an ampersand, twice."""
    moved = workspace.rename(workspace.with_name(ODD))
    return moved, moved


def below_oddly_named(workspace: Path) -> tuple[Path, Path]:
    """Return a folder with a blank in its name, and the oddly named root."""
    moved, _ = oddly_named(workspace)
    folder = moved / "dé ep"
    folder.mkdir()
    return folder, moved


@pytest.mark.usefixtures("a_person")
@pytest.mark.parametrize("place", [below, linked, below_linked, oddly_named, below_oddly_named])
def test_a_run_is_held_and_approved_where_it_was_typed(
    workspace: Path, place: Callable[[Path], tuple[Path, Path]]
) -> None:
    start, root = place(workspace)
    calls = (
        call("Write", file_path=str(start / "new.txt"), content="x"),
        call("Write", file_path=str(root / "README.md"), content="x"),
        *workspaces.bash(["echo x > new.txt", "ls"]),
    )

    held = run_claude("/research How does greet work?", start, [workspaces.lane(*calls)], args=EVERYTHING)
    approved = run_claude("/approve", start, [workspaces.lane()], args=ACCEPT_EDITS)

    assert "started in phase research" in held.requests[0].text
    assert [given.is_error for given in held.tool_results] == [True, True, True, False]
    assert all("is in phase research" in reason for reason in workspaces.refusals(held)[:2])
    assert not (start / "new.txt").exists()
    assert "the gate to plan is open" in approved.requests[0].text
    desk = runs.desk_at(root)
    assert [(one.phase, one.how) for one in runs.current(desk).approvals] == [("research", "prompt")]
    assert workspaces.changed(root) == []
    assert workspaces.subjects(root, 2) == [
        f"chore(agentops): approve research of {runs.current(desk).id}",
        f"chore(agentops): research {runs.current(desk).id}",
    ]


@pytest.mark.parametrize("agent", ["change-executor", "code-explorer"])
def test_our_agents_are_held_below_the_root(desk: Desk, workspace: Path, agent: str) -> None:
    runs.in_research(desk)
    new = workspace / "src/new.txt"
    script = [
        Lane(
            "main",
            [act(call("Agent", subagent_type=agent, description="go", prompt="change")), say("FINAL")],
            when={"tools": "Agent"},
        ),
        workspaces.lane(
            call("Write", file_path=str(new), content="x"), *workspaces.bash(["echo x > new.txt"]), name="agent"
        ),
    ]

    run = run_claude("send it", workspace / "src", script, args=EVERYTHING)

    assert run.asked("agent")
    assert not new.exists()


def test_what_slips_through_below_the_root_is_caught_at_the_gate(desk: Desk, workspace: Path) -> None:
    # The client reads no hooks of the root's settings there until a command of ours is typed.
    runs.in_research(desk)
    lifecycle.approve(desk, "terminal")
    new = workspace / "src/new.txt"
    script = [workspaces.lane(call("Write", file_path=str(new), content="x"))]
    run_claude("write", workspace / "src", script, args=ACCEPT_EDITS)

    blocked = run_claude("/plan Greet politely", workspace / "src", [workspaces.lane()])

    assert new.exists()
    assert blocked.requests == ()
    assert "Files changed while the run was in research: src/new.txt." in blocked.result


def test_a_run_in_a_linked_tree_leaves_the_main_tree_free(workspace: Path) -> None:
    tree, _ = linked(workspace)
    runs.in_research(runs.desk_at(tree))
    script = [workspaces.lane(call("Write", file_path=str(workspace / "new.txt"), content="x"))]

    run_claude("write", workspace, script, args=ACCEPT_EDITS)

    assert (workspace / "new.txt").exists()


def test_a_shell_that_moves_into_another_repository_takes_nobody_out(desk: Desk, workspace: Path) -> None:
    trees.make_repo(workspace / "vendor/lib")
    runs.in_research(desk)
    calls = (*workspaces.bash(["cd vendor/lib"]), call("Write", file_path=str(workspace / "new.txt"), content="x"))

    run = run_claude("go", workspace, [workspaces.lane(*calls)], args=EVERYTHING)

    assert ["is in phase research" in reason for reason in workspaces.refusals(run)] == [True]
    assert not (workspace / "new.txt").exists()


def test_a_clone_without_the_kit_works_as_if_there_were_none(workspace: Path) -> None:
    clone = workspace.parent / "clone"
    trees.git(workspace, "clone", "--quiet", str(workspace), str(clone))
    shutil.rmtree(workspace)
    script = [workspaces.lane(call("Write", file_path=str(clone / "new.txt"), content="x"))]

    run = run_claude("write", clone, script, args=ACCEPT_EDITS, env={"PATH": "/usr/bin:/bin"})

    assert [given.is_error for given in run.tool_results] == [False]
    assert run.stderr == ""
