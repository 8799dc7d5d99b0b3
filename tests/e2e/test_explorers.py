"""The typed command starts the run, commits what it found, and sends three explorers at the same time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import runs, trees, workspaces
from tests.support.claude_client import run_claude
from tests.support.script import Lane, act, call, say

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.e2e

EXPLORERS = {
    "code-explorer": "You find where things are in a code base",
    "doc-explorer": "You find what the documents say",
    "history-explorer": "You read a repository's history",
}


def test_research_commits_a_run_and_three_explorers_start_together(workspace: Path) -> None:
    launch = act(*(call("Agent", subagent_type=name, description="find", prompt="go") for name in EXPLORERS))
    finders = [
        Lane(name, [say(f"{name} found it", delay=0.5)], when={"system": words}) for name, words in EXPLORERS.items()
    ]

    run = run_claude("/research How does greet build it?", workspace, [*finders, Lane("main", [launch, say("FINAL")])])

    starts = [run.asked(name)[0].at for name in EXPLORERS]
    assert max(starts) - min(starts) < 0.5
    assert all(run.told(f"{name} found it") for name in EXPLORERS)
    kept = runs.current(runs.desk_at(workspace))
    bundle = f".agentops/bundles/{kept.id}-research.md"
    assert f"AgentOps: run {kept.id} started in phase research; its bundle is {bundle} (" in run.asked("main")[0].text
    assert trees.git(workspace, "show", "--format=%s", "--name-only", "HEAD").split("\n") == [
        f"chore(agentops): research {kept.id}",
        "",
        bundle,
        kept.path,
    ]
    assert "src/app.py:1" in trees.git(workspace, "show", f"HEAD:{bundle}")
    assert workspaces.changed(workspace) == []
