"""The harness itself: the real client, the scripted model and the terminal do what the other tests rely on."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.support import clients, trees
from tests.support.claude_client import ACCEPT_EDITS, CONTINUE, open_claude, run_claude
from tests.support.script import FORTY_FIVE_PERCENT, Json, Lane, act, call, fail, say
from tests.support.scripted_model import ScriptedModel
from tests.support.terminal import Terminal

pytestmark = pytest.mark.e2e

COMMAND = """\
---
description: Look around. Use when asked.
allowed-tools: Bash(echo:*)
---
RESEARCH [$ARGUMENTS]
!`echo shell-$((40 + 2)) 2>&1 || true`
"""
AGENT = """\
---
name: {name}
description: Finds things. Use when asked.
tools: Read
---
You are the {name}.
"""
DENY = """\
#!/bin/sh
cat >/dev/null
echo '{"hookSpecificOutput": {"hookEventName": "PreToolUse", "permissionDecision": "deny",
  "permissionDecisionReason": "GATE: read only"}}'
"""
SETTINGS = json.dumps(
    {
        "hooks": {"PreToolUse": [{"matcher": "Write", "hooks": [{"type": "command", "command": "./.claude/deny"}]}]},
        "statusLine": {"type": "command", "command": 'echo status-of-$(basename "$CLAUDE_PROJECT_DIR")'},
    },
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a repository with a command, two agents, a hook that denies writing, and a status line."""
    files = {
        ".claude/commands/research.md": COMMAND,
        ".claude/agents/locator.md": AGENT.format(name="locator"),
        ".claude/agents/analyser.md": AGENT.format(name="analyser"),
        ".claude/deny": DENY,
        ".claude/settings.json": SETTINGS,
    }
    return trees.make_repo(tmp_path / "a project", files)


def test_a_command_expands_and_its_shell_line_runs(project: Path) -> None:
    run = run_claude('/research alpha "beta"', project, [Lane("main", [say("FINAL")])])

    assert (run.status, run.result, run.stderr) == (0, "FINAL", "")
    assert run.told('RESEARCH [alpha "beta"]')
    assert run.told("shell-42")


def test_a_denied_tool_call_is_a_result_with_the_reason(project: Path) -> None:
    script = [Lane("main", [act(call("Write", file_path=str(project / "x.txt"), content="x")), say("FINAL")])]

    run = run_claude("write it", project, script, args=ACCEPT_EDITS)

    [given] = run.tool_results
    assert given.is_error
    assert given.text.endswith("GATE: read only")
    assert not (project / "x.txt").exists()
    assert run.result == "FINAL"


def test_a_call_without_permission_is_a_denial_of_the_client(project: Path) -> None:
    script = [Lane("main", [act(call("Bash", command="touch x.txt", description="touch")), say("FINAL")])]

    run = run_claude("touch it", project, script)

    assert [denial["tool_name"] for denial in run.denials] == ["Bash"]
    assert not (project / "x.txt").exists()


def test_agents_called_in_one_turn_start_together(project: Path) -> None:
    names = ("locator", "analyser")
    launch = act(*(call("Agent", subagent_type=name, description="find", prompt="go") for name in names))
    finders = [
        Lane(name, [say(f"{name} found it", delay=0.5)], when={"system": f"You are the {name}"}) for name in names
    ]

    run = run_claude("look", project, [*finders, Lane("main", [launch, say("FINAL")])])

    starts = [request.at for name in names for request in run.asked(name)]
    assert len(starts) == 2
    assert abs(starts[0] - starts[1]) < 0.4
    assert run.told("locator found it")
    assert run.told("analyser found it")


def test_usage_from_the_script_fills_the_window_and_a_conversation_goes_on(project: Path) -> None:
    first = run_claude("one", project, [Lane("main", [say("ONE", usage=FORTY_FIVE_PERCENT)])])

    second = run_claude("two", project, [Lane("main", [say("TWO")])], args=CONTINUE)

    assert round(first.context_use, 2) == 0.45
    assert second.told("ONE")
    assert second.final["session_id"] == first.final["session_id"]


def test_a_failing_model_is_asked_again(project: Path) -> None:
    run = run_claude("try", project, [Lane("main", [fail(529), say("FINAL")], in_order=True)])

    assert [request.turn for request in run.requests] == [0, 1]
    assert run.result == "FINAL"


def test_a_request_no_lane_wants_says_so(project: Path) -> None:
    run = run_claude("hello", project, [Lane("other", [say("x")], when={"any_user": "never said"})])

    assert run.result == "The script has no lane for this request."


def test_the_terminal_shows_prompt_answer_and_status_line(project: Path, isolated_environment: Path) -> None:
    with ScriptedModel([Lane("main", [say("FINAL")])]) as model, open_claude(project, model) as terminal:
        terminal.submit("/research alpha")
        screen = terminal.wait_for("FINAL")

    assert "/research alpha" in screen
    assert "status-of-a project" in screen
    assert "RESEARCH [alpha]" in model.requests[-1].text
    assert model.strays == ()
    assert _processes_at_home(isolated_environment) == []


def test_a_headless_run_leaves_no_process(project: Path, isolated_environment: Path) -> None:
    run_claude("hello", project, [Lane("main", [say("FINAL")])])

    assert _processes_at_home(isolated_environment) == []


def test_the_terminal_fails_with_what_it_shows(tmp_path: Path) -> None:
    with (
        Terminal(["sh", "-c", "echo ready; sleep 60"], cwd=tmp_path, env=os.environ) as terminal,
        pytest.raises(AssertionError, match=r"(?s)did not show 'never' in 0\.2 s.*ready"),
    ):
        terminal.wait_for("never", timeout=0.2)


def test_the_model_counts_answers_since_the_person_spoke() -> None:
    spoke: Json = {"role": "user", "content": "go"}
    answered: Json = {"role": "assistant", "content": "ok"}
    note: Json = {"role": "user", "content": [{"type": "text", "text": "<task-notification> done"}]}
    with ScriptedModel([Lane("main", [say("first"), say("second"), say("third")])]) as model:
        texts = [
            _ask(model, [spoke]),
            _ask(model, [spoke, answered, note]),
            _ask(model, [spoke, answered, note, answered, spoke]),
        ]

    assert texts == ["first", "second", "first"]


def test_the_model_lists_what_it_was_not_made_for() -> None:
    with ScriptedModel([]) as model, pytest.raises(urllib.error.HTTPError, match="404") as refused:
        urllib.request.urlopen(f"{model.url}/v1/models", timeout=5)
    refused.value.close()

    assert model.strays == ("GET /v1/models",)


@pytest.mark.parametrize(("in_ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_a_missing_client_skips_and_in_ci_fails(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    in_ci: str,
    outcome: type[BaseException],
) -> None:
    monkeypatch.setattr(clients, "CLIENTS", tmp_path)
    monkeypatch.setenv("CI", in_ci)

    with pytest.raises(outcome, match=r"run scripts/clients\.sh"):
        clients.claude_binary()


def test_the_installer_of_clients_says_what_is_missing(tmp_path: Path) -> None:
    script = Path(__file__).parents[2] / "scripts" / "clients.sh"

    done = subprocess.run(
        ["/bin/bash", script],
        env={"HOME": str(tmp_path), "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 3
    assert done.stdout == ""
    assert done.stderr == "clients.sh: npm was not found; install Node.js 20 or newer, which brings it.\n"


def _ask(model: ScriptedModel, messages: list[Json]) -> str:
    body = json.dumps({"model": "m", "messages": messages}).encode()
    with urllib.request.urlopen(f"{model.url}/v1/messages", data=body, timeout=5) as reply:
        return str(json.load(reply)["content"][0]["text"])


def _processes_at_home(home: Path) -> list[str]:
    """Return the command lines of living processes whose environment has this HOME, apart from our own."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            surroundings = (process / "environ").read_bytes().split(b"\0")
            words = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if f"HOME={home}".encode() in surroundings and int(process.name) != os.getpid():
            found.append(words)
    return found
