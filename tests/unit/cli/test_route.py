from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING

import pytest

from agentops_kit.routing import overrides
from tests.support import trees

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Command

CANDIDATES = [
    {"id": "db", "name": "db", "description": "Tunes slow SQL queries.", "capabilities": ["indexes"], "examples": []},
    {"id": "ui", "name": "ui", "description": "Draws buttons and screens.", "capabilities": [], "examples": ["a form"]},
]


@pytest.fixture
def candidates(root: Path) -> str:
    path = root / "candidates.json"
    path.write_text(json.dumps(CANDIDATES), encoding="utf-8")
    return str(path)


def test_a_task_is_routed_with_reason_and_band(call: Command) -> None:
    said = json.loads(call("route", "why is the build red since noon?", "--json").out)

    assert said["band"] in {"start", "suggest", "ask"}
    assert len(said["ranked"]) == 3
    assert said["ranked"][0]["id"] == "continuous-validator"
    assert said["ranked"][0]["reason"]


def test_who_is_named_is_started(call: Command) -> None:
    said = call("route", "ask the risk-assessor what could break")

    assert said.out.startswith("start")
    assert "persona risk-assessor" in said.out


def test_all_shows_every_route_once(call: Command) -> None:
    shown = json.loads(call("route", "plan it", "--all", "--json").out)["ranked"]

    ids = [one["id"] for one in shown]
    assert len(ids) == len(set(ids)) >= 19
    assert {"quick", "plan", "code-explorer"} <= set(ids)


def test_the_thresholds_are_the_workspaces(call: Command, root: Path) -> None:
    trees.write_tree(root, {".agentops/config.yaml": "routing: {start: 0, suggest: 0}\n"})

    assert json.loads(call("route", "qwerty zxcv", "--json").out)["band"] == "start"


@pytest.mark.parametrize("text", ["routing: 3", "routing: {begin: 1}", "routing: {start: 2}", "routing: {start: 0.1}"])
def test_a_wrong_threshold_is_refused(call: Command, root: Path, text: str) -> None:
    trees.write_tree(root, {".agentops/config.yaml": text + "\n"})

    said = call("route", "plan it")

    assert said.status == 6
    assert "routing" in said.err


def test_a_persons_choice_is_recorded_and_learned(call: Command, root: Path) -> None:
    task = "spruce up the greeting"
    said = call("route", task, "--use", "doc-explorer")

    assert said.status == 0
    assert trees.git(root, "status", "--porcelain") == ""
    assert json.loads(call("route", task, "--json").out)["ranked"][0]["id"] == "doc-explorer"


def test_an_unknown_choice_suggests_near_ones(call: Command) -> None:
    said = call("route", "spruce up", "--use", "doc-explorr")

    assert said.status == 2
    assert "doc-explorer" in said.err


def test_a_batch_answers_line_by_line(call: Command, candidates: str) -> None:
    lines = ['{"task": "slow SQL"}', "", json.dumps({"task": "a screen", "candidates_file": candidates})]

    said = call("route", "--batch", "--candidates", candidates, stdin="\n".join(lines))

    found = [json.loads(line) for line in said.out.splitlines()]
    assert [one["ranked"][0] for one in found] == ["db", "ui"]
    assert all(set(one) == {"ranked", "confidence"} and 0 <= one["confidence"] <= 1 for one in found)


def test_a_batch_without_candidates_takes_the_workspaces(call: Command) -> None:
    said = call("route", "--batch", stdin='{"task": "ask the risk-assessor"}\n')

    assert json.loads(said.out)["ranked"][0] == "risk-assessor"


@pytest.mark.parametrize("line", ["no json", "[1]", '{"task": 3}', '{"task": "a", "candidates_file": 3}'])
def test_a_wrong_line_is_named(call: Command, candidates: str, line: str) -> None:
    said = call("route", "--batch", "--candidates", candidates, stdin=line)

    assert said.status == 2
    assert "Line 1" in said.err or "line 1" in said.err


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "[1]", '[{"name": "a"}]', '[{"id": "a"}, {"id": "a"}]', '[{"id": "a", "examples": 3}]']
)
def test_wrong_candidates_are_refused(call: Command, root: Path, text: str) -> None:
    (root / "wrong.json").write_text(text, encoding="utf-8")

    said = call("route", "task", "a", "--candidates", "wrong.json")

    assert said.status == 2
    assert "wrong.json" in said.err


@pytest.mark.parametrize("text", ["", "plan", "x" * 50_000, "数据库很慢", "for (;;) { x++; }", "pls fxi teh tipo"])
def test_any_input_gets_an_answer(call: Command, text: str) -> None:
    said = call("route", "--json", "--", text) if text != "plan" else call("route", "--json", text)

    assert said.status == 0
    assert json.loads(said.out)["ranked"]


@pytest.mark.parametrize("name", ["a\\u0000b.json", "\\ud800.json", "nope.json"])
def test_a_file_of_candidates_that_cannot_be_is_named(call: Command, name: str) -> None:
    said = call("route", "--batch", stdin=f'{{"task": "a", "candidates_file": "{name}"}}')

    assert said.status == 2
    assert "cannot be read" in said.err


def test_half_a_character_in_a_candidate_breaks_nothing_but_an_id(call: Command, root: Path) -> None:
    trees.write_tree(root, {"half.json": '[{"id": "a", "name": "\\ud800", "description": "tests \\udfff"}]'})
    trees.write_tree(root, {"id.json": '[{"id": "a\\ud800"}]'})

    assert call("route", "tests", "--candidates", "half.json").status == 0
    assert "half a character" in call("route", "tests", "--candidates", "id.json").err


def test_more_candidates_than_an_index_can_name_are_refused(call: Command, root: Path) -> None:
    trees.write_tree(root, {"many.json": json.dumps([{"id": "a"}] * 65_536)})

    said = call("route", "a", "--candidates", "many.json")

    assert (said.status, "65,536 candidates" in said.err) == (2, True)


def test_a_batch_bears_a_mark_and_broken_bytes(
    call: Command, candidates: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from agentops_kit.cli.routes.task import command

    given = io.BytesIO(b'\xef\xbb\xbf{"task": "slow SQL"}\n{"task": "slow \xff SQL"}\n')
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(given, encoding="utf-8", errors="strict"))

    command(["--batch", "--candidates", candidates], standalone_mode=False)

    assert [json.loads(line)["ranked"][0] for line in capsys.readouterr().out.splitlines()] == ["db", "db"]


@pytest.mark.parametrize("others", [["a task"], ["--use", "plan"]])
def test_a_batch_takes_no_task_of_its_own(call: Command, others: list[str]) -> None:
    said = call("route", "--batch", *others)

    assert said.status == 2
    assert "standard input" in said.err


def test_a_choice_is_not_recorded_for_candidates_of_a_file(call: Command, root: Path, candidates: str) -> None:
    said = call("route", "slow SQL", "--use", "db", "--candidates", candidates)

    assert (said.status, (root / ".agentops/routes").exists()) == (2, False)


@pytest.mark.parametrize("text", ["", "!!", "do it"])
def test_a_choice_needs_a_task_that_says_something(call: Command, root: Path, text: str) -> None:
    said = call("route", text, "--use", "plan")

    assert (said.status, (root / ".agentops/routes").exists()) == (2, False)


def test_decisions_within_the_same_second_keep_their_order(call: Command, root: Path) -> None:
    call("route", "spruce up the greeting", "--use", "learn")

    (kept,) = overrides.listing(root)
    assert len(kept.at) == len("2026-11-21T09:00:00.000+00:00")


@pytest.mark.parametrize("path", [".agentops/routes/x.yaml", ".agentops/profiles/mine/x.md"])
def test_a_link_to_nowhere_is_no_fault(call: Command, root: Path, path: str) -> None:
    (root / path).parent.mkdir(parents=True)
    (root / path).symlink_to("nowhere")

    assert call("route", "plan it").status == 0


def test_lint_and_eval_run_on_candidates(call: Command, candidates: str, root: Path) -> None:
    lint = call("route", "lint", "--candidates", candidates, "--strict")
    trees.write_tree(root, {"cases.yaml": "- {task: slow SQL, accept: [db]}\n- {task: pizza, accept: []}\n"})
    measured = call("route", "eval", "--candidates", candidates, "--cases", "cases.yaml", "--plot", "curve.svg")

    assert lint.status == 6
    assert "few-sentences" in lint.out
    assert "first     100.0%" in measured.out
    assert "AUROC" in measured.out
    assert (root / "curve.svg").read_text(encoding="utf-8").startswith("<svg")


MEANT = "how do I make the data store answer sooner?"


def test_the_encoder_is_one_more_column(call: Command, candidates: str) -> None:
    asked = json.dumps({"task": MEANT})
    plain = call("route", "--batch", "--candidates", candidates, stdin=asked)
    said = call("route", "--batch", "--encoder", "--candidates", candidates, stdin=asked)
    one = call("route", MEANT, "--encoder", "--candidates", candidates, "--json")

    assert json.loads(said.out)["ranked"][0] == "db"
    assert json.loads(one.out)["ranked"][0]["id"] == "db"
    assert plain.out != said.out


def test_an_encoder_that_is_not_installed_is_named_with_the_remedy(
    call: Command, candidates: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    trees.write_tree(root, {".agentops/config.yaml": "routing: {encoder: true}\n"})

    for said in (
        call("route", "--batch", "--encoder", "--candidates", candidates, stdin='{"task": "a"}'),
        call("route", "plan it"),
        call("route", "eval"),
    ):
        assert said.status == 2
        assert said.err.count("scripts/install.sh --extra encoder ") == 1


def test_eval_measures_with_the_encoder(call: Command, candidates: str, root: Path) -> None:
    trees.write_tree(root, {"cases.yaml": f"- {{task: '{MEANT}', accept: [db]}}\n"})

    said = call("route", "eval", "--encoder", "--candidates", candidates, "--cases", "cases.yaml")
    held_out = call("route", "eval", "--encoder", "--candidates", candidates)

    assert "first     100.0%" in said.out
    assert "of 1 cases" in held_out.out


def test_prime_shows_the_route(call: Command) -> None:
    assert "route     " in call("prime", "ask the risk-assessor what could break").out
    assert json.loads(call("prime", "ask the risk-assessor", "--json").out)["route"]["band"] == "start"


def test_an_example_added_to_a_profile_is_known_at_once(call: Command, root: Path) -> None:
    persona = "---\ndescription: {0}s. Use when one {0}s.\ntools: [Read]\nmodel: inherit\n---\nYou {0}.\n"
    profile = (
        "apiVersion: agentops.kit/v1\nkind: Profile\n"
        "metadata: {name: mine, description: Mine., version: 0.1.0}\npersonas: [payer, painter]\n"
    )
    files = {
        "profile.yaml": profile,
        "agents/payer.md": persona.format("pay"),
        "agents/painter.md": persona.format("paint"),
    }
    trees.write_tree(root, {f".agentops/profiles/mine/{path}": text for path, text in files.items()})
    trees.write_tree(root, {".agentops/config.yaml": "profiles: [mine]\n"})

    def first() -> str:
        return str(json.loads(call("route", "zorblax the frobnicator", "--json").out)["ranked"][0]["id"])

    before = first()
    other = {"payer": "painter", "painter": "payer"}[before]
    trees.write_tree(root, {f".agentops/profiles/mine/examples/{other}.txt": "zorblax the frobnicator\n"})

    assert first() == other
