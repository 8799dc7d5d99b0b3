from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from agentops_kit.phases import lifecycle, people
from tests.support import runs

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Command


@pytest.fixture(autouse=True)
def no_assistant_above(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests may themselves be run by an assistant."""
    monkeypatch.setattr(people, "ancestors", lambda: ("sh",))


def test_status_without_a_run_says_how_to_start(call: Command) -> None:
    assert "agentops research" in call("status").out
    assert call("status", "--brief").out.startswith("agentops: no run")


def test_brief_status_never_fails(call: Command, tmp_path: Path) -> None:
    said = call("status", "--brief", "--workspace", str(tmp_path))

    assert said.status == 0
    assert "not inside a git repository" in said.out


def test_research_shows_sources_counts_and_the_next_step(call: Command) -> None:
    said = call("research", runs.TASK)

    assert said.status == 0
    assert "src/app.py" in said.out
    assert ":1 (o200k_base)" in said.out
    assert "approve it" in said.out


def test_research_for_a_program(call: Command) -> None:
    said = json.loads(call("research", "--json", "--task-file", "-", stdin='with "quotes"\nand 🦀').out)

    assert said["phase"] == "research"
    assert said["tokens"]["bundle"] > 0


def test_a_task_twice_is_a_usage_mistake(call: Command) -> None:
    assert call("research", "one", "--task-file", "-", stdin="two").status == 2


def test_status_shows_the_run_and_the_others(call: Command, root: Path) -> None:
    call("research", "first question about greet")
    runs.in_plan(runs.desk_at(root))

    said = call("status")
    as_json = json.loads(call("status", "--json").out)

    assert "● research ✓" in said.out
    assert "approved  research" in said.out
    assert as_json["active"]["phase"] == "plan"
    assert len(as_json["runs"]) == 2
    assert call("status", "--run", as_json["runs"][1]).status == 0
    assert "artefact:" in call("status", "--brief").out


def test_plan_before_approval_is_refused_with_the_reason(call: Command) -> None:
    call("research", runs.TASK)

    said = call("plan", "Greet politely")

    assert said.status == 4
    assert "No person has approved" in said.err


def test_an_open_plan_names_its_lacks(call: Command, root: Path) -> None:
    runs.in_research(runs.desk_at(root))
    assert call("plan", "--check").status == 2
    lifecycle.approve(runs.desk_at(root), "terminal")

    opened = call("plan", "Greet politely")
    checked = call("plan", "--check", "--json")

    assert "A slot is open" in opened.out
    assert checked.status == 5
    assert json.loads(checked.out)["lacks"]


def test_a_filled_plan_passes_the_check(call: Command, root: Path) -> None:
    runs.in_plan(runs.desk_at(root))

    said = call("plan", "--check")

    assert said.status == 0
    assert "complete" in said.out


def test_a_plan_can_be_opened_in_an_editor(call: Command, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs.in_plan(runs.desk_at(root))
    monkeypatch.setenv("VISUAL", "true")

    assert call("plan", "--edit").status == 0


def test_implement_says_what_may_be_written(call: Command, root: Path) -> None:
    runs.in_plan(runs.desk_at(root))
    lifecycle.approve(runs.desk_at(root), "terminal")

    said = call("implement")
    as_json = json.loads(call("implement", "--json").out)

    assert "may write src/app.py" in said.out
    assert as_json["scope"] == ["src/app.py"]


def test_close_refuses_until_the_checks_pass_and_then_shows_evidence(call: Command, root: Path) -> None:
    runs.in_implement(runs.desk_at(root))
    refused = call("implement", "--close")
    (root / "src/app.py").write_text('def greet(name):\n    return "hello " + name + "!"\n', encoding="utf-8")
    validated = call("implement", "--validate")

    closed = call("implement", "--close", "--json")

    assert refused.status == 8
    assert "✗" in refused.out
    assert validated.status == 0
    assert json.loads(closed.out)["phase"] == "done"


def test_validation_that_fails_exits_8(call: Command, root: Path) -> None:
    runs.in_implement(runs.desk_at(root))

    assert call("implement", "--validate").status == 8


def test_quick_is_opened_by_a_person_and_closed_with_a_check(call: Command) -> None:
    opened = json.loads(call("quick", "Fix the typo", "--json").out)

    closed = call("implement", "--close", "--check", "true")

    assert opened["phase"] == "quick"
    assert closed.status == 0
    assert "next" in call("quick", "Another one").out


def test_a_model_may_not_open_the_quick_lane_nor_reopen(call: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "ancestors", lambda: ("sh", "claude"))

    assert call("quick", "Fix the typo").status == 4
    assert call("reopen", "plan", "--reason", "because").status == 4


def test_a_model_may_not_take_the_kit_out_while_a_run_is_open(
    call: Command, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "ancestors", lambda: ("sh", "claude"))
    assert call("uninstall").status == 0  # no run, no ceremony
    runs.in_research(runs.desk_at(root))

    said = call("uninstall")

    assert said.status == 4
    assert "is a person's act" in said.err
    assert call("uninstall", "--dry-run").status == 0


def test_reopen_goes_back(call: Command, root: Path) -> None:
    runs.in_implement(runs.desk_at(root))

    said = call("reopen", "plan", "--reason", "the API changed")

    assert said.status == 0
    assert "fill the plan" in said.out


def test_approve_without_a_terminal_is_refused(call: Command, root: Path) -> None:
    runs.in_research(runs.desk_at(root))

    said = call("approve")

    assert said.status == 4
    assert "no terminal" in said.err


@pytest.mark.parametrize(
    ("arguments", "event"),
    [
        (("approve",), "research approved"),
        (("approve", "--accept-changes", "--reason", "mine"), "changes accepted"),
        (("approve", "--amend", "docs/"), "scope amended"),
    ],
)
def test_a_person_decides_on_a_terminal(
    call: Command, root: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], event: str
) -> None:
    runs.in_research(runs.desk_at(root))
    monkeypatch.setattr("agentops_kit.cli.options.interactive", lambda: True)

    said = call(*arguments, stdin="y\n")

    assert said.status == 0
    assert runs.current(runs.desk_at(root)).history[-1].event == event


def test_prime_shows_what_is_known(call: Command, root: Path) -> None:
    assert "Nothing is kept yet" in call("prime").out
    runs.in_research(runs.desk_at(root))

    said = call("prime", "greet")
    as_json = json.loads(call("prime", "greet", "--json").out)

    assert "2026-11-21-greet-build-greeting-research" in said.out
    assert as_json["active"]["phase"] == "research"
    assert "speaks of this" in call("prime", "kubernetes ingress").out
