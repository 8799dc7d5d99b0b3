from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from agentops_kit.assistants import plugin
from agentops_kit.cli import reference
from tests.support import source, trees

SHIM = f"{plugin.FOLDER}/{plugin.SHIM}"


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    """Return the plugin's files, by path."""
    return {file.path: file.content.decode() for file in plugin.tree()}


@pytest.fixture
def workspace(repo_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a repository in which the plugin lies, as the current folder."""
    monkeypatch.chdir(repo_dir)
    assert reference._plugin(check=False)
    return repo_dir


def test_what_is_committed_is_what_the_code_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(source.ROOT)

    assert reference._plugin(check=True) == []


def test_a_changed_a_foreign_and_an_unmarked_file_are_stale_until_written_again(workspace: Path) -> None:
    changed, foreign, shim = (
        Path(plugin.FOLDER) / name for name in ("commands/plan.md", "commands/old.md", plugin.SHIM)
    )
    changed.write_text("x", encoding="utf-8")
    foreign.write_text("x", encoding="utf-8")
    shim.chmod(0o644)

    assert set(reference._plugin(check=True)) == {changed, foreign, shim}
    assert set(reference._plugin(check=False)) == {changed, foreign, shim}
    assert reference._plugin(check=True) == []
    assert not foreign.exists()
    assert os.access(shim, os.X_OK)


def test_texts_call_commands_and_personas_by_the_plugins_name(files: dict[str, str]) -> None:
    text = files[f"{plugin.FOLDER}/commands/implement.md"]

    assert "`agentops:change-executor`" in text
    assert "/agentops:bundle-save" in text


def test_the_marketplace_leads_to_the_plugin(files: dict[str, str]) -> None:
    [entry] = json.loads(files[plugin.MARKETPLACE])["plugins"]

    assert f"{entry['source'].removeprefix('./')}/.claude-plugin/plugin.json" in files


def test_each_event_calls_the_script_inside_the_plugin(files: dict[str, str]) -> None:
    events: dict[str, Any] = json.loads(files[f"{plugin.FOLDER}/hooks/hooks.json"])["hooks"]

    calls = {
        event: [hook["command"] for group in groups for hook in group["hooks"]] for event, groups in events.items()
    }

    assert calls == {
        "SessionStart": [plugin._CALL],
        "UserPromptSubmit": [plugin._CALL],
        "PreToolUse": [f"{plugin._CALL} tool"],
        "PreCompact": [f"{plugin._CALL} || true"],
    }


def shim(workspace: Path, *words: str, path: str = "/usr/bin:/bin") -> tuple[int, str, str]:
    """Run the plugin's hook on an empty event."""
    done = subprocess.run(
        [str(workspace / SHIM), "claude", *words],
        env={"PATH": path, "CLAUDE_PROJECT_DIR": str(workspace), "HOME": str(workspace)},
        input="{}",
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout, done.stderr


def answering(workspace: Path, status: int) -> str:
    """Return a PATH with an ``agentops`` that prints its arguments and ends with this status."""
    trees.write_tree(workspace, {"bin/agentops": f'#!/bin/sh\necho "$@"\nexit {status}\n'})
    return f"{workspace}/bin:/usr/bin:/bin"


def open_run(workspace: Path) -> None:
    """Let a run be open here, as far as the script looks."""
    (workspace / ".git/agentops").mkdir()
    (workspace / ".git/agentops/state.json").write_text("{}", encoding="utf-8")


def test_the_script_hands_an_event_to_the_kit(workspace: Path) -> None:
    status, out, _ = shim(workspace, path=answering(workspace, 0))

    assert (status, out) == (0, f"hook claude {workspace} {workspace}/.git\n")


def test_the_script_is_silent_beside_a_project_install_and_for_a_tool_without_a_run(workspace: Path) -> None:
    path = answering(workspace, 0)

    assert shim(workspace, "tool", path=path) == (0, "", "")
    trees.write_tree(workspace, {".claude/hooks/agentops": "#!/bin/sh\n"})
    assert shim(workspace, path=path) == (0, "", "")


def test_without_the_kit_the_script_is_silent_until_a_run_is_open_and_then_refuses(workspace: Path) -> None:
    assert shim(workspace) == (0, "", "")

    open_run(workspace)
    status, out, err = shim(workspace, "tool")

    assert (status, out) == (2, "")
    assert "agentops doctor" in err


def test_a_kit_that_fails_in_an_open_run_refuses(workspace: Path) -> None:
    open_run(workspace)

    assert shim(workspace, "tool", path=answering(workspace, 1))[0] == 2


def test_the_script_is_silent_outside_a_repository(workspace: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [str(workspace / SHIM), "claude"],
        env={"PATH": "/usr/bin:/bin", "CLAUDE_PROJECT_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
