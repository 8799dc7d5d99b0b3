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
TALK = "examples: [a, b, c]\nnear_misses: [d, e]"


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
    files = [command("mine", name, BODY.format(step=same), TALK) for name in names]

    found = findings(library(profile("mine", f"commands: [{', '.join(names)}]"), *files))

    assert [one.rule for one in found] == ["copied"]
    assert "commands/c.md" in found[0].message


def test_a_skill_named_like_a_command_is_found(library: Callable[..., Library]) -> None:
    skill = {"profiles/mine/skills/go/SKILL.md": f"---\ndescription: D. Use when x.\n{TALK}\n---\nText\n"}
    parts = (profile("mine", "commands: go\nskills: go"), command("mine", "go", BODY.format(step="x"), TALK), skill)

    assert [one.rule for one in findings(library(*parts))] == ["name-clash"]
