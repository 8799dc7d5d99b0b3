"""Gemini CLI's hook events and answers (observed with 0.61.0).

A prompt may be a command's text with what a file or program said in it; so none counts as typed.
"""

from __future__ import annotations

import json

from agentops_kit.hooks.clients import words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

TAKEN = "plan"
_EVENTS = {"BeforeTool": "PreToolUse", "BeforeAgent": "UserPromptSubmit"}
_KNOWN = {"run_shell_command": "Bash", "replace": "Edit", "write_file": "Write"}
_OWN = frozenset(
    "save_memory write_todos update_topic complete_task activate_skill invoke_agent ask_user "
    "enter_plan_mode exit_plan_mode".split()
)


def heard(event: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the event in our terms."""
    del name
    ours = _EVENTS.get(str(event.get("hook_event_name")), str(event.get("hook_event_name")))
    event = {**event, "hook_event_name": ours}
    if ours == "UserPromptSubmit":
        return {**event, "prompt": words.untyped(event.get("prompt"))}
    if ours != "PreToolUse":
        return event
    given = (str(event.get("tool_name") or ""), event.get("tool_input") or {})
    return words.tool(event, "gemini", given, _KNOWN, _OWN)


def said(answer: dict[str, Any], name: str) -> str:
    """Return our answer in the client's terms; it has no question to the person, so that becomes a message."""
    del name
    verdict, reason, context = words.parts(answer)
    reason, context = words.beside(words.in_a_terminal(reason), TAKEN), words.beside(context, TAKEN)
    if verdict in {"deny", "block"}:
        return json.dumps({"decision": "deny", "reason": reason})
    shown: dict[str, Any] = {"systemMessage": reason} if reason else {}
    if context:
        shown["hookSpecificOutput"] = {"additionalContext": context}
    return json.dumps(shown) if shown else ""
