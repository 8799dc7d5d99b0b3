"""What doctor knows of the assistants whose hooks call one script; firing them is tested in integration."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from agentops_kit.assistants import base
from agentops_kit.install import service
from agentops_kit.install.doctor import assistant, files
from agentops_kit.install.doctor.clients import Act, Hook
from agentops_kit.install.doctor.spoken import ALL, known
from agentops_kit.memory.git import Repo

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.install.doctor.clients import Client
    from agentops_kit.install.doctor.finding import Finding
    from agentops_kit.install.doctor.scratch import Scratch

CODEX, GEMINI, QWEN, OPENCODE, COPILOT = (ALL[name] for name in ("codex", "gemini", "qwen", "opencode", "copilot"))


@pytest.fixture
def root(repo_dir: Path) -> Path:
    """A clone with the hooks of every assistant, and no content."""
    repo = Repo.open(repo_dir)
    service.execute(repo, service.prepare(repo, service.desired((), ("base",), tuple(base.MODULES))))
    return repo_dir


def looked(root: Path) -> dict[str, Finding]:
    repo = Repo.open(root)
    installed = service.installed(repo)
    assert installed is not None
    return {one.check: one for one in files.examine(repo, installed)}


def test_what_was_just_installed_is_registered(root: Path) -> None:
    found = looked(root)

    assert [name for name, one in found.items() if not one.ok] == []
    assert found["Gemini CLI: registered"].detail == "SessionStart, BeforeAgent, BeforeTool in .gemini/settings.json"
    assert "git's hooks" in found["Other assistants"].detail
    for spoken in ALL.values():
        assert spoken.lacking(root, ()) == ()
        assert spoken.unread(root) == {}
        assert {hook.event for hook in spoken.loaded(root, below=False)} == set(spoken.events.values())


def test_where_the_root_is_not_read_nothing_is_loaded(root: Path) -> None:
    below = {name: bool(spoken.loaded(root, below=True)) for name, spoken in ALL.items()}

    assert below == {"codex": True, "gemini": False, "qwen": False, "opencode": True, "copilot": False}


def test_that_is_said_and_no_fault(root: Path) -> None:
    from types import SimpleNamespace

    place = SimpleNamespace(name="subfolder", below=True, repo=Repo.open(root))
    scratch: Scratch = SimpleNamespace(places=[place])  # type: ignore[assignment]

    (finding,) = assistant.examine(GEMINI, scratch, None)  # type: ignore[arg-type]

    assert finding.ok
    assert "start it in the root" in finding.detail


@pytest.mark.parametrize("name", list(ALL))
def test_hooks_that_were_taken_out_are_missed(root: Path, name: str) -> None:
    (root / ALL[name].SOURCES[0]).unlink()

    assert len(ALL[name].lacking(root, ())) == len(ALL[name].events)


def test_tables_in_codexs_configuration_count(root: Path) -> None:
    from agentops_kit.assistants import codex

    (root / codex.HOOKS).unlink()
    theirs = b'[[hooks.Stop]]\nhooks = [{ type = "command", command = "mine" }]\n'
    block = codex.wishes({codex.CONFIG: theirs}.get)[0].block
    (root / codex.CONFIG).write_bytes(theirs + block.encode())

    assert CODEX.lacking(root, ()) == ()


@pytest.mark.parametrize(
    ("spoken", "path", "text", "said"),
    [
        (CODEX, ".codex/hooks.json", "{} // mine", True),
        (CODEX, ".codex/config.toml", "no toml", True),
        (GEMINI, ".gemini/settings.json", "{} // mine", False),
        (GEMINI, ".gemini/settings.json", "{", True),
        (QWEN, ".qwen/settings.json", "", False),
        (OPENCODE, ".opencode/plugin/agentops.js", "{", False),
    ],
)
def test_settings_that_the_client_cannot_read_are_named(
    root: Path, spoken: Client, path: str, text: str, said: bool
) -> None:
    (root / path).parent.mkdir(exist_ok=True)
    (root / path).write_text(text)

    assert (path in spoken.unread(root)) is said


@pytest.mark.parametrize(
    "text", ["[]", '{"hooks": []}', '{"hooks": {"a": {}}}', '{"hooks": {"a": [1, {"hooks": [2]}]}}']
)
def test_settings_of_another_shape_hold_no_hook(root: Path, text: str) -> None:
    (root / ".gemini/settings.json").write_text(text)

    assert GEMINI.loaded(root, below=False) == ()


def test_an_event_is_what_the_client_writes(root: Path) -> None:
    write = next(act for act in COPILOT.ACTS if act.name == "a write")
    said = json.loads(COPILOT.event(write, root, "bundle.md"))

    assert said == {
        "cwd": str(root),
        "sessionId": "doctor",
        "toolName": "create",
        "toolArgs": {"path": f"{root}/doctor.txt", "file_text": "x"},
    }
    patch = next(act for act in CODEX.ACTS if act.name == "the run's own bundle")
    assert "*** Add File: bundle.md\\n" in CODEX.event(patch, root, "bundle.md").decode()
    assert "hook_event_name" in CODEX.event(patch, root, "bundle.md").decode()


def test_a_hook_hears_its_own_event() -> None:
    act = Act("x", "BeforeTool", {})

    assert GEMINI.hears(Hook("BeforeTool", "", "", ""), act)
    assert not GEMINI.hears(Hook("BeforeAgent", "", "", ""), act)
    assert not GEMINI.hears(Hook("BeforeTool", "write_.*", "", ""), act)


@pytest.mark.parametrize(
    ("status", "words", "outcome"),
    [
        (0, "", "silent"),
        (2, "no", "refused"),
        (1, "no", "exit 1: no"),
        (0, "{}", "{}"),
        (0, "text", "text"),
        (0, "[1]", "[1]"),
        (0, '{"decision": "deny"}', "refused"),
        (0, '{"decision": "block"}', "refused"),
        (0, '{"permissionDecision": "deny"}', "refused"),
        (0, '{"permissionDecision": "ask"}', "asked"),
        (0, '{"deny": "x"}', "refused"),
        (0, '{"warn": "x"}', "asked"),
        (0, '{"hookSpecificOutput": {"permissionDecision": "deny"}}', "refused"),
        (0, '{"systemMessage": "x"}', '{"systemMessage": "x"}'),
    ],
)
def test_an_answer_is_taken_as_the_client_takes_it(status: int, words: str, outcome: str) -> None:
    assert CODEX.outcome(status, words) == outcome


def test_only_assistants_with_hooks_are_spoken() -> None:
    assert known("others") is None
    assert known("no such") is None
    assert GEMINI.variables(None) == {}  # type: ignore[arg-type]
