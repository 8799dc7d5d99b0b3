"""Codex's hook events and answers (observed with 0.169.0): Claude Code's, but a decision "ask" voids the answer.

A person names a command as ``$name``. An agent's prompt, which its parent model wrote, carries an ``agent_id``.
"""

from __future__ import annotations

import json

from agentops_kit.hooks.clients import words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_KNOWN = {"Bash": "Bash", "Edit": "Edit", "Write": "Write"}
_INTERACTIVE = frozenset(
    "vi vim nvim view nano pico emacs ed ex less more man top htop tmux screen script ssh telnet ftp sftp gdb lldb "
    "mc ranger nnn fzf dialog whiptail tig lazygit".split()
)
_ASKING = frozenset({"-p", "-i", "--patch", "--interactive", "-e", "--edit"})
_BEFORE = frozenset("sudo env exec command nohup time nice then do else if while".split())
_OWN = frozenset({"update_plan", "view_image", "tool_search"})


def heard(event: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the event in our terms."""
    del name
    if event.get("hook_event_name") == "UserPromptSubmit":
        prompt = str(event.get("prompt") or "").lstrip()
        return {**event, "prompt": f"/{prompt[1:]}" if prompt.startswith("$") else prompt}
    if event.get("hook_event_name") != "PreToolUse":
        return event
    tool, values = str(event.get("tool_name") or ""), event.get("tool_input")
    given = values if isinstance(values, dict) else {"input": str(values or "")}
    if tool == "Bash" and _talks(str(given.get("command") or "")):
        tool = "write_to_terminal"  # no hook hears what the model types into a running program
    if tool == "write_stdin" and not given.get("chars"):
        return {}  # only looks at what a running program printed
    return words.tool(event, "codex", (tool, given), _KNOWN, _OWN)


def _talks(command: str) -> bool:
    """Say whether a command may start a program that takes orders from its terminal."""
    import re

    for part in re.split(r"[|;&\n(){}]+", command):
        given = [word for word in part.split() if "=" not in word and word not in _BEFORE]
        name = given[0].rpartition("/")[2] if given else ""
        asked = name == "git" and not _ASKING.isdisjoint(given)
        if name in _INTERACTIVE or asked:
            return True
    return False


def said(answer: dict[str, Any], name: str) -> str:
    """Return our answer in the client's terms."""
    del name
    verdict, reason, _ = words.parts(answer)
    return words.with_dollar(json.dumps({"systemMessage": reason} if verdict == "ask" else answer))
