"""Qwen Code's hook events and answers (observed with 0.15.10): Claude Code's, with other tools.

A prompt may be a command's text with what a file or program said in it; so none counts as typed.
"""

from __future__ import annotations

import json

from agentops_kit.hooks.clients import words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_KNOWN = {
    "run_shell_command": "Bash",
    "edit": "Edit",
    "write_file": "Write",
    "replace": "Edit",
    "notebook_edit": "NotebookEdit",
}
_OWN = frozenset({"todo_write", "save_memory", "exit_plan_mode", "task", "agent", "skill", "ask_user_question"})


def heard(event: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the event in our terms."""
    del name
    if event.get("hook_event_name") == "UserPromptSubmit":
        return {**event, "prompt": words.untyped(event.get("prompt"))}
    if event.get("hook_event_name") != "PreToolUse":
        return event
    given = (str(event.get("tool_name") or ""), event.get("tool_input") or {})
    return words.tool(event, "qwen", given, _KNOWN, _OWN)


def said(answer: dict[str, Any], name: str) -> str:
    """Return our answer, which the client reads as it is."""
    del name
    return words.in_a_terminal(json.dumps(answer))
