"""Each client's own events through the dispatcher: refused before approval, silent where nothing is wrong."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from agentops_kit.hooks import dispatch
from agentops_kit.phases import people
from tests.support import runs, trees

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.phases.lifecycle import Desk

SHELLS = {
    "codex": "Bash",
    "gemini": "run_shell_command",
    "qwen": "run_shell_command",
    "opencode": "bash",
    "copilot": "bash",
}
WRITES = {
    "codex": ("apply_patch", {"command": "*** Begin Patch\n*** Add File: other.py\n+x\n*** End Patch"}),
    "gemini": ("write_file", {"file_path": "other.py", "content": "x"}),
    "qwen": ("write_file", {"file_path": "other.py", "content": "x"}),
    "opencode": ("write", {"filePath": "other.py", "content": "x"}),
    "copilot": ("create", {"path": "other.py", "file_text": "x"}),
}
CALLING = (".codex/hooks.json", ".gemini/settings.json", ".qwen/settings.json", ".opencode/plugin/agentops.js")
PROMPTS = {"codex": "$approve", "copilot": "/approve", "gemini": "/approve", "qwen": "/approve"}


class Client:
    """Speaks to the dispatcher as one assistant does."""

    def __init__(self, root: Path, patch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.patch = patch

    def fire(self, name: str, kind: str, **facts: Any) -> str:
        speaker = f"copilot:{kind}" if name == "copilot" else name
        said = {} if name == "copilot" else {"hook_event_name": kind, "session_id": "s"}
        out = io.BytesIO()
        data = json.dumps({"cwd": str(self.root), **said, **facts}).encode()
        self.patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        self.patch.setattr(sys, "stdout", io.TextIOWrapper(out))
        assert dispatch.main([speaker, str(self.root), str(self.root / ".git")]) == 0
        return out.getvalue().decode()

    def tool(self, name: str, tool: str, given: dict[str, Any]) -> str:
        kind = {"gemini": "BeforeTool", "copilot": "preToolUse"}.get(name, "PreToolUse")
        keys = ("toolName", "toolArgs") if name == "copilot" else ("tool_name", "tool_input")
        return self.fire(name, kind, **dict(zip(keys, (tool, given), strict=True)))

    def prompt(self, name: str, text: str, **facts: Any) -> str:
        kind = {"gemini": "BeforeAgent", "copilot": "userPromptSubmitted"}.get(name, "UserPromptSubmit")
        return self.fire(name, kind, prompt=text, **facts)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return runs.desk_at(trees.make_repo(tmp_path / "a repo", runs.SOURCE))


@pytest.fixture
def client(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(people, "ancestors", lambda: ("sh", "codex", "bash"))
    return Client(desk.repo.root, monkeypatch)


def test_without_a_run_nothing_is_in_the_way(client: Client) -> None:
    for name, shell in SHELLS.items():
        assert client.tool(name, *WRITES[name]) == ""
        assert client.tool(name, shell, {"command": "echo x > other.py"}) == ""


def test_before_approval_writes_are_refused_and_reading_is_silent(client: Client, desk: Desk) -> None:
    run = runs.in_research(desk)

    for name, shell in SHELLS.items():
        refused = [
            client.tool(name, *WRITES[name]),
            client.tool(name, shell, {"command": "echo x > other.py"}),
            client.tool(name, "mcp__files__write_file", {"path": "other.py"}),
            client.tool(name, shell, {"command": "agentops approve"}),
        ]
        assert ['"deny"' in answer for answer in refused] == [True] * 4, name
        assert all(run.id in answer for answer in refused[:3])
        assert client.tool(name, shell, {"command": "git status"}) == ""


def test_the_plans_files_may_be_written_and_never_what_calls_us(client: Client, desk: Desk) -> None:
    runs.in_implement(desk)

    for name, (tool, given) in WRITES.items():
        assert client.tool(name, tool, of(given, "src/app.py")) == "", name
        for path in ("other.py", *CALLING):
            assert '"deny"' in client.tool(name, tool, of(given, path)), (name, path)


def of(given: dict[str, Any], path: str) -> dict[str, Any]:
    changed: dict[str, Any] = json.loads(json.dumps(given).replace("other.py", path))
    return changed


@pytest.mark.parametrize("name", ["codex", "copilot"])
def test_a_typed_approval_counts(client: Client, desk: Desk, name: str) -> None:
    runs.in_research(desk)

    said = client.prompt(name, f"{PROMPTS[name]} it is fine")

    assert "approved" in said
    assert runs.current(desk).approval("research") is not None


def test_a_prompt_that_no_person_typed_approves_nothing(client: Client, desk: Desk) -> None:
    runs.in_research(desk)

    for name, prompt in PROMPTS.items():
        client.prompt(name, prompt, **({"agentId": "a"} if name == "copilot" else {"agent_id": "a"}))
    for name in ("gemini", "qwen"):
        client.prompt(name, PROMPTS[name])

    assert runs.current(desk).approvals == ()


def test_warned_of_what_strict_would_refuse(client: Client, desk: Desk) -> None:
    config = desk.repo.root / ".agentops/config.yaml"
    config.parent.mkdir(exist_ok=True)
    config.write_text("enforcement: warn\n")
    runs.in_research(runs.desk_at(desk.repo.root))

    said = {name: set(json.loads(client.tool(name, *WRITES[name]))) for name in SHELLS}
    assert said == {
        "codex": {"systemMessage"},
        "gemini": {"systemMessage"},
        "qwen": {"hookSpecificOutput"},
        "opencode": {"warn"},
        "copilot": {"permissionDecision", "permissionDecisionReason"},
    }


def test_a_fault_is_a_refusal_in_the_clients_words(client: Client, desk: Desk) -> None:
    runs.in_research(desk)
    (desk.repo.state_dir / "state.json").write_text("{")

    assert set(json.loads(client.tool("opencode", *WRITES["opencode"]))) == {"deny"}
    assert json.loads(client.tool("gemini", *WRITES["gemini"]))["decision"] == "deny"
    assert json.loads(client.tool("copilot", *WRITES["copilot"]))["permissionDecision"] == "deny"


def test_a_fresh_clone_is_fenced_from_its_first_session_on(client: Client, desk: Desk) -> None:
    runs.in_research(desk)

    for name in SHELLS:
        (desk.repo.state_dir / "state.json").unlink()  # local state does not travel with a clone
        if name != "qwen":
            client.fire(name, "sessionStart" if name == "copilot" else "SessionStart", source="startup")
        assert '"deny"' in client.tool(name, *WRITES[name]), name


def test_a_session_that_nobody_told_of_is_looked_after_once(client: Client, desk: Desk) -> None:
    armed = desk.repo.state_dir / "armed"
    assert client.tool("qwen", *WRITES["qwen"]) == ""
    assert not armed.exists()
    (desk.repo.root / ".agentops").mkdir()
    (desk.repo.root / ".agentops/config.yaml").write_text("enforcement: strict\n")

    assert client.tool("qwen", *WRITES["qwen"]) == ""
    seen = armed.stat().st_mtime_ns
    assert client.tool("qwen", *WRITES["qwen"]) == ""

    assert armed.stat().st_mtime_ns == seen
