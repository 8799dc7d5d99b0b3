"""Copilot CLI's hook events and answers (observed with 1.0.102); an event's name stands on the command line.

An agent's prompt, which its parent model wrote, carries an ``agentId``. A command that a person types arrives as it was
typed, or, once the client has read its skills, as the skill's text in a frame of the client's own.
"""

from __future__ import annotations

import json
import re

from agentops_kit.hooks.clients import words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

TAKEN = "plan|research"
_EVENTS = {"preToolUse": "PreToolUse", "userPromptSubmitted": "UserPromptSubmit", "sessionStart": "SessionStart"}
_KNOWN = {"bash": "Bash", "create": "Write", "edit": "Edit", "str_replace_editor": "Edit", "str_replace": "Edit"}
_OWN = frozenset({"report_intent", "update_todo", "store_memory", "sql", "task", "skill", "ask_user", "exit_plan_mode"})
_FRAMED = re.compile(
    r'The user explicitly invoked the "/(?P<name>[\w-]+)" skill\. .*?<skill-context name="(?P=name)">'
    r"(?:.*\n\nARGUMENTS: (?P<words>.*?)|.*?)\s*</skill-context>\s*",
    re.DOTALL,
)
"""What the client makes of a typed command; the words come last."""


def heard(event: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the event in our terms."""
    ours = _EVENTS.get(name, name)
    facts = {"session_id": event.get("sessionId"), "agent_id": event.get("agentId") or event.get("parentAgentId")}
    event = {**event, "hook_event_name": ours, **facts}
    if ours == "UserPromptSubmit":
        return {**event, "prompt": _typed(str(event.get("prompt") or ""))}
    if ours != "PreToolUse":
        return event
    return words.tool(event, "copilot", (str(event.get("toolName") or ""), _arguments(event)), _KNOWN, _OWN)


def _typed(prompt: str) -> str:
    """Return the command as the person typed it, where the client has put a skill's text in its place."""
    framed = _FRAMED.fullmatch(prompt)
    return f"/{framed['name']} {framed['words'] or ''}".strip() if framed else prompt


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
