from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agentops_kit.content.lint import lint
from agentops_kit.content.profiles import resolve
from tests.unit.content.conftest import command, persona, profile

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops_kit.content.library import Library
    from agentops_kit.content.lint import Finding

BODY = "## Goal\n\n## Inputs\n\n## Steps\n\n{step}\n\n## Output\n\n```\n## Not a heading\n```\n\n## Stop when\n"
SKILL = "---\ndescription: D. Use when x.\n{talk}\n---\nText\n"


def talk(prefix: str, examples: int = 12, near_misses: int = 4) -> str:
    """Return the lines of sentences that nobody else says."""
    said = ", ".join(f"{prefix} {n}" for n in range(examples))
    missed = ", ".join(f"not {prefix} {n}" for n in range(near_misses))
    return f"examples: [{said}]\nnear_misses: [{missed}]"


TALK = talk("go")


def findings(shelf: Library) -> list[Finding]:
    return list(lint(resolve(["mine"], shelf)))


def one_command(library: Callable[..., Library], step: str, more: str = TALK) -> list[Finding]:
    return findings(library(profile("mine", "commands: go"), command("mine", "go", BODY.format(step=step), more)))


def one_persona(library: Callable[..., Library], **changes: str) -> set[str]:
    shelf = library(profile("mine", "personas: looker"), persona("mine", "looker", **changes))
    return {one.rule for one in findings(shelf)} - {"few-sentences"}


def test_a_clean_command_has_no_finding(library: Callable[..., Library]) -> None:
    assert one_command(library, 'Type {{ command("go") }}. {# persona("none") #}') == []


@pytest.mark.parametrize(
    ("step", "rule", "line"),
    [
        ("word " * 800, "too-long", 6),
        ("You MUST and NEVER and ALWAYS and ONLY do it.", "shouting", 6),
        ("Well done \U0001f389", "picture", 12),
        ('Ask {{ persona("gone") }}.', "dead-persona", 12),
        ('Type {{ command("goo") }}.', "dead-command", 12),
        ('Open {{ skill("gone") }}.', "dead-skill", 12),
        ('{% include "gone.md" %}', "dead-partial", 6),
        ("{% if %}", "template", 12),
        ("## Extra", "headings", 6),
    ],
)
def test_a_flaw_in_the_text_is_found(library: Callable[..., Library], step: str, rule: str, line: int) -> None:
    found = {one.rule: one for one in one_command(library, step)}

    assert found[rule].line == line
    assert str(found[rule]).startswith("profiles/mine/commands/go.md:")


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ("examples: [a]", "few-sentences"),
        (f"{TALK}\ntools: [Raed]", "unknown-tool"),
        (f"{TALK}\nmodel: opsu", "unknown-model"),
        (f"{TALK}\ninvoked_by: model", "no-trigger"),
    ],
)
def test_a_flaw_in_the_front_matter_is_found(library: Callable[..., Library], more: str, rule: str) -> None:
    assert rule in {one.rule for one in one_command(library, "Do it.", more)}


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({}, set()),
        ({"model": "claude-haiku-4-5-20251001", "tools": "Read, mcp__kit__gate, Bash(git log:*)"}, set()),
        ({"model": "gpt"}, {"unknown-model"}),
        ({"tools": "Read, Grep"}, {"blind-search"}),
        ({"tools": "Shell"}, {"unknown-tool"}),
    ],
)
def test_a_persona_names_real_tools_and_models(
    library: Callable[..., Library], changes: dict[str, str], rules: set[str]
) -> None:
    assert one_persona(library, **changes) == rules


def test_a_long_description_is_found(library: Callable[..., Library]) -> None:
    text = command("mine", "go", BODY.format(step="x"), TALK)["profiles/mine/commands/go.md"]
    long = text.replace("Do a thing", "Do a thing " * 40)
    shelf = library(profile("mine", "commands: go"), {"profiles/mine/commands/go.md": long})

    assert [one.rule for one in findings(shelf)] == ["long-description"]


def test_a_paragraph_copied_into_three_files_is_found_once(library: Callable[..., Library]) -> None:
    same = "This sentence stands in several files, although it could be shared by all of them."
    names = ("a", "b", "c")
    files = [command("mine", name, BODY.format(step=same), talk(name)) for name in names]

    found = findings(library(profile("mine", f"commands: [{', '.join(names)}]"), *files))

    assert [one.rule for one in found] == ["copied"]
    assert "commands/c.md" in found[0].message


def test_a_skill_named_like_a_command_is_found(library: Callable[..., Library]) -> None:
    skill = {"profiles/mine/skills/go/SKILL.md": SKILL.format(talk=talk("skill", 3, 2))}
    parts = (profile("mine", "commands: go\nskills: go"), command("mine", "go", BODY.format(step="x"), TALK), skill)

    assert [one.rule for one in findings(library(*parts))] == ["name-clash"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (talk("go", 11), "`examples` has 11 sentences. Give at least 12"),
        (talk("go", 12, 3), "`near_misses` has 3 sentences. Give at least 4"),
        (talk("go", 1), "`examples` has 1 sentence."),
    ],
)
def test_a_command_needs_twelve_examples_and_four_near_misses(
    library: Callable[..., Library], more: str, message: str
) -> None:
    (found,) = one_command(library, "Do it.", more)

    assert found.rule == "few-sentences"
    assert message in str(found)


def test_a_workflow_needs_as_many_as_a_command(library: Callable[..., Library]) -> None:
    text = f"description: D.\n{talk('flow', 11, 3)}\nphases:\n  - name: a\n    steps:\n      - {{name: b}}\n"
    shelf = library(profile("mine", "workflows: flow"), {"profiles/mine/workflows/flow.yaml": text})

    assert [one.rule for one in findings(shelf)] == ["few-sentences", "few-sentences"]


def test_a_skill_needs_three_and_two(library: Callable[..., Library]) -> None:
    for examples, near_misses, rules in ((3, 2, []), (2, 2, ["few-sentences"]), (3, 1, ["few-sentences"])):
        text = SKILL.format(talk=talk("say", examples, near_misses))
        shelf = library(profile("mine", "skills: know"), {"profiles/mine/skills/know/SKILL.md": text})

        assert [one.rule for one in findings(shelf)] == rules


@pytest.mark.parametrize(
    ("belongs", "messages"),
    [
        ("stay", []),
        ("go", ["belongs to this piece itself"]),
        ("stray", ["'stray', which is not there. Did you mean 'stay'?"]),
    ],
)
def test_a_near_miss_belongs_to_another_piece_that_is_there(
    library: Callable[..., Library], belongs: str, messages: list[str]
) -> None:
    more = f"{talk('go')[:-1]}, {{text: Stay here., belongs: {belongs}}}]"
    files = (
        command("mine", "go", BODY.format(step="x"), more),
        command("mine", "stay", BODY.format(step="x"), talk("b")),
    )

    found = findings(library(profile("mine", "commands: [go, stay]"), *files))

    assert {one.rule for one in found} <= {"dead-belongs"}
    assert len(found) == len(messages)
    assert all(message in str(one) for message, one in zip(messages, found, strict=True))


def test_an_example_that_two_pieces_share_is_found(library: Callable[..., Library]) -> None:
    mine = talk("go").replace("[go 0", "[Where is  it")
    other = talk("stay").replace("[stay 0", "['where is it?'")
    files = (command("mine", "go", BODY.format(step="x"), mine), command("mine", "stay", BODY.format(step="x"), other))

    (found,) = findings(library(profile("mine", "commands: [go, stay]"), *files))

    assert (found.rule, found.where) == ("shared-example", "profiles/mine/commands/stay.md")
    assert "'where is it?' stands in profiles/mine/commands/go.md too" in found.message
