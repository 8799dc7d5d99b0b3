from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agentops_kit.assistants import claude
from agentops_kit.content import frontmatter
from agentops_kit.content.profiles import resolve
from agentops_kit.content.render import render
from agentops_kit.errors import ContentInvalid
from tests.unit.content.conftest import command, persona, profile

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops_kit.content.library import Library
    from agentops_kit.ports import RenderedFile


def rendered(shelf: Library) -> dict[str, RenderedFile]:
    return {file.path: file for file in render(resolve(["mine"], shelf), claude)}


def test_a_command_becomes_a_claude_file(library: Callable[..., Library]) -> None:
    words = 'Task: {{ arguments }}. Ask {{ persona("looker") }}, then {{ command("go") }}.'
    body = '{{ shell("agentops status --brief") }}\n' + words
    more = 'argument_hint: "<task>"\ntools: [Bash(git log:*)]\nexamples: [say it]'
    shelf = library(
        profile("mine", "commands: go\npersonas: looker"), command("mine", "go", body, more), persona("mine", "looker")
    )

    file = rendered(shelf)[".claude/commands/go.md"]

    document = frontmatter.parse(file.content.decode(), file.path)
    assert document.values == {
        "description": "Do a thing",
        "argument-hint": "<task>",
        "allowed-tools": "Bash(agentops status:*), Bash(git log:*)",
        "disable-model-invocation": True,
    }
    assert document.body.strip().splitlines() == [
        "!`agentops status --brief 2>/dev/null || true`",
        "Task: $ARGUMENTS. Ask `looker`, then /go.",
    ]
    assert (file.owner, file.name, file.executable) == ("profile:mine", "command:go", False)


def test_a_command_for_the_model_is_not_hidden(library: Callable[..., Library]) -> None:
    shelf = library(profile("mine", "commands: go"), command("mine", "go", more="invoked_by: model"))

    assert b"disable-model-invocation" not in rendered(shelf)[".claude/commands/go.md"].content


def test_a_persona_keeps_its_tools_and_loses_its_examples(library: Callable[..., Library]) -> None:
    shelf = library(profile("mine", "personas: looker"), persona("mine", "looker"))

    text = rendered(shelf)[".claude/agents/looker.md"].content.decode()

    assert "tools: Read, Bash\nmodel: haiku\n" in text
    assert text.endswith("---\n\nYou look.\n")


def test_a_skill_brings_its_files_with_their_mode(library: Callable[..., Library]) -> None:
    skill = {
        "profiles/mine/skills/style/SKILL.md": "---\ndescription: D. Use when x.\n---\nSee run.sh\n",
        "profiles/mine/skills/style/run.sh": "#!/bin/sh\n",
    }
    shelf = library(profile("mine", "skills: style"), skill)
    (shelf.root / "profiles/mine/skills/style/run.sh").chmod(0o755)

    files = rendered(shelf)

    assert files[".claude/skills/style/run.sh"].executable
    assert files[".claude/skills/style/run.sh"].content == b"#!/bin/sh\n"
    assert b"name: style" in files[".claude/skills/style/SKILL.md"].content


def test_shared_paragraphs_are_inlined_with_their_words(library: Callable[..., Library]) -> None:
    partial = {"profiles/mine/commands/partials/start.md": "Run {{ verb }}.\n"}
    body = '{% set verb = "it" %}\n{% include "start.md" %}\nEnd.'
    shelf = library(profile("mine", "commands: go"), command("mine", "go", body), partial)

    assert rendered(shelf)[".claude/commands/go.md"].content.decode().endswith("Run it.\nEnd.\n")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("one\n{{ task }}", "go.md:6: 'task' is undefined"),
        ("{% if %}", "go.md:5:"),
        ('\n{{ persona("loker") }}', "go.md: there is no persona 'loker' in mine"),
        ('{{ command("stop") }}', "there is no command 'stop'"),
        ('{% include "gone.md" %}', "go.md:5: there is no partial 'gone.md'"),
        ('{{ shell("echo `id`") }}', "holds a backtick"),
        ("{{ ''.__class__.__mro__ }}", "go.md:5:"),
    ],
)
def test_a_template_that_cannot_be_filled_names_its_line(
    library: Callable[..., Library], body: str, message: str
) -> None:
    shelf = library(
        profile("mine", "commands: go\npersonas: looker"), command("mine", "go", body), persona("mine", "looker")
    )

    with pytest.raises(ContentInvalid) as caught:
        rendered(shelf)

    assert message in caught.value.message
    assert caught.value.remedy


def test_rendering_twice_gives_the_same_bytes(ours: Library) -> None:
    assert render(resolve(["devops"], ours), claude) == render(resolve(["devops"], ours), claude)
