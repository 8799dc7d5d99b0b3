"""What several clients' events and answers have in common, as the dispatcher speaks: in Claude Code's terms.

On the hook's hot path: standard library only, and little of it.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import Any

_FOLDER_KEYS = ("workdir", "dir_path", "directory", "cwd")
_COMMANDS = "research|plan|implement|quick|approve|bundle-save|bundle-load|learn|prime|validate"
_PATCHED = ("*** Add File: ", "*** Update File: ", "*** Delete File: ", "*** Move to: ")


def tool(
    event: dict[str, Any],
    client: str,
    given: tuple[str, dict[str, Any]],
    known: Mapping[str, str],
    own: Collection[str],
) -> dict[str, Any]:
    """Return the event of a tool call in our terms.

    ``known`` maps the client's tools to ours; its ``own`` ones write nothing here; any other is judged by its words.
    """
    name, values = given
    patch = next((values[key] for key in ("patchText", "patch", "input", "command") if _is_patch(values.get(key))), "")
    if patch and (name not in known or known[name] == "Bash"):
        said = {"tool_name": "Edit", "tool_input": {"paths": patched(patch)}}
    elif name in known:
        path = values.get("filePath") or values.get("file_path") or values.get("path")
        said = {"tool_name": known[name], "tool_input": {**values, "file_path": path}}
    elif name in own:
        said = {"tool_name": name, "tool_input": values}
    else:
        said = {"tool_name": name if name.startswith("mcp__") else f"mcp__{client}__{name}", "tool_input": values}
    return {**event, "hook_event_name": "PreToolUse", "cwd": _folder(event, values), **said}


def _folder(event: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    """Return where a call happens: the session's folder, or the one the call names."""
    named = next((values[key] for key in _FOLDER_KEYS if isinstance(values.get(key), str)), "")
    return os.path.join(str(event.get("cwd") or ""), named) if named else str(event.get("cwd") or "")  # noqa: PTH118


def _is_patch(text: object) -> bool:
    """Say whether a text is a patch of the form with stars, alone or handed to the program that applies it."""
    if not isinstance(text, str) or "*** Begin Patch" not in text or "*** End Patch" not in text:
        return False
    before, _, rest = text.partition("*** Begin Patch")
    words = before.split()
    alone = not words or (words[0] in {"apply_patch", "applypatch"} and len(words) == 2 and words[1].startswith("<<"))  # noqa: PLR2004
    behind = rest.partition("*** End Patch")[2].split()
    return alone and len(behind) <= 1 and (not behind or behind[0] in "".join(words))


def patched(text: str) -> list[str]:
    """Return the paths that a patch names."""
    lines = (line.strip() for line in text.splitlines())
    return [line.removeprefix(mark).strip() for line in lines for mark in _PATCHED if line.startswith(mark)]


def untyped(prompt: object) -> str:
    """Return a prompt that may hold more than a person typed: a command of ours in front of it counts for nothing."""
    text = str(prompt or "")
    return "" if text.lstrip().startswith("/") else text


def with_dollar(answer: str) -> str:
    """Return an answer that names our commands as Codex takes them."""
    import re

    return re.sub(rf"(?<![\w/.])/({_COMMANDS})\b(?!/|\.\w)", r"$\1", answer)


def beside(answer: str, taken: str) -> str:
    """Return an answer that calls our commands by another name where the client has its own (``plan|research``)."""
    import re

    return re.sub(rf"(?<![\w/.])/({taken})\b(?!/|\.\w)", r"/agentops-\1", answer)


def in_a_terminal(answer: str) -> str:
    """Return an answer that sends a person to a terminal for what no prompt can do here."""
    import re

    exact = re.sub(r"`/approve (amend|accept-changes)", r"`agentops approve --\1", answer)
    return re.sub(r"(?<![\w/.`])/(approve|quick)\b(?!/|\.\w)", r"`agentops \1` in a terminal", exact)


def parts(answer: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return an answer's verdict (deny, block, ask or none), its reason, and what it adds to the context."""
    specific = answer.get("hookSpecificOutput") or {}
    verdict = specific.get("permissionDecision") or answer.get("decision") or ""
    reason = specific.get("permissionDecisionReason") or answer.get("reason") or answer.get("systemMessage") or ""
    return str(verdict), str(reason), str(specific.get("additionalContext") or "")
