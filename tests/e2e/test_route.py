"""What the router recommends is what starts: its command with that command's text, its persona under its name."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from agentops_kit.content import frontmatter
from tests.support import runs, workspaces
from tests.support.claude_client import run_claude
from tests.support.script import Lane, act, call, say

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from agentops_kit.phases.lifecycle import Desk

pytestmark = pytest.mark.e2e


def nothing(_: Desk) -> None:
    """Leave the workspace without a run."""


def recommended(workspace: Path, task: str) -> tuple[str, str]:
    """Return kind and id of the router's first answer, from the installed command."""
    answer = json.loads(workspaces.agentops(workspace, "route", task, "--json"))
    first = answer["ranked"][0]
    return first["kind"], first["id"]


def text_of(workspace: Path, folder: str, name: str) -> str:
    """Return the installed text of a command or persona, without its front matter."""
    path = workspace / ".claude" / folder / f"{name}.md"
    return frontmatter.parse(path.read_text(encoding="utf-8"), path.name).body


def goal(text: str) -> str:
    """Return the paragraph by which a command says what it is for."""
    return text.partition("## Goal\n\n")[2].partition("\n\n")[0]


def opening(text: str) -> str:
    """Return the sentences a persona begins with."""
    return text.strip().partition("\n")[0]


@pytest.mark.usefixtures("a_person")
@pytest.mark.parametrize(
    ("task", "before", "command"),
    [
        ("Investigate how greet builds its text before anyone changes it", nothing, "research"),
        ("Fix the typo in the docstring of greet", nothing, "quick"),
        ("Save the session, I continue tomorrow", nothing, "bundle-save"),
        ("Load the bundle that Mia left", nothing, "bundle-load"),
        ("Keep the lesson about the greeting in the repository", nothing, "learn"),
        ("I have read the research and approve it", runs.in_research, "approve"),
    ],
)
def test_the_recommended_command_starts_with_its_own_text(
    desk: Desk, workspace: Path, task: str, before: Callable[[Desk], object], command: str
) -> None:
    before(desk)
    others = {path.stem for path in (workspace / ".claude/commands").glob("*.md")} - {command}

    kind, name = recommended(workspace, task)
    run = run_claude(f"/{name} {task}", workspace, [workspaces.lane()])

    assert (kind, name) == ("command", command)
    assert (run.status, run.result) == (0, "FINAL")
    assert goal(text_of(workspace, "commands", command)) in run.requests[0].text
    assert task in run.requests[0].text
    assert [one for one in others if goal(text_of(workspace, "commands", one)) in run.requests[0].text] == []


@pytest.mark.parametrize(
    ("task", "persona"),
    [
        ("Which places call greet and where is it defined?", "code-explorer"),
        ("What do the docs promise about greetings?", "doc-explorer"),
        ("Why was greet changed in the past, which commit did it?", "history-explorer"),
        ("Write unit tests for greet with an empty name", "test-generator"),
        ("Find out why the build is red", "continuous-validator"),
    ],
)
def test_the_recommended_persona_can_be_started_by_its_name(workspace: Path, task: str, persona: str) -> None:
    words = re.escape(opening(text_of(workspace, "agents", persona)))

    kind, name = recommended(workspace, task)
    launch = act(call("Agent", subagent_type=name, description="route", prompt=task))
    lanes = [Lane("persona", [say("DONE")], when={"system": words}), Lane("main", [launch, say("FINAL")])]
    run = run_claude(f"Use {name}: {task}", workspace, lanes)

    assert (kind, name) == ("persona", persona)
    assert run.result == "FINAL"
    (asked,) = run.asked("persona")
    assert task in asked.text
    assert run.told("DONE")
