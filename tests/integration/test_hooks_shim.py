"""The real shim in real workspaces: what an assistant's event is answered with."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from agentops_kit.memory.git import Repo
from agentops_kit.phases import lifecycle
from tests.support import runs, trees

SHIM = Path(__file__).parents[2] / "hooks" / "agentops.sh"


class Workspace(NamedTuple):
    """A work tree with the shim in place."""

    root: Path

    def fire(self, name: str, *, cwd: Path | None = None, speaker: str = "claude", **event: Any) -> dict[str, Any]:
        """Send one event through the shim and return its answer, empty for silence."""
        event = {"session_id": "s-1", "hook_event_name": name, "cwd": str(cwd or self.root), **event}
        done = self.raw(json.dumps(event, separators=(",", ":")), speaker)
        assert (done.returncode, done.stderr) == (0, "")
        answer: dict[str, Any] = json.loads(done.stdout) if done.stdout else {}
        return answer

    def raw(self, text: str, speaker: str = "claude") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.root / ".claude/hooks/agentops"), speaker],
            input=text,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
        )

    def tool(self, tool: str, **tool_input: str) -> str:
        """Return ``silent``, or the decision about a tool call."""
        return self.tool_in(self.root, tool, **tool_input)

    def tool_in(self, cwd: Path, tool: str, **tool_input: str) -> str:
        answer = self.fire("PreToolUse", cwd=cwd, tool_name=tool, tool_input=tool_input)
        return str(answer["hookSpecificOutput"]["permissionDecision"]) if answer else "silent"

    def prompt(self, text: str, **event: Any) -> dict[str, Any]:
        return self.fire("UserPromptSubmit", prompt=text, **event)


def place_shim(root: Path) -> Workspace:
    target = root / ".claude/hooks/agentops"
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(SHIM, target)
    target.chmod(0o755)
    return Workspace(root)


def point_to_kit(root: Path, python: str = sys.executable) -> None:
    kit = Repo.open(root).common_dir / "agentops" / "kit"
    kit.parent.mkdir(parents=True, exist_ok=True)
    kit.write_text(f"{python}\n{runs.CORE}\n", "utf-8")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A workspace whose path holds a space, with the shim committed."""
    root = trees.make_repo(tmp_path / "a repo", {**runs.SOURCE, ".agentops/config.yaml": "profiles: [base]\n"})
    made = place_shim(root)
    trees.commit_all(root, "Install")
    point_to_kit(root)
    return made


EDITS = [
    ("Edit", {"file_path": "src/app.py"}),
    ("Write", {"file_path": "new.py", "content": "x"}),
    ("NotebookEdit", {"notebook_path": "n.ipynb"}),
    ("Bash", {"command": "echo x > src/app.py"}),
    ("Bash", {"command": "sed -i s/a/b/ src/app.py"}),
    ("mcp__files__write_file", {"path": "src/app.py"}),
]


# -- without a run ------------------------------------------------------------------------------


@pytest.mark.parametrize(("tool", "tool_input"), EDITS)
def test_without_a_run_nothing_is_said(workspace: Workspace, tool: str, tool_input: dict[str, str]) -> None:
    assert workspace.tool(tool, **tool_input) == "silent"
    assert workspace.prompt("please write a plan") == {}
    assert workspace.prompt("/help") == {}


@pytest.mark.parametrize("python", ["/nowhere/python", "", "/bin/false"])
def test_without_a_working_kit_nothing_is_said_but_an_open_run_stays_fenced(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, python: str
) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    pointer = workspace.root / ".git/agentops/kit"
    event = json.dumps({"hook_event_name": "PreToolUse", "tool_name": "Edit", "tool_input": {"file_path": "a.py"}})
    point_to_kit(workspace.root, python) if python else pointer.unlink()
    silent = workspace.raw(event)
    runs.in_research(runs.desk_at(workspace.root))

    refused = workspace.raw(event)

    assert (silent.returncode, silent.stdout, silent.stderr) == (0, "", "")
    assert refused.returncode == 2  # the clients take 2 for a refusal, and any other failure for consent
    assert "agentops doctor" in refused.stderr
    assert workspace.raw("{}", "statusline").returncode == 0


def test_the_command_on_the_path_answers_in_place_of_the_pointer(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs.in_research(runs.desk_at(workspace.root))
    (workspace.root / ".git/agentops/kit").unlink()
    program = f'#!/bin/sh\nPYTHONPATH="{runs.CORE}" exec "{sys.executable}" -m agentops_kit "$@"\n'
    trees.write_tree(tmp_path, {"bin/agentops": program})
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    assert workspace.tool("Edit", file_path="src/app.py") == "deny"


def test_a_folder_that_is_no_repository_stays_silent(tmp_path: Path) -> None:
    assert place_shim(tmp_path / "plain").tool("Edit", file_path="a") == "silent"


def test_a_required_run_is_asked_for(workspace: Workspace) -> None:
    trees.write_tree(workspace.root, {".agentops/config.yaml": "require_run: true\n"})
    runs.in_research(runs.desk_at(workspace.root))
    lifecycle.quick(runs.desk_at(workspace.root), "small")
    lifecycle.close(runs.desk_at(workspace.root), extra=["true"])
    answer = workspace.fire("PreToolUse", tool_name="Edit", tool_input={"file_path": "src/app.py"})
    assert "wants a run first" in answer["hookSpecificOutput"]["permissionDecisionReason"]


# -- the fence ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("tool", "tool_input"), EDITS)
def test_before_an_approved_plan_writes_are_denied(workspace: Workspace, tool: str, tool_input: dict[str, str]) -> None:
    runs.in_plan(runs.desk_at(workspace.root))
    assert workspace.tool(tool, **tool_input) == "deny"


@pytest.mark.parametrize("command", ["cat src/app.py", "git log --oneline", "agentops status", "ls -la | head"])
def test_reading_is_never_hindered(workspace: Workspace, command: str) -> None:
    runs.in_research(runs.desk_at(workspace.root))
    assert workspace.tool("Bash", command=command) == "silent"
    assert workspace.tool("Read", file_path="src/app.py") == "silent"


@pytest.mark.parametrize("command", ["agentops approve", "cd src; agentops  approve --run x", "agentops reopen plan"])
def test_a_models_own_approval_is_denied(workspace: Workspace, command: str) -> None:
    runs.in_research(runs.desk_at(workspace.root))
    assert workspace.tool("Bash", command=command) == "deny"


def test_the_artefact_may_be_written_and_the_record_may_not(workspace: Workspace) -> None:
    run = runs.in_plan(runs.desk_at(workspace.root))
    assert workspace.tool("Edit", file_path=str(workspace.root / run.artefacts["plan"])) == "silent"
    assert workspace.tool("Edit", file_path=str(workspace.root / run.path)) == "deny"
    assert workspace.tool("Write", file_path=".claude/settings.json") == "deny"
    assert workspace.tool("Write", file_path=".git/agentops/state.json") == "deny"


def test_after_the_approval_the_plans_files_may_be_written_and_no_other(workspace: Workspace) -> None:
    desk = runs.desk_at(workspace.root)
    runs.in_implement(desk)
    assert workspace.tool("Edit", file_path="src/app.py") == "silent"
    assert workspace.tool_in(workspace.root / "src", "Edit", file_path="app.py") == "silent"
    assert workspace.tool("Edit", file_path="docs/greeting.md") == "deny"
    assert workspace.tool("Bash", command="grep -c '!' src/app.py") == "silent"
    lifecycle.amend(desk, ["docs/"])
    assert workspace.tool("Edit", file_path="docs/greeting.md") == "silent"


def test_the_reason_names_run_phase_and_what_to_do_instead(workspace: Workspace) -> None:
    run = runs.in_research(runs.desk_at(workspace.root))
    answer = workspace.fire("PreToolUse", tool_name="Edit", tool_input={"file_path": "src/app.py"})
    reason = answer["hookSpecificOutput"]["permissionDecisionReason"]
    assert f"run {run.id} is in phase research" in reason
    assert run.artefacts["research"] in reason


@pytest.mark.parametrize(("enforcement", "decision"), [("warn", "ask"), ("off", "silent"), ("strict", "deny")])
def test_enforcement_is_the_workspaces_and_counts_at_once(
    workspace: Workspace, enforcement: str, decision: str
) -> None:
    config = workspace.root / ".agentops/config.yaml"
    config.write_text("enforcement: off\n" if enforcement == "strict" else "enforcement: strict\n")
    runs.in_research(runs.desk_at(workspace.root))
    config.write_text(f"enforcement: '{enforcement}'  # changed by the person\n")
    assert workspace.tool("Edit", file_path="src/app.py") == decision


# -- where the session stands -------------------------------------------------------------------


def test_in_a_linked_worktree_its_own_run_counts(workspace: Workspace, tmp_path: Path) -> None:
    other = tmp_path / "other tree"
    trees.git(workspace.root, "worktree", "add", "--quiet", "-b", "side", str(other))
    runs.in_research(runs.desk_at(other))
    assert Workspace(other).tool("Edit", file_path="src/app.py") == "deny"
    assert workspace.tool("Edit", file_path="src/app.py") == "silent"


def test_on_another_branch_the_run_says_nothing(workspace: Workspace) -> None:
    runs.in_research(runs.desk_at(workspace.root))
    trees.git(workspace.root, "checkout", "--quiet", "-b", "other")
    assert workspace.tool("Edit", file_path="src/app.py") == "silent"
    trees.git(workspace.root, "checkout", "--quiet", "main")
    assert workspace.tool("Edit", file_path="src/app.py") == "deny"


def test_inherited_git_variables_do_not_redirect(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    runs.in_research(runs.desk_at(workspace.root))
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.setenv(name, "/nowhere")
    assert workspace.tool("Edit", file_path="src/app.py") == "deny"


# -- stale, damaged, gone -----------------------------------------------------------------------


def test_a_stale_state_is_compiled_again(workspace: Workspace) -> None:
    desk = runs.desk_at(workspace.root)
    runs.in_implement(desk)
    state = desk.repo.state_dir / "state.json"
    stale = state.read_bytes()
    lifecycle.amend(desk, ["docs/greeting.md"])
    state.write_bytes(stale)
    assert workspace.tool("Edit", file_path="docs/greeting.md") == "silent"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 0}'])
def test_a_damaged_state_denies_and_leaves_the_person_a_voice(workspace: Workspace, text: str) -> None:
    runs.in_research(runs.desk_at(workspace.root))
    folder = workspace.root / ".git/agentops"
    (folder / "state.json").write_text(text)
    assert workspace.tool("Edit", file_path="src/app.py") == "deny"
    assert workspace.prompt("what went wrong?") == {}
    assert (folder / "hook-errors.log").read_text()
    assert runs.agentops(workspace.root, "status").returncode == 0
    assert workspace.tool("Read", file_path="src/app.py") == "silent"


def test_a_record_edited_by_hand_denies(workspace: Workspace) -> None:
    run = runs.in_research(runs.desk_at(workspace.root))
    record = workspace.root / run.path
    record.write_text(record.read_text().replace("phase: research", "phase: quick", 1))
    assert workspace.tool("Edit", file_path="src/app.py") == "deny"


def test_a_deleted_record_denies_until_it_is_back(workspace: Workspace) -> None:
    run = runs.in_research(runs.desk_at(workspace.root))
    (workspace.root / run.path).unlink()
    answer = workspace.fire("PreToolUse", tool_name="Read", tool_input={})
    assert f"git checkout HEAD -- {run.path}" in answer["hookSpecificOutput"]["permissionDecisionReason"]
    trees.git(workspace.root, "checkout", "HEAD", "--", run.path)
    assert workspace.tool("Read") == "silent"


def test_a_run_taken_back_through_git_is_over(workspace: Workspace) -> None:
    runs.in_research(runs.desk_at(workspace.root))
    trees.git(workspace.root, "reset", "--quiet", "--hard", "HEAD~1")
    assert workspace.tool("Edit", file_path="src/app.py") == "silent"
    assert not (workspace.root / ".git/agentops/state.json").exists()


@pytest.mark.parametrize(
    ("tool", "tool_input"),
    [
        ("Edit", ["a list"]),
        ("Bash", "text"),
        ("Edit", {"file_path": "a\0b"}),
        ("Edit", {"content": "x"}),
        ("Bash", [1]),
    ],
)
def test_nonsense_is_denied(workspace: Workspace, tool: str, tool_input: object) -> None:
    runs.in_research(runs.desk_at(workspace.root))
    answer = workspace.fire("PreToolUse", tool_name=tool, tool_input=tool_input)
    assert answer["hookSpecificOutput"]["permissionDecision"] == "deny"


def test_an_event_that_is_no_json_is_denied(workspace: Workspace) -> None:
    runs.in_research(runs.desk_at(workspace.root))
    done = workspace.raw('{"hook_event_name": "PreToolUse", ')
    assert done.returncode == 0
    assert json.loads(done.stdout)["hookSpecificOutput"]["permissionDecision"] == "deny"


# -- what a person types ------------------------------------------------------------------------


def says(answer: dict[str, Any]) -> str:
    return str(answer["hookSpecificOutput"]["additionalContext"])


def test_the_whole_way_by_typing(workspace: Workspace) -> None:
    root = workspace.root
    assert "started in phase research" in says(workspace.prompt(f"/research {runs.TASK}"))
    refused = workspace.prompt("/plan Greet politely")
    assert refused["decision"] == "block"
    assert "No person has approved" in refused["reason"]
    assert "Ada Example" in says(workspace.prompt("/approve"))
    assert "is in phase plan" in says(workspace.prompt("/plan Greet politely"))
    lacking = workspace.prompt("/approve")
    assert "A slot is open" in lacking["reason"]
    runs.fill_plan(runs.desk_at(root), runs.current(runs.desk_at(root)))
    assert "the gate to implement is open" in says(workspace.prompt("/agentops:approve"))
    assert "you may write: src/app.py" in says(workspace.prompt("/implement"))
    assert "docs/" in says(workspace.prompt("/approve amend docs 'a file.txt'"))
    assert "accepted as they are" in says(workspace.prompt("/approve accept-changes because I say so"))
    assert runs.current(runs.desk_at(root)).approvals[0].how == "prompt"


def test_a_second_research_parks_the_first_run(workspace: Workspace) -> None:
    first = runs.in_research(runs.desk_at(workspace.root))
    assert f"Run {first.id} stays open" in says(workspace.prompt("/research What else?"))


def test_quick_starts_the_small_lane(workspace: Workspace) -> None:
    assert "quick lane" in says(workspace.prompt("/quick Fix the typo"))
    assert workspace.tool("Edit", file_path="src/app.py") == "silent"
    assert workspace.tool("Edit", file_path=".agentops/config.yaml") == "deny"


@pytest.mark.parametrize("prompt", ["/research", "/quick  ", "/planning", "/approved?", "no /approve here"])
def test_what_is_no_command_of_ours_passes(workspace: Workspace, prompt: str) -> None:
    runs.in_research(runs.desk_at(workspace.root))
    assert workspace.prompt(prompt) == {}


def test_paths_with_open_quotes_are_refused(workspace: Workspace) -> None:
    runs.in_research(runs.desk_at(workspace.root))
    assert "Close the quotes" in workspace.prompt("/approve amend 'a b")["reason"]


# -- the context's budget -----------------------------------------------------------------------


def transcript(folder: Path, tokens: int) -> str:
    usage = {"input_tokens": 10, "cache_creation_input_tokens": 0, "cache_read_input_tokens": tokens - 10}
    path = folder / "session.jsonl"
    path.write_text(json.dumps({"type": "assistant", "message": {"usage": usage}}) + "\n", "utf-8")
    return str(path)


def test_the_status_line_shows_phase_run_and_share(workspace: Workspace) -> None:
    run = runs.in_research(runs.desk_at(workspace.root))
    window = {"context_window_size": 1_000_000, "current_usage": {"input_tokens": 450_000}}
    done = workspace.raw(json.dumps({"session_id": "s-1", "context_window": window}), "statusline")
    assert done.stdout == f"research · {run.id} · 45% of window, limit 40% ■ over\n"


def test_at_45_percent_the_next_phase_is_refused_and_said_once(workspace: Workspace, tmp_path: Path) -> None:
    runs.in_research(runs.desk_at(workspace.root))
    workspace.prompt("/approve")
    kept = transcript(tmp_path, 90_000)
    refused = workspace.prompt("/plan Greet politely", transcript_path=kept)
    assert refused["decision"] == "block"
    assert "context is at 45% of 200,000 tokens, assumed (limit 40%)" in refused["reason"]
    first = workspace.prompt("go on", transcript_path=kept)
    assert "red" in says(first)
    assert workspace.prompt("go on", transcript_path=kept) == {}


@pytest.mark.parametrize(
    ("command", "decision"),
    [
        ("agentops plan 'Greet politely'", "deny"),
        ("cd . && agentops plan --task-file - <<'T'\nGreet\nT", "deny"),
        ("agentops research 'something else'", "deny"),
        ("agentops status", "silent"),
        ("agentops bundle save", "silent"),
        ("git log --grep agentops", "silent"),
    ],
)
def test_at_45_percent_a_model_cannot_start_the_next_phase_by_the_shell(
    workspace: Workspace, tmp_path: Path, command: str, decision: str
) -> None:
    runs.in_research(runs.desk_at(workspace.root))
    kept = transcript(tmp_path, 90_000)
    workspace.prompt("go on", transcript_path=kept)  # the notice of the band is out

    answer = workspace.fire("PreToolUse", tool_name="Bash", tool_input={"command": command}, transcript_path=kept)

    said = answer["hookSpecificOutput"]["permissionDecision"] if answer else "silent"
    assert said == decision


def test_the_saved_window_counts_in_place_of_the_default(workspace: Workspace, tmp_path: Path) -> None:
    runs.in_research(runs.desk_at(workspace.root))
    workspace.prompt("/approve")
    window = {"context_window_size": 1_000_000, "current_usage": {}}
    workspace.raw(json.dumps({"session_id": "s-1", "context_window": window}), "statusline")
    answer = workspace.prompt("/plan Greet politely", transcript_path=transcript(tmp_path, 90_000))
    assert "is in phase plan" in says(answer)


# -- the session's start ------------------------------------------------------------------------


def test_the_assistants_shell_finds_the_command(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables = tmp_path / "env"
    monkeypatch.setenv("CLAUDE_ENV_FILE", str(variables))
    python = tmp_path / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(os.path.realpath(sys.executable))
    (python.parent / "agentops").write_text("#!/bin/sh\n")
    point_to_kit(workspace.root, str(python))
    assert workspace.fire("SessionStart") == {}
    assert variables.read_text() == f'export PATH="$PATH:{python.parent}"\n'
