"""What goes into files that are the user's too, and where ours goes when the user's own stands in its place."""

from __future__ import annotations

import json
import tomllib

import pytest

from agentops_kit.assistants import agents, base, claude, codex, gemini, opencode, qwen
from agentops_kit.errors import InstallRefused
from agentops_kit.install import settings

NOTHING = dict[str, bytes]().get


def test_what_several_want_alike_is_wanted_once() -> None:
    wishes = base.wishes(base.MODULES, NOTHING)

    paths = [wish.path for wish in wishes]
    assert sorted(paths) == [
        ".claude/settings.json",
        ".codex/hooks.json",
        ".gemini/settings.json",
        ".qwen/settings.json",
        "AGENTS.md",
    ]


def test_the_rules_grow_by_what_one_assistant_needs() -> None:
    (alone,) = base.wishes(["opencode"], NOTHING)
    (both,) = base.wishes(["opencode", "others"], NOTHING)

    assert alone.block == agents.RULES
    assert both.block.startswith(agents.RULES)
    assert ".agents/skills/name/GUIDE.md" in both.block


def test_claude_is_heard_in_a_second_file_when_it_skips_the_first() -> None:
    wishes = claude.wishes({claude.SETTINGS: b"{} // mine"}.get)

    assert [wish.path for wish in wishes] == [claude.SETTINGS, claude.LOCAL_SETTINGS]


@pytest.mark.parametrize("theirs", [b"", b"model = 'x'\n", b"no [toml"])
def test_codex_hooks_have_their_own_file(theirs: bytes) -> None:
    wish = codex.wishes({codex.CONFIG: theirs}.get)[0]

    assert wish.path == codex.HOOKS
    assert wish.plain


def test_codex_hooks_join_the_users_where_those_stand() -> None:
    theirs = b'[[hooks.PreToolUse]]\nhooks = [{ type = "command", command = "mine" }]\n'

    wish = codex.wishes({codex.CONFIG: theirs}.get)[0]

    assert wish.path == codex.CONFIG
    tables = tomllib.loads(wish.block)["hooks"]
    assert tables == codex.wishes(NOTHING)[0].values["hooks"]


def test_every_table_of_the_hooks_is_whole_in_what_is_wished() -> None:
    theirs = b'[[hooks.PreToolUse]]\nhooks = [{ type = "command", command = "mine" }]\n'

    wish = base.wishes(["codex"], {codex.CONFIG: theirs}.get)[0]
    merged = settings.update(theirs, wish, None).data

    assert merged is not None
    ours = codex.wishes(NOTHING)[0].values["hooks"]
    (mine, added) = tomllib.loads(merged.decode())["hooks"]["PreToolUse"]
    assert mine["hooks"][0]["command"] == "mine"
    assert [added] == ours["PreToolUse"]
    assert tomllib.loads(wish.block)["hooks"] == ours


@pytest.mark.parametrize("theirs", [b"[" * 3000 + b"]" * 3000, b"[x" * 3000])
def test_settings_nested_too_deep_are_refused_like_other_broken_ones(theirs: bytes) -> None:
    (wish, _) = base.wishes(["claude"], {claude.SETTINGS: theirs}.get)

    assert settings.skipped(theirs, wish)
    with pytest.raises(InstallRefused, match="not valid JSON"):
        settings.merge(theirs, wish)


def test_deep_toml_leaves_codex_its_own_file() -> None:
    deep = b"a = " + b"[" * 3000 + b"]" * 3000

    assert codex.wishes({codex.CONFIG: deep}.get)[0].path == codex.HOOKS


def test_codex_hooks_stay_where_they_are() -> None:
    seen = {codex.CONFIG: b"[hooks]\n", codex.HOOKS: b"{}"}

    assert codex.wishes(seen.get)[0].path == codex.HOOKS


@pytest.mark.parametrize(
    ("theirs", "said"), [(None, True), (b"", True), (b'{"$version": 4}', True), (b'{"theme": "x"}', False)]
)
def test_qwen_settings_say_their_version_where_it_is_ours_to_say(theirs: bytes | None, said: bool) -> None:
    wish = qwen.wishes(lambda _: theirs)[0]

    assert ("$version" in wish.values) is said


def test_gemini_reads_the_shared_rules_unless_the_user_says_otherwise() -> None:
    wish = gemini.wishes(NOTHING)[0]
    theirs = b'{\n  "context": {"fileName": "MINE.md"} // mine\n}\n'

    merged = settings.merge(theirs, wish)

    assert merged.data is not None
    assert b"MINE.md" in merged.data
    assert b"AGENTS.md" not in merged.data
    assert merged.notes == ("context in .gemini/settings.json is yours and stays.",)
    assert settings.unmerge(merged.data, merged.record) == theirs


def test_a_plugin_and_its_script_are_files_of_our_own() -> None:
    paths = {file.path: file for file in opencode.hooks()}

    assert paths[opencode.PLUGIN].content.decode().count("\n") <= 15
    assert paths[agents.SHIM].executable
    assert agents.SHIM in paths[opencode.PLUGIN].content.decode()


def test_copilots_manifest_calls_the_script_with_each_events_name() -> None:
    from agentops_kit.assistants import copilot

    (manifest,) = [file for file in copilot.hooks() if file.path == copilot.HOOKS]
    hooks = json.loads(manifest.content)["hooks"]

    assert {event: entries[0]["bash"] for event, entries in hooks.items()} == {
        event: agents.call(f"copilot:{event}") for event in ("sessionStart", "userPromptSubmitted", "preToolUse")
    }


@pytest.mark.parametrize(
    ("name", "path", "place", "old", "new"),
    [
        ("codex", ".codex/skills/plan/SKILL.md", ".codex/skills/agentops-plan/SKILL.md", "$plan", "$agentops-plan"),
        (
            "codex",
            ".codex/skills/plan/agents/openai.yaml",
            ".codex/skills/agentops-plan/agents/openai.yaml",
            "$plan",
            "$agentops-plan",
        ),
        ("codex", ".codex/agents/looker.toml", ".codex/agents/agentops-looker.toml", "looker", "agentops-looker"),
        ("gemini", ".gemini/commands/plan.toml", ".gemini/commands/agentops-plan.toml", "/plan", "/agentops-plan"),
        ("qwen", ".qwen/commands/plan.md", ".qwen/commands/agentops-plan.md", "/plan", "/agentops-plan"),
        ("opencode", ".opencode/agents/a.md", ".opencode/agents/agentops-a.md", "a", "agentops-a"),
        ("copilot", ".github/agents/a.agent.md", ".github/agents/agentops-a.agent.md", "a", "agentops-a"),
        ("copilot", ".agents/skills/k/GUIDE.md", ".agents/skills/agentops-k/GUIDE.md", "k", "agentops-k"),
        ("others", ".agents/personas/a.md", ".agents/personas/agentops-a.md", "a", "agentops-a"),
    ],
)
def test_another_place_is_called_by_another_name(name: str, path: str, place: str, old: str, new: str) -> None:
    beside = base.load(name).beside(path)

    assert beside is not None
    assert (beside.path, beside.old, beside.new) == (place, old, new)


@pytest.mark.parametrize("name", [name for name in base.MODULES if name != "claude"])
def test_scripts_and_rules_have_one_place_only(name: str) -> None:
    assistant = base.load(name)

    assert [assistant.beside(file.path) for file in assistant.hooks()] == [None] * len(assistant.hooks())
    assert assistant.equip(assistant.hooks()) == assistant.hooks()
