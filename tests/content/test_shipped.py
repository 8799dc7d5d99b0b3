"""Everything we ship loads, lints clean, renders, and stays inside its token budgets."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from jinja2 import Environment, StrictUndefined

from agentops_kit.assistants import claude
from agentops_kit.assistants.rendering import rendered
from agentops_kit.content import frontmatter, weigh
from agentops_kit.content.library import Library, shipped
from agentops_kit.content.lint import HEADINGS, lint
from agentops_kit.content.profiles import resolve

if TYPE_CHECKING:
    from pathlib import Path

LIBRARY = Library(shipped())
NAMES = LIBRARY.names()
SETS = [(name,) for name in NAMES] + [NAMES]
TEMPLATES = shipped() / "core/agentops_kit/phases/templates"
COMMANDS = "prime research plan implement validate learn bundle-save bundle-load quick approve".split()
PERSONAS = (
    "code-explorer doc-explorer history-explorer spec-architect risk-assessor change-executor "
    "validation-planner test-generator continuous-validator"
).split()


def test_the_promised_profiles_are_there() -> None:
    assert {"base", "devops", "product-dev", "example"} <= set(NAMES)


def test_base_holds_the_main_job() -> None:
    resolved = resolve(["base"], LIBRARY)

    assert [item.name for item in resolved.commands] == COMMANDS
    assert [item.name for item in resolved.personas] == PERSONAS


@pytest.mark.parametrize("names", SETS, ids=",".join)
def test_a_profile_lints_clean(names: tuple[str, ...]) -> None:
    assert [str(one) for one in lint(resolve(names, LIBRARY))] == []


@pytest.mark.parametrize("names", [(name,) for name in NAMES], ids=",".join)
def test_a_profile_stays_inside_its_budgets(names: tuple[str, ...]) -> None:
    files = rendered(resolve(names, LIBRARY))

    always, main = weigh.always_loaded(files, claude), weigh.main_path(files, claude)

    print(f"{','.join(names)}: always loaded {always}, main path {main}")  # noqa: T201 - the figures, under -s
    assert 0 < always <= weigh.MOST_ALWAYS_LOADED
    assert 0 < main <= weigh.MOST_MAIN_PATH


@pytest.mark.parametrize("names", SETS, ids=",".join)
def test_rendered_files_load_as_the_client_reads_them(names: tuple[str, ...]) -> None:
    for file in rendered(resolve(names, LIBRARY)):
        if not file.path.endswith(".md"):
            continue
        document = frontmatter.parse(file.content.decode(), file.path)
        assert document.values["description"]
        assert "{{" not in document.body
        assert not {"examples", "near_misses"} & set(document.values)


def test_every_command_is_typed_by_a_person_and_opens_with_the_state() -> None:
    for file in rendered(resolve(NAMES, LIBRARY)):
        if file.path.startswith(".claude/commands/"):
            document = frontmatter.parse(file.content.decode(), file.path)
            assert document.values["disable-model-invocation"] is True
            assert "Bash(agentops status:*)" in document.values["allowed-tools"]
            assert document.body.lstrip().startswith("!`agentops status --brief 2>/dev/null || true`\n")
            assert all(f"## {heading}\n" in document.body for heading in HEADINGS)


def test_no_command_grants_what_only_a_person_may_do() -> None:
    for item in resolve(NAMES, LIBRARY).commands:
        for tool in item.spec.tools:
            assert not tool.startswith(("Bash(agentops approve", "Bash(agentops reopen", "Bash(agentops quick"))
            assert tool not in {"Bash", "Edit", "Write", "Bash(agentops:*)"}


def test_research_launches_its_three_explorers_in_one_message() -> None:
    files = {file.path: file.content.decode() for file in rendered(resolve(["base"], LIBRARY))}

    (step,) = [line for line in files[".claude/commands/research.md"].splitlines() if "In one message" in line]

    assert all(f"`{name}`" in step for name in ("code-explorer", "doc-explorer", "history-explorer"))


def test_every_file_in_the_content_folders_belongs_to_a_profile() -> None:
    listed = {
        item.where
        for name in NAMES
        for kind in ("commands", "personas", "skills", "workflows")
        for item in getattr(LIBRARY.load(name), kind)
    }
    root = shipped()

    found = {path.relative_to(root).as_posix() for path in (*root.glob("commands/*"), *root.glob("agents/*"))}
    found |= {
        path.relative_to(root).as_posix()
        for folder in ("commands", "agents", "workflows")
        for path in root.glob(f"profiles/*/{folder}/*")
    }

    assert {path for path in found if not path.endswith("/partials")} <= listed


def test_every_partial_is_used() -> None:
    texts = [item.body for item in resolve(NAMES, LIBRARY).commands]

    for name, _ in resolve(NAMES, LIBRARY).partials:
        assert any(f'include "{name}"' in text for text in texts), name


def test_example_sentences_are_nowhere_twice() -> None:
    resolved = resolve(NAMES, LIBRARY)
    pieces = (*resolved.commands, *resolved.personas)

    for item in pieces:
        assert not set(item.spec.examples) & {miss.text for miss in item.spec.near_misses}, item.where


def test_a_copy_of_the_example_under_another_name_works(tmp_path: Path) -> None:
    own = tmp_path / ".agentops/profiles/my-domain"
    shutil.copytree(shipped() / "profiles/example", own)
    text = (own / "profile.yaml").read_text().replace("  name: example", "  name: my-domain")
    (own / "profile.yaml").write_text(text)

    resolved = resolve(["my-domain"], Library(shipped(), tmp_path))

    assert lint(resolved) == ()
    assert ".claude/commands/define.md" in {file.path for file in rendered(resolved)}


@pytest.mark.parametrize("trimmed", [True, False])
@pytest.mark.parametrize("facts", [{"research_bundle": "r.md", "candidates": ["a.py:1", "b.py:2"]}, {}])
def test_the_plan_template_opens_with_every_heading_and_every_slot(
    trimmed: bool,
    facts: dict[str, object],
) -> None:
    from agentops_kit.phases import plans

    text = (TEMPLATES / "plan.md.j2").read_text(encoding="utf-8")
    values = {"task": "Add [fill: x]\nOAuth2", "research_bundle": None, "candidates": [], **facts}
    environment = Environment(undefined=StrictUndefined, trim_blocks=trimmed, lstrip_blocks=trimmed)  # noqa: S701
    opened = environment.from_string(text).render(values)

    plan = plans.parse(opened)

    assert opened.startswith("# Plan: Add [fill x] OAuth2\n")
    assert plan.missing == ()
    assert len(plan.slots) == 15
    assert plans.lacks(plan)


def test_a_plan_filled_by_the_template_is_complete() -> None:
    import re

    from agentops_kit.phases import plans

    text = (TEMPLATES / "plan.md.j2").read_text(encoding="utf-8")
    environment = Environment(undefined=StrictUndefined)  # noqa: S701 - markdown
    opened = environment.from_string(text).render(task="t", research_bundle=None, candidates=[])
    fills = iter(
        [
            "src/a.py:3",
            "adds a second argument to it",
            "the research found a missing case",
            "a = 1",
            "a = 2",
            "nothing",
            "1, it stands alone",
            "pytest -q",
            "exit 0",
            "nothing",
            "callers break at import",
            "low",
            "tests",
            "revert",
            "no new endpoint",
        ]
    )

    filled = re.sub(r"\[fill:[^\]]*\]", lambda _: next(fills), opened)

    assert plans.lacks(plans.parse(filled)) == ()


def test_the_learning_template_has_its_four_parts() -> None:
    text = (TEMPLATES / "learning.md.j2").read_text(encoding="utf-8")

    assert [line for line in text.splitlines() if line.startswith("## ")] == [
        "## Pattern",
        "## Evidence",
        "## Application",
        "## Reusability",
    ]


def test_the_guide_names_every_word_of_the_schema() -> None:
    from agentops_kit.content import schema

    guide = (shipped() / "docs/CREATE_PROFILE.md").read_text(encoding="utf-8")
    example = (shipped() / "profiles/example/profile.yaml").read_text(encoding="utf-8")

    for model in (schema.Command, schema.Persona, schema.Skill):
        assert [key for key in model.model_fields if f"`{key}`" not in guide] == []
    assert [key for key in schema.Profile.model_fields if f"{key}:" not in example] == []
