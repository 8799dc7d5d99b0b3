"""What the person said in a session: prompts typed, and slash commands as they were typed."""

from __future__ import annotations

import re
from typing import Any

_REMINDER = re.compile(r"<(system-reminder|ide_\w+)>.*?</\1>", re.DOTALL)
_COMMAND = re.compile(r"<command-name>\s*(?P<name>/?[^<\s]+)\s*</command-name>")
_ARGUMENTS = re.compile(r"<command-args>(?P<words>.*?)</command-args>", re.DOTALL)
_OWN = frozenset(
    "add-dir agents bashes clear compact config context copy cost doctor effort exit export fast help hooks ide login "
    "logout mcp memory model output-style permissions plugin quit release-notes rename resume rewind skills status "
    "statusline tasks terminal-setup theme todos upgrade usage vim".split()
)
"""Commands of the client itself: they say nothing of the work."""
_MACHINE = ("<local-command-", "<task-notification>", "<bash-", "[Request interrupted", "Caveat: The messages below")


def spoken(record: dict[str, Any]) -> str:
    """Return what a person said in a user's record, empty when no person speaks there."""
    if record.get("isMeta") or record.get("isCompactSummary") or record.get("isVisibleInTranscriptOnly"):
        return ""
    message = record.get("message")
    pieces = texts(message.get("content") if isinstance(message, dict) else None)
    whole = "\n".join(pieces)
    command = _COMMAND.search(whole)
    if command:
        return _typed(command["name"].lstrip("/"), whole)
    kept = [_REMINDER.sub("", piece).strip() for piece in pieces if not piece.lstrip().startswith(_MACHINE)]
    return "\n".join(piece for piece in kept if piece)


def texts(content: object) -> list[str]:
    """Return the texts of a message's content; none when it holds a tool's result."""
    if isinstance(content, str):
        return [content]
    blocks = [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []
    if any(block.get("type") == "tool_result" for block in blocks):
        return []
    return [block["text"] for block in blocks if isinstance(block.get("text"), str)]


def _typed(name: str, whole: str) -> str:
    if name in _OWN:
        return ""
    found = _ARGUMENTS.search(whole)
    words = found["words"].strip() if found else ""
    return f"/{name} {words}".strip()
