"""Each client's events in our terms, and our answers in theirs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agentops_kit.hooks import answers
from agentops_kit.hooks.clients import codex, copilot, gemini, opencode, qwen, words

PATCH = "*** Begin Patch\n*** Add File: new.txt\n+x\n*** Update File: old.txt\n*** Move to: moved.txt\n*** End Patch"
DENIED = json.loads(answers.tool_decision("deny", "Ask for /approve."))
ASKED = json.loads(answers.tool_decision("ask", "Is that so?"))
BLOCKED = json.loads(answers.block("No run."))
TOLD = json.loads(answers.context("UserPromptSubmit", "run x started"))


def tool(client: Any, name: str, given: dict[str, Any], **more: Any) -> tuple[str, dict[str, Any]]:
    event = {"hook_event_name": {gemini: "BeforeTool"}.get(client, "PreToolUse"), "cwd": "/w", **more}
    said = {"toolName": name, "toolArgs": given} if client is copilot else {"tool_name": name, "tool_input": given}
    heard = client.heard({**event, **said}, "preToolUse" if client is copilot else "")
    return heard.get("tool_name", ""), heard.get("tool_input", {})


@pytest.mark.parametrize(
    ("client", "name", "given", "ours", "path"),
    [
        (codex, "Bash", {"command": "ls"}, "Bash", None),
        (gemini, "run_shell_command", {"command": "ls"}, "Bash", None),
        (gemini, "write_file", {"file_path": "a"}, "Write", "a"),
        (gemini, "replace", {"file_path": "a"}, "Edit", "a"),
        (qwen, "edit", {"file_path": "a"}, "Edit", "a"),
        (qwen, "run_shell_command", {"command": "ls"}, "Bash", None),
        (opencode, "write", {"filePath": "a"}, "Write", "a"),
        (opencode, "multiedit", {"filePath": "a"}, "Edit", "a"),
        (opencode, "bash", {"command": "ls"}, "Bash", None),
        (copilot, "create", {"path": "a"}, "Write", "a"),
        (copilot, "bash", {"command": "ls"}, "Bash", None),
    ],
)
def test_a_tool_has_our_name(client: Any, name: str, given: dict[str, Any], ours: str, path: str | None) -> None:
    heard, values = tool(client, name, given)

    assert heard == ours
    assert values["file_path"] == path
    assert values.get("command") == given.get("command")


@pytest.mark.parametrize("client", [codex, gemini, qwen, opencode, copilot])
def test_a_tool_nobody_knows_is_judged_by_its_words(client: Any) -> None:
    assert tool(client, "mcp__files__write_file", {"path": "a"})[0] == "mcp__files__write_file"
    assert tool(client, "delete_everything", {})[0].startswith("mcp__")


@pytest.mark.parametrize(
    ("client", "name"),
    [
        (gemini, "save_memory"),
        (qwen, "todo_write"),
        (opencode, "todowrite"),
        (copilot, "update_todo"),
        (codex, "update_plan"),
    ],
)
def test_a_clients_own_notes_are_no_writes(client: Any, name: str) -> None:
    assert tool(client, name, {"x": 1}) == (name, {"x": 1})


@pytest.mark.parametrize(
    ("client", "name", "key", "text"),
    [
        (codex, "apply_patch", "command", PATCH),
        (codex, "Bash", "command", f"apply_patch <<'EOF'\n{PATCH}\nEOF\n"),
        (opencode, "apply_patch", "patchText", PATCH),
        (copilot, "apply_patch", "input", PATCH),
    ],
)
def test_a_patch_is_an_edit_of_the_files_it_names(client: Any, name: str, key: str, text: str) -> None:
    assert tool(client, name, {key: text}) == ("Edit", {"paths": ["new.txt", "old.txt", "moved.txt"]})


@pytest.mark.parametrize(
    "command",
    [
        f"apply_patch <<'EOF'\n{PATCH}\nEOF\nrm -rf src",
        f"rm -rf src; apply_patch <<'EOF'\n{PATCH}\nEOF",
        f"cat <<'EOF'\n{PATCH}\nEOF",
        "apply_patch <<'EOF'\n*** Begin Patch\n",
    ],
)
def test_a_shell_line_that_does_more_than_patch_stays_a_shell_line(command: str) -> None:
    heard, values = tool(codex, "Bash", {"command": command})

    assert (heard, values["command"]) == ("Bash", command)


@pytest.mark.parametrize(
    "command", ["vim a.py", "ls && less a.py", "sudo tmux", "A=1 script -q x", "git add -p", "/usr/bin/top"]
)
def test_codex_types_into_no_program(command: str) -> None:
    assert tool(codex, "Bash", {"command": command})[0] == "mcp__codex__write_to_terminal"


@pytest.mark.parametrize("command", ["grep less a.py", "git add a.py", "cat man.txt", "", "( )"])
def test_codex_may_name_such_a_program(command: str) -> None:
    assert tool(codex, "Bash", {"command": command})[0] == "Bash"


def test_codex_may_look_at_a_running_program() -> None:
    assert tool(codex, "write_stdin", {"chars": ""})[0] == ""
    assert tool(codex, "write_stdin", {"chars": "echo x > a"})[0] == "mcp__codex__write_stdin"
    assert tool(codex, "list_things", "free text")[0] == "mcp__codex__list_things"  # type: ignore[arg-type]


@pytest.mark.parametrize(("key", "folder"), [("dir_path", "sub"), ("directory", "sub"), ("workdir", "/elsewhere")])
def test_a_call_happens_in_the_folder_it_names(key: str, folder: str) -> None:
    event = {"hook_event_name": "BeforeTool", "cwd": "/w", "tool_name": "run_shell_command"}

    heard = gemini.heard({**event, "tool_input": {"command": "ls", key: folder}}, "")

    assert heard["cwd"] == ("/w/sub" if folder == "sub" else folder)


# -- prompts -------------------------------------------------------------------------------------


def test_a_person_names_a_command_in_codex_with_a_dollar() -> None:
    heard = codex.heard({"hook_event_name": "UserPromptSubmit", "prompt": " $approve fine"}, "")

    assert heard["prompt"] == "/approve fine"
    assert codex.heard({"hook_event_name": "UserPromptSubmit", "prompt": "how?"}, "")["prompt"] == "how?"


@pytest.mark.parametrize(("client", "name"), [(gemini, "BeforeAgent"), (qwen, "UserPromptSubmit")])
def test_an_expanded_prompt_is_no_command(client: Any, name: str) -> None:
    assert client.heard({"hook_event_name": name, "prompt": "\n/approve"}, "")["prompt"] == ""
    assert client.heard({"hook_event_name": name, "prompt": "how?"}, "")["prompt"] == "how?"


def test_copilots_event_is_named_on_the_command_line() -> None:
    heard = copilot.heard({"sessionId": "s", "prompt": "/approve", "agentId": "a", "cwd": "/w"}, "userPromptSubmitted")

    assert (heard["hook_event_name"], heard["session_id"], heard["agent_id"]) == ("UserPromptSubmit", "s", "a")


@pytest.mark.parametrize(("given", "path"), [('{"path": "a"}', "a"), ("{broken", None), ("[1]", None), (None, None)])
def test_copilots_arguments_may_be_a_text(given: object, path: str | None) -> None:
    heard = copilot.heard({"toolName": "create", "toolArgs": given, "cwd": "/w"}, "preToolUse")

    assert heard["tool_input"]["file_path"] == path


@pytest.mark.parametrize("client", [codex, gemini, qwen, opencode])
def test_another_event_passes_as_it_is(client: Any) -> None:
    event = {"hook_event_name": "SessionStart", "source": "startup"}

    assert client.heard(event, "") == event


# -- answers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("client", "name", "answer", "said"),
    [
        (codex, "", ASKED, {"systemMessage": "Is that so?"}),
        (codex, "", TOLD, TOLD),
        (gemini, "", DENIED, {"decision": "deny", "reason": "Ask for `agentops approve` in a terminal."}),
        (gemini, "", BLOCKED, {"decision": "deny", "reason": "No run."}),
        (gemini, "", ASKED, {"systemMessage": "Is that so?"}),
        (gemini, "", TOLD, {"hookSpecificOutput": {"additionalContext": "run x started"}}),
        (qwen, "", ASKED, ASKED),
        (opencode, "", DENIED, {"deny": "Ask for `agentops approve` in a terminal."}),
        (opencode, "", ASKED, {"warn": "Is that so?"}),
        (copilot, "preToolUse", ASKED, {"permissionDecision": "ask", "permissionDecisionReason": "Is that so?"}),
        (copilot, "userPromptSubmitted", BLOCKED, BLOCKED),
        (copilot, "userPromptSubmitted", TOLD, {"additionalContext": "run x started"}),
    ],
)
def test_an_answer_is_said_as_the_client_reads_it(client: Any, name: str, answer: Any, said: Any) -> None:
    assert json.loads(client.said(answer, name)) == said


def test_a_refusal_names_the_command_as_people_type_it() -> None:
    assert "Ask for $approve." in codex.said(DENIED, "")
    assert "Ask for /approve." in copilot.said(DENIED, "preToolUse")
    assert "agentops approve" in qwen.said(DENIED, "")


def test_an_answer_calls_ours_by_the_name_that_is_free() -> None:
    told = json.loads(answers.context("UserPromptSubmit", "Next: /clear, then /plan or /implement."))

    assert "then /agentops-plan or /implement." in gemini.said(told, "")
    assert "then /agentops-plan or /implement." in copilot.said(told, "userPromptSubmitted")


def test_a_path_is_no_command() -> None:
    assert words.with_dollar("see docs/plan/x, /plan/x, ./plan and /plan.md") == (
        "see docs/plan/x, /plan/x, ./plan and /plan.md"
    )
    assert words.with_dollar("type `/approve amend a.py`.") == "type `$approve amend a.py`."
    assert words.in_a_terminal("type `/approve amend a.py`.") == "type `agentops approve --amend a.py`."


@pytest.mark.parametrize(
    ("client", "name"), [(opencode, ""), (copilot, "preToolUse"), (copilot, "sessionStart"), (gemini, "")]
)
def test_nothing_to_say_is_silence(client: Any, name: str) -> None:
    assert client.said({}, name) == ""
