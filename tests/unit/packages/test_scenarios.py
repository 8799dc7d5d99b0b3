from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agentops_kit.content.library import Library, shipped
from agentops_kit.errors import ContentInvalid
from agentops_kit.packages import rehearse, scenarios, stage
from tests.support import packages, trees

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.packages.rehearse import Outcome
    from agentops_kit.packages.shapes import Scenario

GOOD = "description: D.\nprompt: /trace the total\nexpect: {says: [the total]}\n"


def parse(text: str) -> Scenario:
    return scenarios.parse(text.encode(), "scenarios/one.yaml", "one.yaml")


def play(root: Path, text: str, more: str = "") -> Outcome:
    base = "extends: base\n" if "login" in text or "/approve" in text else ""  # what base brings costs time to merge
    more += base + (
        "commands: [trace]\nskills: [rounding]\npersonas: [payer]\n"
        'checks: [{name: sums, description: S., when: ["**/*.py"], command: ./sums}]'
    )
    persona = "---\ndescription: Pays. Use when paying.\ntools: [Read]\nmodel: haiku\n---\nPay the bill.\n"
    others = {"commands__trace.md": packages.command("Read, Bash(git log:*)"), "agents__payer.md": persona}
    files = packages.files(more=more, **others, **{"scenarios__one.yaml": text})
    trees.write_tree(root, {f".agentops/profiles/acme/{path}": held for path, held in files.items()})
    (one,) = rehearse.rehearse(Library(shipped(), root), "acme")
    return one


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("prompt: x\n", "`description` is missing"),
        (GOOD + "phas: plan\n", "Did you mean `phase`"),
        (GOOD + "phase: done\n", "`phase` is 'done'"),
        ("description: D.\nprompt: x\n", "expects nothing"),
        ("description: D.\nprompt: /x\nexpect: {route: x}\n", "is for a plain prompt"),
        ("description: D.\nprompt: x\nexpect: {says: x}\n", "starts with / or @"),
        (GOOD + "plan: [a.py]\n", "needs phase plan"),
        (GOOD + "phase: implement\n", "needs a plan"),
        (GOOD + "files: {../x: y}\n", "no path inside"),
        (GOOD + "phase: plan\nplan: [a//b]\n", "no path inside"),
        (GOOD + "files: {/x: y}\n", "no path inside"),
        (GOOD + "files: {.git/hooks/x: y}\n", "no path inside"),
        (GOOD + "changed: [~/x]\n", "no path inside"),
        (GOOD + "model: [{dance: x, expect: denied}]\n", "unknown key"),
        (GOOD + "model: [{read: x, write: y}]\n", "kind"),
        (GOOD + "model: [x]\n", "model.0"),
        (GOOD + "model: [{read: x, expect: maybe}]\n", "'maybe'"),
        ("x: [\n", "not YAML"),
    ],
)
def test_what_is_no_scenario_is_named_with_its_line(text: str, words: str) -> None:
    with pytest.raises(ContentInvalid, match=r"one\.yaml") as error:
        parse(text)

    assert words in str(error.value)


def test_a_scenario_is_named_by_its_file() -> None:
    one = parse(GOOD + "model: [{run: ls, expect: allowed}, {tool: mcp__a__b, input: {path: x}}, {type: /approve}]\n")

    assert one.name == "one"
    assert [(act.kind, act.on, act.expect) for act in one.model] == [
        ("run", "ls", "allowed"),
        ("tool", "mcp__a__b", None),
        ("type", "/approve", None),
    ]


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        "description: D.\nprompt: '@payer'\nexpect: {says: [pay THE bill], grants: [Read], never_grants: [Bash]}\n",
        "description: D.\nprompt: How does login work?\nexpect: {route: research, confidence: .01, not_route: quick}\n",
        "description: D.\nprompt: How does login work?\nchecks: [sums]\nchanged: [a/b.py]\n",
        "description: D.\nprompt: /trace x\nchecks: []\nfiles: {a.md: x}\n",
        "description: D.\nprompt: /trace x\nexpect: {grants: ['Bash(git log:*)'], never_says: rm}\n",
    ],
)
def test_what_holds_passes(tmp_path: Path, text: str) -> None:
    assert play(tmp_path, text).failures == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("description: D.\nprompt: /none x\nexpect: {says: x}\n", "there is no command 'none'"),
        ("description: D.\nprompt: '@none'\nexpect: {says: x}\n", "there is no persona 'none'"),
        ("description: D.\nprompt: /trace x\nexpect: {says: [y z]}\n", "does not say 'y z'"),
        ("description: D.\nprompt: /trace x\nexpect: {never_says: amount}\n", "the text says 'amount'"),
        ("description: D.\nprompt: /trace x\nexpect: {grants: Edit}\n", "does not ask for Edit"),
        ("description: D.\nprompt: /trace x\nexpect: {never_grants: Bash}\n", "it asks for Bash"),
        ("description: D.\nprompt: How does login work?\nexpect: {route: quick}\n", "not to quick"),
        ("description: D.\nprompt: How does login work?\nexpect: {not_route: research}\n", "leads to research"),
        ("description: D.\nprompt: hm\nexpect: {confidence: 1}\n", "less than 1.00"),
        ("description: D.\nprompt: /trace x\nchecks: [sums]\nchanged: [a.md]\n", "sums is not offered"),
        ("description: D.\nprompt: /trace x\nchecks: []\nchanged: [a.py]\n", "sums is offered"),
    ],
)
def test_what_does_not_hold_is_said(tmp_path: Path, text: str, words: str) -> None:
    assert words in play(tmp_path, text).failures[0]


def test_a_prompt_that_fits_nothing_is_asked_about(tmp_path: Path) -> None:
    assert play(tmp_path, "description: D.\nprompt: hm\nexpect: {route: ask}\n").passed


def test_a_model_is_held_by_the_real_hook(tmp_path: Path) -> None:
    text = GOOD + (
        "files: {src/a.py: x}\nphase: research\nmodel:\n"
        "  - {write: src/a.py, expect: denied, because: phase research}\n"
        "  - {read: src/a.py, expect: denied}\n"
        "  - {edit: src/a.py, expect: denied, because: phase of the moon}\n"
        "  - {tool: mcp__files__write_file, input: {path: src/a.py}, expect: denied}\n"
        "  - {write: '{artefact}', expect: allowed}\n"
    )

    failures = play(tmp_path, text).failures

    assert len(failures) == 2
    assert failures[0].startswith("act 2, read src/a.py: allowed, expected denied")
    assert "expected 'phase of the moon'" in failures[1]


def test_a_person_takes_a_run_from_plan_to_its_change(tmp_path: Path) -> None:
    text = GOOD + (
        "files: {src/a.py: 'x = 1'}\nphase: plan\nplan: [src/a.py, src/new.py]\nmodel:\n"
        "  - {edit: src/a.py, expect: denied}\n  - {type: /approve, expect: allowed}\n"
        "  - {type: /implement, expect: allowed}\n  - {edit: src/a.py, expect: allowed}\n"
        "  - {write: src/new.py, expect: allowed}\n  - {write: src/other.py, expect: denied}\n"
    )

    assert play(tmp_path, text).failures == ()


@pytest.mark.parametrize(
    ("phase", "acts"),
    [
        ("quick", "[{edit: a.py, expect: allowed}, {write: .agentops/config.yaml, expect: denied}]"),
        ("none", "[{edit: a.py, expect: allowed}]"),
        ("plan", "[{type: /approve, expect: denied}]"),
    ],
)
def test_other_phases(tmp_path: Path, phase: str, acts: str) -> None:
    assert play(tmp_path, f"{GOOD}files: {{a.py: x}}\nphase: {phase}\nmodel: {acts}\n").failures == ()


def test_a_phase_that_cannot_be_reached_is_a_failure(tmp_path: Path) -> None:
    text = f"{GOOD}phase: implement\nplan: [money.py]\nmodel: [{{read: a, expect: allowed}}]\n"

    outcome = play(tmp_path, text, more='critical: ["money.py"]\n')  # which two people have to sign

    assert "cannot be brought to phase implement" in outcome.failures[0]


def test_one_scenario_can_be_chosen(tmp_path: Path) -> None:
    play(tmp_path, GOOD)

    assert list(rehearse.rehearse(Library(shipped(), tmp_path), "acme", ("other",))) == []
    assert [one.name for one in rehearse.rehearse(Library(shipped(), tmp_path), "acme", ("one",))] == ["one"]


def test_answers_of_a_hook_are_read() -> None:
    ask = '{"hookSpecificOutput": {"permissionDecision": "ask", "permissionDecisionReason": "why"}}'

    assert stage.answered(0, "") == stage.Answer(allowed=True, reason="")
    assert stage.answered(2, "no") == stage.Answer(allowed=False, reason="no")
    assert stage.answered(0, ask) == stage.Answer(allowed=False, reason="why")
    assert not stage.answered(0, '{"decision": "block", "reason": "r"}').allowed
