"""Copilot CLI's hook events and answers (observed with 1.0.102); an event's name stands on the command line.

An agent's prompt, which its parent model wrote, carries an ``agentId``.
"""

from __future__ import annotations

import json

from agentops_kit.hooks.clients import words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

TAKEN = "plan|research"
_EVENTS = {"preToolUse": "PreToolUse", "userPromptSubmitted": "UserPromptSubmit", "sessionStart": "SessionStart"}
_KNOWN = {"bash": "Bash", "create": "Write", "edit": "Edit", "str_replace_editor": "Edit", "str_replace": "Edit"}
_OWN = frozenset({"report_intent", "update_todo", "store_memory", "sql", "task", "skill", "ask_user", "exit_plan_mode"})


def heard(event: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the event in our terms."""
    ours = _EVENTS.get(name, name)
    facts = {"session_id": event.get("sessionId"), "agent_id": event.get("agentId") or event.get("parentAgentId")}
    event = {**event, "hook_event_name": ours, **facts}
    if ours != "PreToolUse":
        return event
    return words.tool(event, "copilot", (str(event.get("toolName") or ""), _arguments(event)), _KNOWN, _OWN)


def _arguments(event: dict[str, Any]) -> dict[str, Any]:
    given = event.get("toolArgs")
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except ValueError:
            given = {"input": given}
    return given if isinstance(given, dict) else {}


def said(answer: dict[str, Any], name: str) -> str:
    """Return our answer in the client's terms."""
    verdict, reason, context = (words.beside(text, TAKEN) for text in words.parts(answer))
    if name == "preToolUse":
        return json.dumps({"permissionDecision": verdict, "permissionDecisionReason": reason}) if verdict else ""
    if verdict == "block":
        return json.dumps({"decision": "block", "reason": reason})
    return json.dumps({"additionalContext": context}) if context else ""
