"""Claude Code: where its files go, and the lines in its settings that call us."""

from __future__ import annotations

from typing import Any, NamedTuple

NAME = "claude"
SETTINGS = ".claude/settings.json"
SHIM = ".claude/hooks/agentops"
HOOK_COMMAND = f'"$(git rev-parse --show-toplevel)/{SHIM}" claude'
STATUS_COMMAND = f'"$(git rev-parse --show-toplevel)/{SHIM}" statusline'
COMMANDS = (HOOK_COMMAND, STATUS_COMMAND)
EDITING_TOOLS = "Edit|MultiEdit|Write|NotebookEdit|Bash|mcp__.*"

_FOLDERS = {".claude/commands/": "command", ".claude/agents/": "persona", ".claude/skills/": "skill"}


class Beside(NamedTuple):
    """Another place for a file of ours, because the user's own stands where it would go.

    Texts that say ``old`` have to say ``new``; ``in_front`` when the file's own front matter carries the name.
    """

    path: str
    old: str
    new: str
    in_front: bool


def settings() -> dict[str, Any]:
    """Return what we add to the settings: one hook for each event we answer, and the status line."""
    hook = {"type": "command", "command": HOOK_COMMAND}
    return {
        "hooks": {
            "SessionStart": [{"hooks": [hook]}],
            "UserPromptSubmit": [{"hooks": [hook]}],
            "PreToolUse": [{"matcher": EDITING_TOOLS, "hooks": [hook]}],
        },
        "statusLine": {"type": "command", "command": STATUS_COMMAND},
    }


def beside(path: str) -> Beside | None:
    """Return where our file goes when the user's own stands at ``path``; None when it can go nowhere else."""
    folder, kind = next(((folder, kind) for folder, kind in _FOLDERS.items() if path.startswith(folder)), ("", ""))
    rest = path.removeprefix(folder)
    if kind == "command":
        name = rest.removesuffix(".md").replace("/", ":")
        return Beside(f"{folder}agentops/{rest}", f"/{name}", f"/agentops:{name}", in_front=False)
    if kind == "persona":
        name = rest.removesuffix(".md")
        return Beside(f"{folder}agentops-{rest}", name, f"agentops-{name}", in_front=True)
    if kind == "skill":
        name = rest.split("/", 1)[0]
        return Beside(f"{folder}agentops-{rest}", name, f"agentops-{name}", in_front=True)
    return None
