from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING

import pytest

from agentops_kit.hooks import dispatch
from agentops_kit.hooks.routes import MARKER
from tests.support import trees

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def say(
    repo_dir: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> Callable[..., str]:
    def say(name: str, **event: str) -> str:
        raw = json.dumps({"hook_event_name": name, "cwd": str(repo_dir), "session_id": "s", **event}).encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
        dispatch.main(["claude", str(repo_dir), str(repo_dir / ".git")])
        return capsysbinary.readouterr().out.decode()

    return say


PROMPT = "ask the risk-assessor what could break"


def test_a_prompt_is_routed_only_where_the_workspace_wants_it(repo_dir: Path, say: Callable[..., str]) -> None:
    assert say("UserPromptSubmit", prompt=PROMPT) == ""

    trees.write_tree(repo_dir, {".agentops/config.yaml": "routing: {prompts: true}\n"})
    say("SessionStart", source="startup")

    assert "persona risk-assessor" in say("UserPromptSubmit", prompt=PROMPT)
    assert say("UserPromptSubmit", prompt="/unknown thing") == ""
    assert say("UserPromptSubmit", prompt="hm") == ""


def test_switching_it_off_takes_the_marker_away(repo_dir: Path, say: Callable[..., str]) -> None:
    trees.write_tree(repo_dir, {".agentops/config.yaml": "routing: {prompts: true}\n"})
    say("SessionStart", source="startup")
    trees.write_tree(repo_dir, {".agentops/config.yaml": "enforcement: warn\n"})
    say("SessionStart", source="startup")

    assert not (repo_dir / ".git" / MARKER).exists()
    assert say("UserPromptSubmit", prompt=PROMPT) == ""
