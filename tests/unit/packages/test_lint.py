from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agentops_kit.content import lint as content_lint
from agentops_kit.content.library import Library, shipped
from agentops_kit.errors import ContentInvalid
from agentops_kit.packages import lint, prose
from agentops_kit.packages.reasons import WARNINGS, WHY
from tests.support import packages, source, trees

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.packages.lint import Judged

SCENARIO = "description: D.\nprompt: '@payer'\nexpect: {says: [Pay]}\n"
TWELVE = "[" + ", ".join(f"pay bill number {number}" for number in range(12)) + "]"
PERSONA = """\
---
description: {said}
tools: [{tools}]
model: {model}
examples: {examples}
near_misses: [a, b, c, d]
---
{body}
"""


def found(root: Path, **texts: str) -> dict[str, Judged]:
    return abroad(root, ("claude",), **texts)


def abroad(root: Path, assistants: tuple[str, ...], /, **texts: str) -> dict[str, Judged]:
    trees.write_tree(root, {f".agentops/profiles/acme/{path}": text for path, text in packages.files(**texts).items()})
    return {one.finding.rule: one for one in lint.lint(Library(shipped(), root), "acme", assistants)}


def persona(
    said: str = "Pays. Use when paying.", tools: str = "Read, Bash", model: str = "inherit", body: str = "Pay."
) -> str:
    return PERSONA.format(examples=TWELVE, said=said, tools=tools, model=model, body=body)


def with_persona(root: Path, text: str, assistants: tuple[str, ...] = ("claude",)) -> dict[str, Judged]:
    more = "personas: [payer]\nskills: [rounding]"
    return abroad(root, assistants, more=more, **{"agents__payer.md": text, "scenarios__a.yaml": SCENARIO})


def test_a_whole_profile_is_clean(tmp_path: Path) -> None:
    assert with_persona(tmp_path, persona()) == {}


def test_examples_that_nobody_reads_are_named(tmp_path: Path) -> None:
    more = "personas: [payer]\nskills: [rounding]"
    texts = {"agents__payer.md": persona(), "scenarios__a.yaml": SCENARIO}
    said = {"examples__payer.txt": "settle it", "examples__payers.txt": "settle it"}
    found = abroad(tmp_path, ("claude",), more=more, **texts, **said)

    assert list(found) == ["not-named"]
    assert found["not-named"].finding.where.endswith("examples/payers.txt")


@pytest.mark.parametrize("name", sorted(Library(shipped()).names()))
def test_what_we_ship_is_clean(name: str) -> None:
    assert lint.lint(Library(shipped()), name) == ()


def test_every_rule_there_is_has_a_reason() -> None:
    text = "".join(
        (source.ROOT / "core/agentops_kit" / path).read_text(encoding="utf-8")
        for path in ("content/lint.py", "packages/lint.py")
    )

    quoted = {rule for rule in WHY if f'"{rule}"' in text or (rule.startswith("dead-") and "dead-{" in text)}

    assert quoted == set(WHY)
    assert set(WHY) >= WARNINGS


@pytest.mark.parametrize(
    ("text", "rule", "words"),
    [
        ("apiVersion: agentops.kit/v1\nkind: Profil\n", "schema", "Profil"),
        ("x: [\n", "schema", "not YAML"),
    ],
)
def test_a_profile_that_does_not_load_is_one_finding(tmp_path: Path, text: str, rule: str, words: str) -> None:
    trees.write_tree(tmp_path, {".agentops/profiles/acme/profile.yaml": text})

    (one,) = lint.lint(Library(shipped(), tmp_path), "acme")

    assert (one.level, one.finding.rule) == ("error", rule)
    assert words in one.finding.message


def test_a_missing_file_is_a_finding_at_the_head(tmp_path: Path) -> None:
    trees.write_tree(
        tmp_path, {".agentops/profiles/acme/profile.yaml": packages.files(more="commands: [none]")["profile.yaml"]}
    )

    (one,) = lint.lint(Library(shipped(), tmp_path), "acme")

    assert (one.finding.line, one.finding.rule) == (1, "schema")


def test_a_profile_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ContentInvalid, match="no profile"):
        lint.lint(Library(shipped(), tmp_path), "none")


def test_tools_and_models_are_looked_at_per_assistant(tmp_path: Path) -> None:
    text = persona(tools="Read, Bash, NotebookEdit", model="haiku", said="Pays. Use when paying.")

    at_home = with_persona(tmp_path, text)
    away = with_persona(tmp_path, text, ("claude", "gemini", "codex"))

    assert at_home == {}
    assert "gemini has no tool like NotebookEdit" in away["tool-elsewhere"].finding.message
    assert "means nothing to gemini, codex" in away["model-elsewhere"].finding.message
    assert {one.level for one in away.values()} == {"warning"}
    assert "unknown-tool" in with_persona(tmp_path, persona(tools="Reed"))
    assert "unknown-model" in with_persona(tmp_path, persona(model="gpt-9"))


def test_a_tool_of_a_server_is_known_everywhere(tmp_path: Path) -> None:
    assert with_persona(tmp_path, persona(tools="Read, mcp__tracker__search"), ("gemini",)) == {}


@pytest.mark.parametrize(
    "text",
    [
        persona(said="Read-only review. Use when reviewing.", tools="Read, Write"),
        persona(body="You only read.", tools="Read, Edit"),
        persona(body="Change nothing. It changes nothing.", tools="Read, MultiEdit"),
    ],
)
def test_a_persona_that_says_it_reads_has_no_writing_tool(tmp_path: Path, text: str) -> None:
    assert "writing tools" in with_persona(tmp_path, text)["over-permission"].finding.mend


def test_a_persona_of_a_gated_phase_has_no_writing_tool(tmp_path: Path) -> None:
    workflow = (
        "name: pay\ndescription: Pay.\nexamples: %s\nnear_misses: [a, b, c, d]\nphases:\n"
        "  - {name: look, steps: [{name: x, persona: payer}]}\n  - {name: do, gate: none, steps: [{name: y%s}]}\n"
    )
    others = {"agents__payer.md": persona(tools="Read, Write"), "scenarios__a.yaml": SCENARIO}
    more = "personas: [payer]\nskills: [rounding]\nworkflows: [pay]"
    said = "[" + ", ".join(f"settle account {number}" for number in range(12)) + "]"

    gated = found(tmp_path, more=more, **others, **{"workflows__pay.yaml": workflow % (said, "")})
    free = found(tmp_path, more=more, **others, **{"workflows__pay.yaml": workflow % (said, ", persona: payer")})

    assert "nothing may be changed yet" in gated["over-permission"].finding.message
    assert "over-permission" not in free


def test_a_command_with_too_wide_a_grant_is_named_once(tmp_path: Path) -> None:
    rules = found(
        tmp_path, more="commands: [trace]\nskills: [rounding]", **{"commands__trace.md": packages.command("Bash")}
    )

    assert "every command without a question" in rules["over-permission"].finding.message
    assert "weakens" not in rules
    assert {"headings", "few-sentences"} <= rules.keys()


def test_what_weakens_is_an_error(tmp_path: Path) -> None:
    more = 'skills: [rounding]\nchecks: [{name: c, description: C., when: ["**"], command: "true"}]'

    assert found(tmp_path, more=more)["weakens"].level == "error"


def test_links_secrets_files_and_scenarios(tmp_path: Path) -> None:
    words = "See [the table](table.md), [this](SKILL.md), [that](https://x.example), ![p](p.png).\n`[no](code.md)`\n"
    token = "gh" + "p_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    rules = found(
        tmp_path,
        words=words,
        **{
            "skills__rounding__data.txt": f"token = {token}\n",
            "skills__rounding__x.bin": "\0",
            "commands__forgotten.md": "x",
            "scenarios__bad.yaml": "description: D.\nprompt: x\n",
        },
    )

    assert rules["dead-link"].finding.message.startswith("the link to")
    assert rules["dead-link"].finding.line == 6
    assert rules["secret"].finding.where.endswith("data.txt")
    assert token not in str(rules)
    assert "never installed" in rules["not-named"].finding.message
    assert rules["scenario"].level == "error"
    assert "no-scenario" not in rules
    assert found(tmp_path / "other")["no-scenario"].level == "warning"


def test_letters_that_nobody_sees_are_named_with_their_line(tmp_path: Path) -> None:
    rules = found(tmp_path, words="Round up.\u200b\n")

    assert rules["hidden"].level == "error"
    assert rules["hidden"].finding.message == "the letter U+200B is not seen, and read."
    assert rules["hidden"].finding.line == 6
    more = with_persona(tmp_path / "other", persona(said='"Pays\\u202e. Use when paying."'))
    assert "U+202E" in more["hidden"].finding.message


def test_a_budget_that_is_passed_is_an_error(tmp_path: Path) -> None:
    long = "Pays " + "every single bill of the month " * 60 + ". Use when paying."

    rules = with_persona(tmp_path, persona(said=long))

    assert {"over-budget", "long-description"} <= rules.keys()


PARAGRAPH = (
    "Round half to even, and round only once, at the very end of the sum, "
    "because each step that rounds adds its own error to it."
)


def test_a_paragraph_in_two_files_is_one_too_many(tmp_path: Path) -> None:
    rules = found(tmp_path, words=f"\n\n{PARAGRAPH}", **{"skills__rounding__more.md": f"# More\n\n{PARAGRAPH}\n"})

    assert "SKILL.md" in rules["duplicate"].finding.message


def test_paragraphs_are_compared_by_their_words() -> None:
    other = PARAGRAPH.replace("very end", "very END").replace(" ", "\n", 3)
    texts = {"a.md": f"{PARAGRAPH}\n\n{PARAGRAPH}", "b.md": f"x\n\n{other}\n", "c.md": f"```\n{PARAGRAPH}\n```\n"}

    (one,) = prose.twice(texts)

    assert (one.path, one.line, one.other, one.other_line) == ("b.md", 3, "a.md", 1)
    assert (
        list(prose.twice({"a.md": PARAGRAPH, "b.md": PARAGRAPH.replace("even", "odd").replace("once", "twice")})) == []
    )


def test_findings_of_parents_are_not_ones_own(tmp_path: Path) -> None:
    bad = persona(tools="Reed")
    trees.write_tree(
        tmp_path,
        {
            f".agentops/profiles/parent/{path}": text
            for path, text in packages.files(name="parent", more="personas: [payer]").items()
        },
    )
    trees.write_tree(tmp_path, {".agentops/profiles/parent/agents/payer.md": bad})
    trees.write_tree(
        tmp_path, {".agentops/profiles/acme/profile.yaml": packages.files(more="extends: parent")["profile.yaml"]}
    )

    assert {one.finding.rule for one in lint.lint(Library(shipped(), tmp_path), "acme")} == {"no-scenario"}
    assert content_lint.TOOLS
