from __future__ import annotations

from agentops_kit.assistants import claude, gemini
from agentops_kit.content.weigh import always_loaded, main_path
from agentops_kit.ports import RenderedFile
from agentops_kit.tokens.count import count


def file(path: str, front: str, body: str = "Text.") -> RenderedFile:
    return RenderedFile(path, f"---\n{front}\n---\n{body}\n".encode(), executable=False, owner="core", name="x")


def test_only_what_the_model_is_told_about_is_always_loaded() -> None:
    files = [
        file(".claude/agents/looker.md", "name: looker\ndescription: Looks. Use when looking."),
        file(".claude/skills/style/SKILL.md", "name: style\ndescription: Style. Use when writing."),
        file(".claude/commands/go.md", "description: Go"),
        file(".claude/commands/stop.md", "description: Stop\ndisable-model-invocation: true"),
        file(".claude/skills/style/table.md", "description: not a skill"),
    ]

    lines = ("- looker: Looks. Use when looking.\n", "- style: Style. Use when writing.\n", "- go: Go\n")
    assert always_loaded(files, claude) == sum(count(line) for line in lines)


def test_what_a_person_edited_beyond_reading_still_weighs() -> None:
    broken = RenderedFile(".claude/commands/plan.md", b"\xff no front matter", executable=False, owner="core", name="x")
    toml = RenderedFile(".gemini/commands/plan.toml", b"prompt = ", executable=False, owner="core", name="x")

    assert main_path([broken], claude) == count("\ufffd no front matter")
    assert main_path([toml], gemini) == count("prompt = ")


def test_a_command_beside_the_users_counts_as_in_its_own_place() -> None:
    text = file(".claude/commands/research.md", "description: R")

    assert main_path([text._replace(path=".claude/commands/agentops/research.md")], claude) == main_path([text], claude)


def test_the_main_path_is_its_commands_and_the_personas_they_name() -> None:
    research = file(".claude/commands/research.md", "description: R", "Launch `looker` and `ghost`.")
    looker = file(".claude/agents/looker.md", "description: L")
    others = [file(".claude/agents/other.md", "description: O"), file(".claude/commands/prime.md", "description: P")]

    expected = count(research.content.decode()) + count(looker.content.decode())
    assert main_path([research, looker, *others], claude) == expected
