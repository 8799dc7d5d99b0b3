"""The dispatcher in this process: the same answers as through the shim, seen from inside."""

from __future__ import annotations

import io
import json
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from agentops_kit.hooks import dispatch
from agentops_kit.phases import fence, lifecycle
from tests.support import runs, trees

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.phases.lifecycle import Desk


class Client:
    """Fires events at ``dispatch.main`` and returns what it wrote."""

    def __init__(self, root: Path, patch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.patch = patch

    def raw(self, text: str, speaker: str = "claude") -> str:
        out = io.BytesIO()
        self.patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode("utf-8", "surrogatepass"))))
        self.patch.setattr(sys, "stdout", io.TextIOWrapper(out))
        status = dispatch.main([speaker, str(self.root), str(self.root / ".git")])
        assert status == 0
        return out.getvalue().decode()

    def fire(self, name: str, **event: Any) -> dict[str, Any]:
        said = self.raw(json.dumps({"hook_event_name": name, "cwd": str(self.root), "session_id": "s", **event}))
        answer: dict[str, Any] = json.loads(said) if said else {}
        return answer

    def tool(self, tool: str, **tool_input: Any) -> str:
        answer = self.fire("PreToolUse", tool_name=tool, tool_input=tool_input)
        return str(answer["hookSpecificOutput"]["permissionDecision"]) if answer else ""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return runs.desk_at(trees.make_repo(tmp_path / "a repo", runs.SOURCE))


@pytest.fixture
def client(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Client:
    return Client(desk.repo.root, monkeypatch)


def test_silence_without_a_run(client: Client) -> None:
    assert client.tool("Edit", file_path="src/app.py") == ""
    assert client.fire("UserPromptSubmit", prompt="hello") == {}
    assert client.raw("not json at all") == ""


def test_a_fresh_clone_is_fenced_from_the_first_session_on(client: Client, desk: Desk) -> None:
    runs.in_research(desk)
    (desk.repo.state_dir / "state.json").unlink()  # local state does not travel with a clone

    assert client.tool("Edit", file_path="src/app.py") == ""
    client.fire("SessionStart", source="startup")

    assert client.tool("Edit", file_path="src/app.py") == "deny"


def test_a_session_in_a_workspace_without_a_run_leaves_no_state(client: Client, desk: Desk) -> None:
    client.fire("SessionStart", source="startup")

    assert not (desk.repo.state_dir / "state.json").exists()


def test_a_command_of_ours_wakes_the_dispatcher(client: Client) -> None:
    refused = client.fire("UserPromptSubmit", prompt="/approve")
    assert "No run is open on main" in refused["reason"]
    assert client.fire("UserPromptSubmit", prompt="about /approve") == {}
    assert client.fire("Stop", prompt="/approve") == {}


def test_the_fence_denies_and_allows(client: Client, desk: Desk) -> None:
    runs.in_implement(desk)
    assert client.tool("Edit", file_path="src/app.py") == ""
    assert client.tool("Edit", file_path="other.py") == "deny"
    assert client.tool("Bash", command="grep -c '!' src/app.py && echo x > other.py") == "deny"


def test_the_shell_grammar_is_looked_for_among_installed_packages(
    client: Client, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs.in_research(desk)
    tried: list[str] = []

    def decide(*_: object) -> fence.Decision:
        tried.append("decide")
        if "loaded" not in tried:
            raise ModuleNotFoundError
        return fence.ALLOW

    monkeypatch.setattr(fence, "decide", decide)
    monkeypatch.setattr(dispatch, "_load_packages", lambda: tried.append("loaded"))
    assert client.tool("Bash", command="ls | head") == ""
    assert tried == ["decide", "loaded", "decide"]


def test_packages_are_loaded_once_when_python_left_them_out(monkeypatch: pytest.MonkeyPatch) -> None:
    import site

    loaded: list[bool] = []
    monkeypatch.setattr(site, "main", lambda: loaded.append(True))
    dispatch._load_packages()
    assert loaded == []
    monkeypatch.setattr(sys, "flags", SimpleNamespace(no_site=1))
    monkeypatch.delitem(sys.modules, "site")
    monkeypatch.setattr("builtins.__import__", lambda name, *_: site if name == "site" else None)
    dispatch._load_packages()
    assert loaded == [True]


def test_another_branch_and_enforcement_off_are_silent(client: Client, desk: Desk) -> None:
    runs.in_research(desk)
    trees.git(desk.repo.root, "checkout", "--quiet", "-b", "other")
    assert client.tool("Edit", file_path="src/app.py") == ""
    trees.git(desk.repo.root, "checkout", "--quiet", "main")
    trees.write_tree(desk.repo.root, {".agentops/config.yaml": "enforcement: off\n"})
    assert client.tool("Edit", file_path="src/app.py") == ""


def test_a_changed_record_is_compiled_again(client: Client, desk: Desk) -> None:
    run = runs.in_implement(desk)
    state = desk.repo.state_dir / "state.json"
    stale = state.read_bytes()
    lifecycle.amend(desk, ["other.py"])
    state.write_bytes(stale)
    assert client.tool("Edit", file_path="other.py") == ""
    record = desk.repo.root / run.path
    record.write_text(record.read_text("utf-8") + "# by hand\n", "utf-8")
    assert client.tool("Edit", file_path="other.py") == "deny"


def test_a_record_that_went_through_git_ends_or_hands_on_the_run(client: Client, desk: Desk) -> None:
    first = lifecycle.quick(desk, "First")
    runs.in_research(desk)
    trees.git(desk.repo.root, "reset", "--quiet", "--hard", "HEAD~1")
    assert client.tool("Edit", file_path="src/app.py") == ""
    assert runs.current(desk).id == first.id
    trees.git(desk.repo.root, "reset", "--quiet", "--hard", "HEAD~1")
    assert client.tool("Edit", file_path="src/app.py") == ""
    assert not (desk.repo.state_dir / "state.json").exists()


def test_a_command_in_the_plugins_name_wakes_it_too(client: Client) -> None:
    answer = client.fire("UserPromptSubmit", prompt="/agentops:quick Mend it")
    assert "started in the quick lane" in answer["hookSpecificOutput"]["additionalContext"]


def test_a_failure_without_a_run_is_silent(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "quick", None)
    assert client.fire("UserPromptSubmit", prompt="/quick Mend it") == {}


def test_a_failure_is_a_refusal_a_log_line_and_no_gag(client: Client, desk: Desk) -> None:
    runs.in_research(desk)
    (desk.repo.state_dir / "state.json").write_text("{")
    assert client.tool("Edit", file_path="src/app.py") == "deny"
    assert "JSONDecodeError" in (desk.repo.state_dir / "hook-errors.log").read_text()
    assert client.fire("UserPromptSubmit", prompt="what is wrong?") == {}
    assert client.fire("UserPromptSubmit", prompt="/help") == {}
    assert client.fire("SessionStart") == {}
    assert client.raw("{", speaker="statusline") == ""


@pytest.mark.parametrize("cut", ["", "{", '{"session_id": "s", "tool_na'])
def test_an_event_that_was_cut_off_may_be_a_write_and_is_refused(client: Client, desk: Desk, cut: str) -> None:
    assert client.raw(cut) == ""
    runs.in_research(desk)

    answer = json.loads(client.raw(cut))

    assert answer["hookSpecificOutput"]["permissionDecision"] == "deny"


def test_a_failing_command_of_ours_is_blocked(client: Client, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    runs.in_research(desk)
    monkeypatch.setattr(lifecycle, "plan", None)
    answer = client.fire("UserPromptSubmit", prompt="/plan x")
    assert answer["decision"] == "block"
    assert "could not decide and so refuses: TypeError" in answer["reason"]


def test_a_log_that_cannot_be_written_does_not_stop_the_refusal(client: Client, desk: Desk) -> None:
    runs.in_research(desk)
    (desk.repo.state_dir / "state.json").write_text("{")
    (desk.repo.state_dir / "hook-errors.log").mkdir()
    assert client.tool("Edit", file_path="src/app.py") == "deny"


def test_the_status_line_speaks_through_the_same_door(client: Client, desk: Desk) -> None:
    run = runs.in_research(desk)
    assert client.raw("{}", speaker="statusline") == f"research · {run.id}\n"


def test_the_notice_rides_on_what_is_allowed(client: Client, desk: Desk, tmp_path: Path) -> None:
    runs.in_research(desk)
    path = tmp_path / "t.jsonl"
    path.write_text(json.dumps({"type": "assistant", "message": {"usage": {"input_tokens": 90_000}}}) + "\n")
    answer = client.fire("PreToolUse", tool_name="Read", tool_input={}, transcript_path=str(path))
    assert "AgentOps: red" in answer["hookSpecificOutput"]["additionalContext"]


def test_the_path_is_told_only_where_the_command_is(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "env"
    client.fire("SessionStart")
    monkeypatch.setenv("CLAUDE_ENV_FILE", str(told))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python"))
    client.fire("SessionStart")
    assert not told.exists()
    trees.write_tree(tmp_path, {"bin/agentops": "#!/bin/sh\n"})
    client.fire("SessionStart")
    assert told.read_text() == f'export PATH="$PATH:{tmp_path / "bin"}"\n'
