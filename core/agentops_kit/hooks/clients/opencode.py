"""opencode's events and answers, as our plugin hands them on (observed with 1.18.33).

What stands under ``deny`` is thrown, what stands under ``warn`` is shown to the person.
"""

from __future__ import annotations

import json

from agentops_kit.hooks.clients import words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_KNOWN = {"bash": "Bash", "edit": "Edit", "multiedit": "Edit", "write": "Write"}
_OWN = frozenset({"todowrite", "task", "skill", "question", "invalid", "plan_exit"})


def heard(event: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the event in our terms."""
    del name
    if event.get("hook_event_name") != "PreToolUse":
        return event
    given = (str(event.get("tool_name") or ""), event.get("tool_input") or {})
    return words.tool(event, "opencode", given, _KNOWN, _OWN)


def said(answer: dict[str, Any], name: str) -> str:
    """Return our answer in the plugin's terms."""
    del name
    verdict, reason, _ = words.parts(answer)
    key = {"deny": "deny", "block": "deny", "ask": "warn"}.get(verdict)
    return json.dumps({key: words.in_a_terminal(reason)}) if key else ""
