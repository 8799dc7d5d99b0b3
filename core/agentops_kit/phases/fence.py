"""What a phase may touch, decided before the act.

Pure functions over the compiled state of a run and the assistant's tool call. On the hook's hot
path: standard library only, and the shell grammar is loaded only for a command that needs it.
"""

from __future__ import annotations

import os
from collections import namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agentops_kit.phases.shell.verdict import Verdict

EDIT_TOOLS = frozenset({"Edit", "MultiEdit", "Write", "NotebookEdit"})
SHELL_TOOLS = frozenset({"Bash"})
_PATH_KEYS = ("file_path", "notebook_path", "path")
_PLACE_WORDS = frozenset("path file filename uri source destination src dst dest target directory dir folder".split())
_COMMAND_KEYS = ("command", "cmd", "script")
_RUNNING_WORDS = frozenset("bash command exec execute run script shell terminal".split())
_WRITING_WORDS = frozenset(
    "append apply create delete edit insert mkdir move patch put remove rename replace save set update write".split()
)
_MEMORY = (".agentops/bundles/", ".agentops/learnings/")
_GUARDED = (
    ".agentops",
    ".claude/settings.json",
    ".claude/settings.local.json",
    ".claude/hooks",
    ".codex/hooks.json",
    ".codex/config.toml",
    ".gemini/settings.json",
    ".qwen/settings.json",
    ".opencode/plugin/agentops.js",
    ".github/hooks/agentops.json",
)
_MODEL_VERBS = frozenset(
    "status prime research plan implement learn recall verify bundle tokens budget profile doctor version".split()
)
_PROFILE_ACTS = (" use", " add", " update", " remove", " create", " index", " pack")
PLAINER = " (if it only reads, say it in plainer commands: cat, sed -n, grep, find, jq, git log, git diff)"
_DEVICES = frozenset({"/dev/null", "/dev/stdout", "/dev/stderr", "/dev/tty"})


class Decision(namedtuple("Decision", "verdict reason", defaults=("",))):  # noqa: PYI024 - typing costs a silent hook a tenth of its time
    """``allow``, ``ask`` or ``deny``, with the reason the assistant is told."""

    __slots__ = ()
    verdict: str
    reason: str


class Ground(namedtuple("Ground", "root cwd")):  # noqa: PYI024 - typing costs a silent hook a tenth of its time
    """Where a tool call happens: the workspace's root and the call's folder, both real paths."""

    __slots__ = ()
    root: str
    cwd: str


ALLOW = Decision("allow")


def decide(state: dict[str, Any], tool: str, tool_input: dict[str, Any], ground: Ground) -> Decision:
    """Return the decision for one tool call of an assistant in a run's phase."""
    if tool in SHELL_TOOLS:
        return _shell(state, str(tool_input.get("command", "")), ground)
    if tool in EDIT_TOOLS:
        paths = tuple(str(tool_input[key]) for key in _PATH_KEYS if tool_input.get(key))[:1]
        paths = paths or tuple(str(one) for one in tool_input.get("paths") or ())
        return _paths(state, paths, ground) if paths else _refusal(state, f"{tool} names no file")
    if tool.startswith("mcp__"):
        return _foreign_tool(state, tool, tool_input, ground)
    return ALLOW


def allowed_path(state: dict[str, Any], path: str, ground: Ground) -> bool:
    """Say whether the phase lets an assistant write ``path`` (absolute, or relative to the call's folder)."""
    expanded = os.path.expanduser(path.removeprefix("file://"))  # noqa: PTH111
    if expanded in _DEVICES or (expanded.startswith("/dev/fd/") and expanded[8:].isdigit()):
        return True
    real = os.path.realpath(os.path.join(ground.cwd, expanded))  # noqa: PTH118 - pathlib costs start-up here
    if not _under(ground.root, real):
        return not _under(real, ground.root) and any(_under(folder, real) and folder != real for folder in _temporary())
    relative = os.path.relpath(real, ground.root).replace(os.sep, "/")
    if relative.startswith(_MEMORY) and relative.endswith(".md"):
        return True
    if _guarded(relative.lower()):  # some file systems take .GIT for .git
        return False
    if state["phase"] == "quick":
        return True
    return state["phase"] == "implement" and any(covers(scope, relative) for scope in state["scope"])


def _guarded(relative: str) -> bool:
    """Say whether a path is git's or the kit's own, or a folder that holds such."""
    if relative == "." or ".git" in relative.split("/"):
        return True
    return any(_under(one, relative) or _under(relative, one) for one in _GUARDED)


def _under(folder: str, path: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def covers(scope: str, path: str) -> bool:
    """Say whether a scope entry (a file, or a folder with a trailing slash) covers a path."""
    return path == scope or (scope.endswith("/") and path.startswith(scope))


def _paths(state: dict[str, Any], paths: tuple[str, ...], ground: Ground) -> Decision:
    outside = [path for path in paths if not allowed_path(state, path, ground)]
    return _refusal(state, f"{outside[0]} is not to be written now") if outside else ALLOW


def _foreign_tool(state: dict[str, Any], tool: str, tool_input: dict[str, Any], ground: Ground) -> Decision:
    words = set(_split(tool.rsplit("__", 1)[-1]))
    command = next((tool_input[key] for key in _COMMAND_KEYS if isinstance(tool_input.get(key), str)), "")
    if command and _RUNNING_WORDS & words:
        return _shell(state, command, ground)
    if not _WRITING_WORDS & words:
        return ALLOW
    places = (value for key, value in tool_input.items() if _PLACE_WORDS & set(_split(key)))
    paths = tuple(value for value in places if isinstance(value, str) and value)
    return _paths(state, paths, ground) if paths else _refusal(state, f"{tool} may write, and names no file")


def _shell(state: dict[str, Any], command: str, ground: Ground) -> Decision:
    from agentops_kit.phases.shell.classify import classify, mentions_approval

    if mentions_approval(command):
        return Decision("deny", "Approving is a person's act: ask the person to type /approve.")
    if state["phase"] == "implement" and command.strip() in state["checks"]:
        return ALLOW
    verdict = classify(command, cwd=ground.cwd)
    refused = _own_verbs(state, command, verdict.agentops, ground) if verdict.agentops else None
    if refused is not None:
        return refused
    if _fits(state, verdict, ground):
        return ALLOW
    hint = PLAINER if verdict.effect == "unknown" else ""
    return _refusal(state, f"this shell command {verdict.reason or 'may change files'}{hint}")


def _fits(state: dict[str, Any], verdict: Verdict, ground: Ground) -> bool:
    """Say whether what a command may change is within the phase."""
    working = state["phase"] in {"implement", "quick"}
    if verdict.effect in {"read", "run"}:
        return working or verdict.effect == "read"
    if verdict.effect == "unknown":
        return bool(state["phase"] == "quick")
    inside = bool(verdict.paths) and all(allowed_path(state, one, ground) for one in verdict.paths)
    return inside and (working or not verdict.runs)


def _own_verbs(state: dict[str, Any], command: str, verbs: tuple[str, ...], ground: Ground) -> Decision | None:
    """Return why a model may not call the kit this way, None when it may; a check it passes is judged like its own."""
    foreign = [verb for verb in verbs if verb not in _MODEL_VERBS]
    acts = [f"profile{act}" for act in _PROFILE_ACTS if "profile" in verbs and act in command]
    if foreign or acts:
        return _refusal(state, f"`agentops {(*foreign, *acts)[0]}` is a person's to run")
    if "implement" not in verbs or "--check" not in command:
        return None
    import shlex

    try:
        words = shlex.split(command)
    except ValueError:
        return _refusal(state, "the check in this command cannot be read")
    given = [words[at + 1] for at, word in enumerate(words[:-1]) if word == "--check"]
    given += [word.removeprefix("--check=") for word in words if word.startswith("--check=")]
    decisions = (_shell(state, one, ground) for one in given)
    return next((one for one in decisions if one is not ALLOW), None)


def _refusal(state: dict[str, Any], what: str) -> Decision:
    phase, run = state["phase"], state["run"]
    verdict = "deny" if state["enforcement"] == "strict" else "ask"
    if phase == "idle":
        return Decision(
            verdict, f"AgentOps: this workspace wants a run first, and {what}. Ask the person for /research or /quick."
        )
    if phase == "implement":
        instead = (
            "Write only what the approved plan names; for another file, stop and ask the person to type "
            "`/approve amend PATH`, and run checks exactly as the plan gives them."
        )
    elif phase == "quick":
        instead = "The kit's own records and settings are not yours to change."
    else:
        instead = (
            f"Read freely, write only the {phase} artefact {state['artefact']}, and stop for the person's /approve."
        )
    return Decision(verdict, f"AgentOps: run {run} is in phase {phase}, and {what}. {instead}")


def _temporary() -> set[str]:
    named = (os.environ.get("TMPDIR", ""), "/tmp", "/var/tmp")  # noqa: S108 - places an assistant may use, not we
    return {os.path.realpath(folder) for folder in named if folder}


def _split(name: str) -> list[str]:
    words, word = [], ""
    for letter in name:
        if letter in "_-./" or (letter.isupper() and word and not word[-1].isupper()):
            words.append(word.lower())
            word = ""
        word += "" if letter in "_-./" else letter
    return [*words, word.lower()]
