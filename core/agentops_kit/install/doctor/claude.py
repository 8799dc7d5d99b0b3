"""Claude Code: which of our hooks it loads where, and how it speaks to them (observed with 2.1.197)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from agentops_kit.assistants import claude
from agentops_kit.content import frontmatter
from agentops_kit.errors import ContentInvalid
from agentops_kit.install.doctor.clients import Act, Hook

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from agentops_kit.ports import RenderedFile

TITLE = "Claude Code"
BELOW = True
READ = (claude.SETTINGS, claude.LOCAL_SETTINGS, claude.SHIM, ".claude/commands", ".claude/agents")
_SETTINGS = (claude.SETTINGS, claude.LOCAL_SETTINGS)
_STATUS_LINE = "statusLine"
_CARRYING = ("commands", "agents")
_REFUSES = 2


def _tool(name: str, **given: str) -> dict[str, Any]:
    return {"tool_name": name, "tool_input": given}


ACTS = (
    Act("a write", "PreToolUse", _tool("Write", file_path="{place}/doctor.txt", content="x")),
    Act("a shell write", "PreToolUse", _tool("Bash", command="echo x > doctor.txt")),
    Act("a write by an MCP tool", "PreToolUse", _tool("mcp__files__write_file", path="{place}/doctor.txt")),
    Act("a model's approval", "PreToolUse", _tool("Bash", command="agentops approve")),
    Act("the next phase too early", "UserPromptSubmit", {"prompt": "/plan Go on"}),
    Act("a read", "PreToolUse", _tool("Bash", command="git status"), "silent"),
    Act("the run's own bundle", "PreToolUse", _tool("Edit", file_path="{artefact}"), "silent"),
    Act("a person's words", "UserPromptSubmit", {"prompt": "How does it start?"}, "silent"),
    Act("a session's start", "SessionStart", {"source": "startup"}, "silent"),
    Act("a compaction", "PreCompact", {"trigger": "manual", "custom_instructions": ""}, "silent"),
    Act("the status line", _STATUS_LINE, {"model": {"id": "x"}, "context_window": {}}, "speaks"),
)


def loaded(root: Path, *, below: bool) -> tuple[Hook, ...]:
    """Return our hooks that a session loads: below the root only those that commands and agents bring along."""
    if below:
        files = (path for folder in _CARRYING for path in sorted((root / ".claude" / folder).rglob("*.md")))
        return tuple(one for path in files for one in _hooks(_front(path), path.relative_to(root).as_posix()))
    return tuple(one for name in _SETTINGS for one in _hooks(_values(root / name), name))


def unread(root: Path) -> dict[str, str]:
    """Return the settings files that are not plain JSON: the client skips them, and every hook in them."""
    found = {}
    for name in _SETTINGS:
        path = root / name
        try:
            if path.is_file() and path.read_bytes().strip():
                json.loads(path.read_text(encoding="utf-8-sig"))
        except (ValueError, OSError) as error:
            found[name] = f"not plain JSON ({error})"
    return found


def lacking(root: Path, placed: Iterable[RenderedFile]) -> tuple[str, ...]:
    """Return a sentence for each event without its hook, and each command and agent that lost its own."""
    there = {_key(one) for one in loaded(root, below=False)}
    wanted = _hooks(claude.settings(), claude.SETTINGS)
    sentences = [f"{one.source} has no hook for {one.event}" for one in wanted if _key(one) not in there]
    for file in placed:
        hooks = _hooks(frontmatter.parse(file.content.decode(), file.path).values, file.path)
        own = {_key(one) for one in _hooks(_front(root / file.path), file.path)}
        sentences += [f"{file.path} has no hook for {one.event}" for one in hooks if _key(one) not in own]
    return tuple(sentences)


def hears(hook: Hook, act: Act) -> bool:
    """Say whether a hook is run for an act: a matcher is a list of names with ``|``, or a pattern."""
    if hook.event != act.event:
        return False
    return hook.matcher in {"", "*"} or bool(re.fullmatch(hook.matcher, str(act.fields.get("tool_name", ""))))


def event(act: Act, place: Path, artefact: str) -> bytes:
    """Return the JSON that the client writes to the hook's standard input."""
    facts = {"hook_event_name": act.event, "cwd": str(place), "session_id": "doctor", "transcript_path": ""}
    text = json.dumps({**facts, **act.fields})
    for slot, value in (("{place}", str(place)), ("{artefact}", artefact)):
        text = text.replace(slot, json.dumps(value)[1:-1])
    return text.encode()


def variables(place: Path) -> dict[str, str]:
    """Return the variables a hook gets."""
    return {"CLAUDE_PROJECT_DIR": str(place), "CLAUDECODE": "1"}


def outcome(status: int, words: str) -> str:
    """Return refused, asked, silent, or what was said; a failure with another status than 2 lets the act through."""
    if status == _REFUSES:
        return "refused"
    if status:
        return f"exit {status}: {words}"
    if not words:
        return "silent"
    try:
        answer = json.loads(words)
    except ValueError:
        return words
    return {"deny": "refused", "block": "refused", "ask": "asked"}.get(_decided(answer), words)


def _decided(answer: Any) -> str:
    """Return the decision that the client reads in an answer; one under a wrong event's name counts for nothing."""
    given = answer if isinstance(answer, dict) else {}
    specific = given.get("hookSpecificOutput")
    if isinstance(specific, dict) and specific.get("hookEventName") == "PreToolUse":
        return str(specific.get("permissionDecision", ""))
    return str(given.get("decision", ""))


def _key(hook: Hook) -> tuple[str, str, str]:
    return hook.event, hook.matcher, hook.command


def _front(path: Path) -> dict[str, Any]:
    try:
        return frontmatter.parse(path.read_text(encoding="utf-8"), str(path)).values
    except (ContentInvalid, OSError, UnicodeDecodeError):
        return {}


def _values(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, OSError):
        return {}


def _hooks(values: Any, source: str) -> list[Hook]:
    if not isinstance(values, dict):
        return []
    found = [one for one in _entries(values.get("hooks"), source) if claude.SHIM in one.command]
    line = values.get(_STATUS_LINE)
    command = str(line.get("command", "")) if isinstance(line, dict) else ""
    return [*found, Hook(_STATUS_LINE, "", command, source)] if claude.SHIM in command else found


def _entries(hooks: Any, source: str) -> Iterator[Hook]:
    for name, groups in (hooks if isinstance(hooks, dict) else {}).items():
        for group in groups if isinstance(groups, list) else ():
            entries: Mapping[str, Any] = group if isinstance(group, dict) else {}
            for entry in entries.get("hooks") or ():
                if isinstance(entry, dict):
                    yield Hook(str(name), str(entries.get("matcher") or ""), str(entry.get("command", "")), source)
