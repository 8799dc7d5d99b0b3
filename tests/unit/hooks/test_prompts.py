from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from agentops_kit.hooks.answers import Place
from agentops_kit.hooks.prompts import compile_again, on_prompt
from agentops_kit.phases import lifecycle, people
from agentops_kit.phases import state as compiled
from tests.support import runs, trees

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.phases.lifecycle import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return runs.desk_at(trees.make_repo(tmp_path / "a repo", runs.SOURCE))


@pytest.fixture(autouse=True)
def a_person_types(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "ancestors", lambda: ("sh", "claude", "zsh"))
    monkeypatch.setattr(people, "assistant_environ", dict)


def types(desk: Desk, prompt: str, **event: Any) -> str:
    """Return what the hook says to a prompt: the added context, or ``BLOCK`` and the reason."""
    said = on_prompt(prompt, {"session_id": "s", **event}, Place(str(desk.repo.root), str(desk.repo.git_dir)))
    if not said:
        return ""
    answer = json.loads(said)
    if answer.get("decision") == "block":
        return f"BLOCK {answer['reason']}"
    return str(answer["hookSpecificOutput"]["additionalContext"])


@pytest.mark.parametrize(
    "prompt", ["hello", "/researching", "/help", "/agentops:other", "/plan-it", "/research", "/quick"]
)
def test_what_needs_no_act_is_passed_on(desk: Desk, prompt: str) -> None:
    assert types(desk, prompt) == ""


def test_the_whole_way(desk: Desk) -> None:
    assert "started in phase research" in types(desk, f"/agentops:research {runs.TASK}\n\nand more")
    assert types(desk, "/plan").startswith("BLOCK AgentOps: The gate to plan is closed.")
    assert "Next: /clear, then /plan." in types(desk, "/approve")
    assert "It still lacks" in types(desk, "/plan Greet politely")
    lacking = types(desk, "/approve")
    assert lacking.startswith("BLOCK AgentOps: .agentops/bundles/")
    assert "\n- A slot is open" in lacking
    runs.fill_plan(desk, runs.current(desk))
    assert "lacks" not in types(desk, "/plan")
    assert "Next: /clear, then /implement." in types(desk, f"/approve {runs.current(desk).id}")
    assert "you may write: src/app.py." in types(desk, "/implement")


def test_amending_and_accepting(desk: Desk) -> None:
    runs.in_implement(desk)
    assert types(desk, "/approve amend 'a b.py' docs") == "AgentOps: scope amended: a b.py, docs/."
    assert "does not lie in the workspace" in types(desk, "/approve amend ../x")
    assert "needs the paths" in types(desk, "/approve amend")
    assert "does not read as paths" in types(desk, "/approve amend 'open")
    assert "accepted as they are" in types(desk, "/approve accept-changes they are mine")


def test_several_words_are_a_note_and_one_word_is_a_run(desk: Desk) -> None:
    runs.in_research(desk)
    assert "There is no run 'another-run'" in types(desk, "/approve another-run")
    assert runs.current(desk).approvals == ()
    assert "the gate to plan is open" in types(desk, "/approve I have read it, it's fine.")
    assert runs.current(desk).approvals[-1].note == "I have read it, it's fine."


def test_one_word_that_is_no_run_is_a_note_too(desk: Desk) -> None:
    runs.in_research(desk)
    assert "the gate to plan is open" in types(desk, "/approve fine")
    assert runs.current(desk).approvals[-1].note == "fine"


def test_the_quick_lane(desk: Desk) -> None:
    assert "started in the quick lane" in types(desk, "/quick Mend it")
    assert "any file" in types(desk, "/implement")


@pytest.mark.parametrize("prompt", ["/approve", "/quick Mend it"])
def test_a_model_that_starts_an_assistant_is_no_person(
    desk: Desk, prompt: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs.in_research(desk)
    monkeypatch.setattr(people, "ancestors", lambda: ("sh", "claude", "bash", "claude"))
    assert "the prompt was typed by claude" in types(desk, prompt)
    assert runs.current(desk).approvals == ()


@pytest.mark.parametrize("prompt", ["/research again", "/quick again", "/plan"])
def test_a_full_context_starts_no_phase_in_strict_only(desk: Desk, prompt: str, tmp_path: Path) -> None:
    runs.in_research(desk)
    lifecycle.approve(desk, "terminal")
    path = tmp_path / "t.jsonl"
    path.write_text(json.dumps({"type": "assistant", "message": {"usage": {"input_tokens": 90_000}}}) + "\n")
    refused = types(desk, prompt, transcript_path=str(path))
    assert refused.startswith("BLOCK")
    assert "context is at 45% of 200,000 tokens" in refused
    trees.write_tree(desk.repo.root, {".agentops/config.yaml": "enforcement: warn\n"})
    assert not types(desk, prompt, transcript_path=str(path)).startswith("BLOCK")


def test_compiling_again_without_a_run_follows_the_configuration(desk: Desk) -> None:
    place = Place(str(desk.repo.root), str(desk.repo.git_dir))
    idle = {"run": "", "run_file": ""}
    assert compile_again(place, idle) is None
    trees.write_tree(desk.repo.root, {".agentops/config.yaml": "require_run: true\n"})
    again = compile_again(place, idle)
    assert again is not None
    assert again["phase"] == "idle"
    assert compiled.read(place.state_dir) == again
