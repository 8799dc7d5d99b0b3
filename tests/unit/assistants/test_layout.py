"""Each assistant's files, in the formats and places that its client reads."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import TYPE_CHECKING

import pytest

from agentops_kit.assistants import agents, base
from agentops_kit.assistants.costs import costs
from agentops_kit.assistants.rendering import rendered
from agentops_kit.content import frontmatter, weigh
from agentops_kit.content.library import Library, shipped
from agentops_kit.content.profiles import resolve
from agentops_kit.errors import InputInvalid

if TYPE_CHECKING:
    from agentops_kit.content.profiles import Resolved
    from agentops_kit.ports import RenderedFile

LIBRARY = Library(shipped())
NAMES = LIBRARY.names()
OTHERS = [name for name in base.MODULES if name != "claude"]


@pytest.fixture(scope="module")
def devops() -> Resolved:
    return of("devops")


@cache
def of(profile: str) -> Resolved:
    return resolve([profile], LIBRARY)


@cache
def files_of(profile: str, names: tuple[str, ...]) -> tuple[RenderedFile, ...]:
    return rendered(of(profile), names)


def by_path(resolved: Resolved, *names: str) -> dict[str, RenderedFile]:
    assert resolved is of("devops")
    return {file.path: file for file in files_of("devops", names)}


def front(file: RenderedFile) -> dict[str, object]:
    text = file.content.decode()
    return dict(tomllib.loads(text) if file.path.endswith(".toml") else frontmatter.parse(text, file.path).values)


@pytest.mark.parametrize("name", list(base.MODULES))
def test_every_piece_stands_in_its_place_and_loads(devops: Resolved, name: str) -> None:
    places, files = base.load(name).PLACES, by_path(devops, name)

    for kind, items in (("command", devops.commands), ("persona", devops.personas)):
        for item in items:
            called = base.load(name).DIALECT.called(item.name) if kind == "command" else item.name
            assert front(files[places[kind].format(name=called)])["description"]


@pytest.mark.parametrize("name", list(base.MODULES))
def test_no_slot_is_left_open(devops: Resolved, name: str) -> None:
    for file in by_path(devops, name).values():
        text = file.content.decode()
        assert "{name}" not in text
        assert "{command}" not in text
        assert "{{" not in text.replace("{{args}}", "")


@pytest.mark.parametrize(
    ("name", "words", "approves"),
    [
        ("claude", "- Task: $ARGUMENTS\n", "type /approve, then /clear, then /plan"),
        ("codex", "- Task: what the person wrote after `$research`\n", "type $approve, then /clear, then $plan"),
        ("gemini", "- Task: {{args}}\n", "run `agentops approve` in a terminal, then /clear, then /agentops-plan"),
        ("opencode", "- Task: $ARGUMENTS\n", "run `agentops approve` in a terminal, then /clear, then /plan"),
        ("qwen", "- Task: {{args}}\n", "run `agentops approve` in a terminal, then /clear, then /plan"),
        ("copilot", "- Task: what the person wrote after `/agentops-research`\n", "/clear, then /agentops-plan"),
        ("others", "- Task: what the person asked for\n", "run `agentops approve` in a terminal"),
    ],
)
def test_arguments_and_approval_are_said_as_the_client_takes_them(
    devops: Resolved, name: str, words: str, approves: str
) -> None:
    assistant = base.load(name)
    place = assistant.PLACES["command"].format(name=assistant.DIALECT.called("research"))

    text = by_path(devops, name)[place].content.decode()

    assert words in text
    assert approves in text


def test_a_client_that_runs_nothing_asks_the_model_to(devops: Resolved) -> None:
    text = by_path(devops, "codex")[".codex/skills/research/SKILL.md"].content.decode()

    assert "\nFirst run `agentops status --brief`; what it prints is the state above.\n" in text


@pytest.mark.parametrize("name", ["gemini", "copilot"])
def test_hooks_call_a_command_as_its_file_does(name: str, devops: Resolved) -> None:
    from importlib import import_module

    hooks = import_module(f"agentops_kit.hooks.clients.{name}")

    ours = {command.name for command in devops.commands}
    assert frozenset(hooks.TAKEN.split("|")) == base.load(name).DIALECT.taken & ours


def test_codex_keeps_commands_off_the_models_list(devops: Resolved) -> None:
    files = by_path(devops, "codex")

    policy = files[".codex/skills/research/agents/openai.yaml"].content
    assert policy == b"policy:\n  allow_implicit_invocation: false\n"


def test_personas_have_the_clients_own_tools(devops: Resolved) -> None:
    given = {
        name: front(by_path(devops, name)[base.load(name).PLACES["persona"].format(name="doc-explorer")])
        for name in OTHERS
    }

    reading = ["read_file", "grep_search", "glob", "run_shell_command", "web_fetch"]
    assert given["gemini"]["tools"] == reading
    assert given["qwen"]["tools"] == reading
    assert given["copilot"]["tools"] == ["read", "search", "execute", "web"]
    assert given["opencode"]["permission"] == {"edit": "deny"}
    assert given["opencode"]["mode"] == "subagent"
    assert str(given["codex"]["developer_instructions"]).startswith("You find what the documents say")


def test_a_persona_says_when_to_use_it_only_where_nothing_names_it(devops: Resolved) -> None:
    said = {name: front(by_path(devops, name)[place]) for name, place in _explorers().items()}

    assert said["claude"]["description"] == "Maps code by path and line. Use when understanding code."
    assert {said[name]["description"] for name in OTHERS if name != "others"} == {"Maps code by path and line."}


def _explorers() -> dict[str, str]:
    return {name: base.load(name).PLACES["persona"].format(name="code-explorer") for name in base.MODULES}


def test_skills_that_only_a_person_opens_are_listed_nowhere(devops: Resolved) -> None:
    for name in OTHERS:
        skills = [path for path in by_path(devops, name) if path.startswith(".agents/skills/ci-pipelines/")]
        assert skills == [".agents/skills/ci-pipelines/GUIDE.md"]


def test_texts_name_a_skill_where_it_stands(devops: Resolved) -> None:
    for name in base.MODULES:
        files = by_path(devops, name)
        text = files[base.load(name).PLACES["command"].format(name="kube-change")].content.decode()
        (named,) = [word for word in text.split("`") if word.endswith(("SKILL.md", "GUIDE.md"))]
        assert named in files


def test_six_assistants_share_what_they_can(devops: Resolved) -> None:
    alone = {name: by_path(devops, name) for name in base.MODULES}

    together = by_path(devops, *base.MODULES)

    guides = [path for path in together if path.startswith(".agents/skills/") and "kubernetes" in path]
    assert guides == [".agents/skills/kubernetes-manifests/GUIDE.md"]
    assert not [path for path in together if path.startswith(".claude/skills/")]
    for name in OTHERS:
        assert {path: together[path] for path in alone[name]} == alone[name]


def test_claude_alone_keeps_its_skills(devops: Resolved) -> None:
    assert ".claude/skills/kubernetes-manifests/SKILL.md" in by_path(devops, "claude")


def test_an_unknown_assistant_is_refused_by_name(devops: Resolved) -> None:
    with pytest.raises(InputInvalid, match="cursor"):
        rendered(devops, ["cursor"])


@pytest.mark.parametrize("profile", NAMES)
@pytest.mark.parametrize("name", list(base.MODULES))
def test_a_profile_stays_inside_its_budgets_in_every_assistant(name: str, profile: str) -> None:
    paid = costs(files_of(profile, (name,)), name)

    assert 0 < paid.always_loaded <= weigh.MOST_ALWAYS_LOADED
    assert 0 < paid.main_path <= weigh.MOST_MAIN_PATH


@pytest.mark.parametrize("name", [name for name in base.MODULES if name != "others"])
def test_the_guide_says_what_is_counted(name: str) -> None:
    guide = (shipped() / "docs/ASSISTANTS.md").read_text(encoding="utf-8")

    paid = costs(files_of("devops", (name,)), name)

    assert f"\n| {base.load(name).TITLE} | {paid.always_loaded} |" in guide


def test_beside_claude_nobody_pays_more(devops: Resolved) -> None:
    together = rendered(devops, list(base.MODULES))

    for name in base.MODULES:
        assert costs(together, name).always_loaded <= weigh.MOST_ALWAYS_LOADED


def test_the_rules_are_counted(devops: Resolved) -> None:
    from agentops_kit.install import block
    from agentops_kit.tokens.count import count

    assert costs((), "codex").always_loaded == count(block.marked(agents.rules()))
    assert costs((), "claude").always_loaded == 0
    del devops
