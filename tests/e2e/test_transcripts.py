"""The real client's own transcripts: counted as the client counts, and their facts kept in a bundle."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support import drivers, planted, workspaces
from tests.support.claude_client import CONTINUE, run_claude
from tests.support.script import Lane, Turn, Usage, act, call, say

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.e2e

FREE = ("--dangerously-skip-permissions",)
FLOOR = 0.75
"""Least share of the planted facts in a bundle of 2,000 tokens; three decisions in ten are said unmarked."""


def turns(told: planted.Planted) -> list[Turn]:
    """Return a planted session as what a scripted model says; every answer but the last calls a tool."""
    looked = call("Bash", command="true", description="look")
    script = []
    for at, step in enumerate(told.steps[:-1]):
        text = ({"type": "text", "text": step.text},) if step.text else ()
        calls = tuple(use for use, _, _ in step.calls) or (looked,)
        script.append(Turn((*text, *calls), Usage(3, 200, 12_000 + 300 * at, 40)))
    return [*script, say(told.steps[-1].text, usage=Usage(3, 200, 12_000 + 300 * len(script), 40))]


@pytest.mark.slow
def test_facts_of_a_long_session_survive(workspace: Path) -> None:
    told = planted.session(7, root=str(workspace), noise=60)

    run_claude(told.prompt, workspace, [Lane("main", turns(told))], args=FREE)

    bundle = workspaces.agentops(workspace, "bundle", "from-transcript", "--budget", "2000", "--print")
    kept = planted.survival(told.facts, bundle)
    assert kept["all"] >= FLOOR, kept
    assert (kept["failing command"], kept["file"]) == (1.0, 1.0)
    assert "never touch vendored code" in bundle


def test_the_budget_counts_as_the_client_does(workspace: Path) -> None:
    agent = Lane("agent", [say("REPORT", usage=Usage(44_000))], {"first_user": "LOOK FOR IT"})
    look = call("Agent", subagent_type="general-purpose", description="look", prompt="LOOK FOR IT")
    script = [
        agent,
        Lane("main", [act(look, usage=Usage(3, 1_000, 30_000, 50)), say("FINAL", usage=Usage(3, 10_000, 40_000, 50))]),
    ]
    first = run_claude("begin", workspace, script, args=FREE)
    second = run_claude("go on", workspace, script, args=(*CONTINUE, *FREE))
    (workspace.parent / "result.json").write_text(json.dumps(second.final), encoding="utf-8")

    facts = json.loads(
        workspaces.agentops(workspace, "budget", "--result", str(workspace.parent / "result.json"), "--json")
    )

    assert facts["share"] == pytest.approx(second.context_use, abs=1e-4)
    assert (facts["window"], facts["window_from"]) == (200_000, "result")
    assert [turn["tokens"] for turn in facts["turns"]] == [31_003, 50_003, 31_003, 50_003]
    assert [(one["kind"], one["description"], one["peak"]) for one in facts["agents"]] == [
        ("general-purpose", "look", 44_000)
    ] * 2
    assert first.status == second.status == 0


@pytest.mark.parametrize("client", ["opencode", "copilot"])
def test_the_budget_reads_what_other_clients_keep(client: str, workspace: Path) -> None:
    driver = drivers.driver(client)
    kind = {"opencode": "general", "copilot": "explore"}[client]
    script = [
        Lane("agent", [say("REPORT", usage=Usage(44_000))], {"first_user": "LOOK FOR IT"}),
        Lane(
            "main",
            [
                act(driver.persona(kind, "LOOK FOR IT"), usage=Usage(3, 1_000, 30_000, 50)),
                say("FINAL", usage=Usage(3, 10_000, 40_000, 50)),
            ],
            {"tools": "."},
        ),
        Lane("aside", [say("A title")]),
    ]
    done = drivers.run(client, driver.speak("begin"), workspace, script)

    facts = json.loads(workspaces.agentops(workspace, "budget", "--json"))

    assert done.status == 0, done.account
    assert [turn["tokens"] for turn in facts["turns"]] == [31_003, 50_003]
    assert [(one["kind"], one["description"].split(" (")[0], one["peak"]) for one in facts["agents"]] == [
        (kind, "look", 44_000)
    ]
