"""What assistants say that they found, with programs that answer as the real ones do."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from agentops_kit.assistants.rendering import rendered
from agentops_kit.content.library import Library, shipped
from agentops_kit.content.profiles import resolve
from agentops_kit.install import service
from agentops_kit.install.doctor import asked
from agentops_kit.memory.git import Repo

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.install.doctor.finding import Finding

COMMANDS = [item.name for item in resolve(["base"], Library(shipped())).commands]
PERSONAS = [item.name for item in resolve(["base"], Library(shipped())).personas]


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder at the front of PATH for programs that stand in for the clients."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin")
    return folder


def installed_for(root: Path, *names: str) -> Repo:
    repo = Repo.open(root)
    files = rendered(resolve(["base"], Library(shipped())), names)
    service.execute(repo, service.prepare(repo, service.desired(files, ("base",), names)))
    return repo


def ask(repo: Repo) -> dict[str, Finding]:
    installed = service.installed(repo)
    assert installed is not None
    return {one.check: one for one in asked.examine(repo, installed)}


def program(folder: Path, name: str, said: str) -> None:
    answer = folder / f"{name}.answer"
    answer.write_text(said)
    (folder / name).write_text(f"#!/bin/sh\nexec cat '{answer}'\n")
    (folder / name).chmod(0o755)


def codex_says(names: list[str], trust: str = "trusted") -> str:
    skills = [{"name": name, "enabled": True} for name in names] + [{"name": "off", "enabled": False}]
    hooks = [{"eventName": "preToolUse", "command": "x/agentops codex", "trustStatus": trust}, {"command": "theirs"}]
    answers = [
        {"id": 0, "result": {}},
        {"id": 1, "result": {"data": [{"skills": skills}]}},
        {"id": 2, "result": {"data": [{"hooks": hooks}]}},
    ]
    return "warning\n" + "".join(json.dumps(one) + "\n" for one in answers)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked, "_PATIENCE", 0)


def test_an_assistant_that_is_not_here_has_its_files_read(repo_dir: Path, programs: Path) -> None:
    repo = installed_for(repo_dir, "codex", "claude", "others")
    (repo_dir / ".codex/agents/doc-explorer.toml").write_text("no toml")
    (repo_dir / ".claude/commands/plan.md").unlink()

    found = ask(repo)

    assert found["Codex: commands"].detail == "10 of 10 found (read as files; codex is not on PATH)"
    assert found["Codex: personas"].detail.startswith("8 of 9 found")
    assert found["Codex: personas"].detail.endswith("missing: doc-explorer")
    assert not found["Claude Code: commands"].ok
    assert "cannot be asked offline" in found["Claude Code: commands"].detail
    assert "not verified by a run" in found["Other assistants: commands"].detail


def test_codex_says_what_it_found_and_trusts(repo_dir: Path, programs: Path) -> None:
    repo = installed_for(repo_dir, "codex")
    program(programs, "codex", codex_says(COMMANDS))

    found = ask(repo)

    assert found["Codex: commands"].detail == "10 of 10 found (asked Codex)"
    assert found["Codex: personas"].detail == "9 of 9 found (read as files; it does not say)"
    assert "Codex: hooks" not in found


def test_hooks_that_codex_does_not_trust_are_a_problem(repo_dir: Path, programs: Path) -> None:
    repo = installed_for(repo_dir, "codex")
    program(programs, "codex", codex_says(COMMANDS[1:], "untrusted"))

    found = ask(repo)

    assert found["Codex: commands"].detail == f"9 of 10 found (asked Codex); missing: {COMMANDS[0]}"
    assert found["Codex: hooks"].detail == "not trusted yet: preToolUse"
    assert "/hooks" in found["Codex: hooks"].fix


@pytest.mark.parametrize("said", ["", "nonsense", '{"id": 1, "result": {"data": []}}', '{"id": 1, "result": []}'])
def test_an_answer_that_says_nothing_leaves_the_files(repo_dir: Path, programs: Path, said: str) -> None:
    repo = installed_for(repo_dir, "codex", "opencode", "copilot")
    for name in ("codex", "opencode", "copilot"):
        program(programs, name, said)

    found = ask(repo)

    assert [one.ok for one in found.values()] == [True] * 6
    assert all("read as files" in one.detail for one in found.values())


def test_opencode_and_copilot_say_what_they_found(repo_dir: Path, programs: Path) -> None:
    repo = installed_for(repo_dir, "opencode", "copilot")
    said: dict[str, dict[str, dict[str, str]]] = {
        "command": {name: {} for name in COMMANDS},
        "agent": {name: {} for name in PERSONAS},
    }
    program(programs, "opencode", json.dumps(said))
    listed = [{"plan": "agentops-plan", "research": "agentops-research"}.get(name, name) for name in COMMANDS]
    program(programs, "copilot", "Project skills:\n" + "".join(f"  {name} - does a thing\n" for name in listed))

    found = ask(repo)

    assert found["opencode: commands"].detail == "10 of 10 found (asked opencode)"
    assert found["opencode: personas"].detail == "9 of 9 found (asked opencode)"
    assert found["Copilot CLI: commands"].detail == "10 of 10 found (asked Copilot CLI)"
