"""The assistants whose hooks call one script from the root's settings: how each speaks, as a value.

What loads where was observed with the versions that the assistants' modules name.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agentops_kit.assistants import agents, base, codex, copilot, gemini, opencode, qwen
from agentops_kit.errors import AgentOpsError
from agentops_kit.install.doctor.clients import Act, Hook
from agentops_kit.install.jsonc import Document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from agentops_kit.ports import RenderedFile

_REFUSES = 2
_EARLY = "the next phase too early"


@dataclass(frozen=True)
class Spoken:
    """One assistant: its tools, its events by our names, and the files it reads hooks from."""

    NAME: str
    TITLE: str
    SOURCES: tuple[str, ...]
    write: tuple[str, Mapping[str, str]]
    """The tool that writes a file, and its arguments with ``{path}`` for the file."""
    shell: str
    events: Mapping[str, str]
    typed: str = ""
    """What stands in front of a command that a person types; "" where no prompt counts as typed."""
    flat: bool = False
    """Whether an event has Copilot's fields, and its name on the command line."""
    strict: bool = False
    """Whether settings with comments are skipped as a whole."""
    BELOW: bool = True
    """Whether a session that starts below the root loads them."""
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def READ(self) -> tuple[str, ...]:  # noqa: N802 - a client's module has it as a constant
        """The files and folders of the workspace that hold hooks."""
        return (*self.SOURCES, agents.SHIM)

    @property
    def ACTS(self) -> tuple[Act, ...]:  # noqa: N802
        """What a model or a person does, and what has to come of it."""
        return tuple(self._acts())

    def _acts(self) -> Iterator[Act]:
        before = self.events["PreToolUse"]
        yield Act("a write", before, self._writing("{place}/doctor.txt"))
        yield Act("a shell write", before, self._tool(self.shell, {"command": "echo x > doctor.txt"}))
        yield Act(
            "a write by an MCP tool", before, self._tool("mcp__files__write_file", {"path": "{place}/doctor.txt"})
        )
        yield Act("a model's approval", before, self._tool(self.shell, {"command": "agentops approve"}))
        yield Act("a read", before, self._tool(self.shell, {"command": "git status"}), "silent")
        yield Act("the run's own bundle", before, self._writing("{artefact}"), "silent")
        prompt = self.events.get("UserPromptSubmit")
        if prompt and self.typed:
            yield Act(_EARLY, prompt, {"prompt": f"{self.typed}plan Go on"})
        if prompt:
            yield Act("a person's words", prompt, {"prompt": "How does it start?"}, "silent")
        yield Act("a session's start", self.events["SessionStart"], {"source": "startup"}, "silent")

    def _writing(self, path: str) -> dict[str, Any]:
        name, given = self.write
        return self._tool(name, {key: value.replace("{path}", path) for key, value in given.items()})

    def _tool(self, name: str, given: Mapping[str, str]) -> dict[str, Any]:
        return {"toolName": name, "toolArgs": dict(given)} if self.flat else {"tool_name": name, "tool_input": given}

    def loaded(self, root: Path, *, below: bool) -> tuple[Hook, ...]:
        """Return our hooks that a session loads; none below the root where the assistant does not look up."""
        if below and not self.BELOW:
            return ()
        return tuple(hook for name in self.SOURCES for hook in self._hooks(root / name, name))

    def _hooks(self, path: Path, name: str) -> Iterator[Hook]:
        if path.suffix == ".js":
            if path.is_file() and agents.SHIM in path.read_text(encoding="utf-8", errors="replace"):
                yield from (Hook(event, "", agents.call(self.NAME), name) for event in self.events.values())
            return
        hooks = _values(path).get("hooks")
        for event, groups in hooks.items() if isinstance(hooks, dict) else ():
            for entry in _entries(groups):
                command = str(entry.get("command") or entry.get("bash") or "")
                if agents.SHIM in command:
                    yield Hook(str(event), str(entry.get("matcher") or ""), command, name)

    def unread(self, root: Path) -> dict[str, str]:
        """Return the settings files that the assistant cannot read."""
        return {name: reason for name in self.SOURCES if (reason := _broken(root / name, strict=self.strict))}

    def lacking(self, root: Path, placed: Iterable[RenderedFile]) -> tuple[str, ...]:
        """Return a sentence for each event without its hook."""
        del placed  # no text of theirs brings a hook along
        there = {hook.event for hook in self.loaded(root, below=False)}
        return tuple(
            f"{self.SOURCES[0]} has no hook for {event}" for event in self.events.values() if event not in there
        )

    def hears(self, hook: Hook, act: Act) -> bool:
        """Say whether a hook is run for an act."""
        return hook.event == act.event and hook.matcher in {"", "*"}

    def event(self, act: Act, place: Path, artefact: str) -> bytes:
        """Return the JSON that the hook reads."""
        facts = {"cwd": str(place), **({"sessionId": "doctor"} if self.flat else {"session_id": "doctor"})}
        named = {} if self.flat else {"hook_event_name": act.event, "transcript_path": ""}
        text = json.dumps({**facts, **named, **act.fields})
        for slot, value in (("{place}", str(place)), ("{artefact}", artefact)):
            text = text.replace(slot, json.dumps(value)[1:-1])
        return text.encode()

    def variables(self, place: Path) -> dict[str, str]:
        """Return the variables a hook gets."""
        return {name: value.format(place=place) for name, value in self.more.items()}

    def outcome(self, status: int, words: str) -> str:
        """Return refused, asked, silent, or what was said."""
        if status == _REFUSES:
            return "refused"
        if status:
            return f"exit {status}: {words}"
        try:
            answer = json.loads(words) if words else {}
        except ValueError:
            return words
        given = answer if isinstance(answer, dict) else {}
        specific = given.get("hookSpecificOutput") or {}
        verdict = specific.get("permissionDecision") or given.get("permissionDecision") or given.get("decision")
        verdict = verdict or next((key for key in ("deny", "warn") if key in given), "")
        return {"deny": "refused", "block": "refused", "ask": "asked", "warn": "asked", "": "silent"}.get(
            str(verdict) if verdict or not words else words, words
        )


def _values(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        text = path.read_text(encoding="utf-8-sig")
        found = tomllib.loads(text) if path.suffix == ".toml" else Document(text, path.name).value
    except (OSError, ValueError, AgentOpsError):
        return {}
    return found if isinstance(found, dict) else {}


def _entries(groups: Any) -> Iterator[dict[str, Any]]:
    """Yield the hooks of an event, whether they stand in groups with a matcher or alone."""
    for group in groups if isinstance(groups, list) else ():
        if isinstance(group, dict):
            inner = group.get("hooks", [group])
            matcher = group.get("matcher")
            yield from ({**one, "matcher": matcher} for one in inner if isinstance(one, dict))


def _broken(path: Path, *, strict: bool) -> str:
    if path.suffix == ".js" or not path.is_file() or not path.read_bytes().strip():
        return ""
    try:
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix == ".toml":
            import tomllib

            tomllib.loads(text)
        elif strict:
            json.loads(text)
        else:
            Document(text, path.name)
    except (ValueError, OSError, AgentOpsError) as error:
        return f"not as it reads it ({error})"
    return ""


_FILE = {"file_path": "{path}", "content": "x"}
_CLAUDES = {name: name for name in ("PreToolUse", "UserPromptSubmit", "SessionStart")}
_GEMINIS = {"PreToolUse": "BeforeTool", "UserPromptSubmit": "BeforeAgent", "SessionStart": "SessionStart"}
_COPILOTS = {"PreToolUse": "preToolUse", "UserPromptSubmit": "userPromptSubmitted", "SessionStart": "sessionStart"}
_PLUGINS = {"PreToolUse": "PreToolUse", "SessionStart": "SessionStart"}
ALL = {
    one.NAME: one
    for one in (
        Spoken(
            codex.NAME,
            codex.TITLE,
            (codex.HOOKS, codex.CONFIG),
            ("apply_patch", {"command": "*** Begin Patch\n*** Add File: {path}\n+x\n*** End Patch\n"}),
            "Bash",
            _CLAUDES,
            typed="$",
            strict=True,
        ),
        Spoken(
            gemini.NAME,
            gemini.TITLE,
            (gemini.SETTINGS,),
            ("write_file", _FILE),
            "run_shell_command",
            _GEMINIS,
            BELOW=False,
        ),
        Spoken(
            qwen.NAME, qwen.TITLE, (qwen.SETTINGS,), ("write_file", _FILE), "run_shell_command", _CLAUDES, BELOW=False
        ),
        Spoken(
            opencode.NAME,
            opencode.TITLE,
            (opencode.PLUGIN,),
            ("write", {"filePath": "{path}", "content": "x"}),
            "bash",
            _PLUGINS,
        ),
        Spoken(
            copilot.NAME,
            copilot.TITLE,
            (copilot.HOOKS,),
            ("create", {"path": "{path}", "file_text": "x"}),
            "bash",
            _COPILOTS,
            flat=True,
            BELOW=False,
        ),
    )
}


def known(name: str) -> Spoken | None:
    """Return how an assistant speaks; None for one without hooks of ours."""
    return ALL.get(name) if name in base.MODULES else None
