"""Claude Code: where its files go, and the lines that call us (observed with 2.1.197).

- Settings are read from the folder a session starts in, so a start in a subfolder loads none of
  the root's hooks. Commands and agents are found from there, and the hooks in their front matter
  do run, a command's from the moment it is typed. The same command line from two places runs once.
- A settings file that is not plain JSON (a comment, a trailing comma) is skipped as a whole.
- What a PreCompact hook prints, JSON too, is put into the instructions for the summary; what a
  SessionStart hook answers after a compaction reaches the next request.
- A hook runs in the session's current folder, which follows the model's ``cd``; the variable
  ``CLAUDE_PROJECT_DIR`` stays where the session started.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agentops_kit.ports import RenderedFile

NAME = "claude"
SETTINGS = ".claude/settings.json"
LOCAL_SETTINGS = ".claude/settings.local.json"
SHIM = ".claude/hooks/agentops"
_CALL = f'"$(git -C "$CLAUDE_PROJECT_DIR" rev-parse --show-toplevel)/{SHIM}"'
HOOK_COMMAND = f"{_CALL} claude"
STATUS_COMMAND = f"{_CALL} statusline"
COMPACT_COMMAND = f"{HOOK_COMMAND} || true"
"""Exit status 2 would block the compaction, and nothing of ours may."""
COMMANDS = (HOOK_COMMAND, STATUS_COMMAND, COMPACT_COMMAND)
EDITING_TOOLS = "Edit|MultiEdit|Write|NotebookEdit|Bash|mcp__.*"

_PROMPT_SECONDS = 120  # research explores while the prompt waits; the client's own limit is 30
_TOOL_SECONDS = 30
_COMPACT_SECONDS = 60  # a long transcript is read, and a commit may wait for another's
_COMMAND_FILE = re.compile(r"\.claude/commands/.+\.md")
_FRONT = re.compile(rb"---\n(?P<front>.*?\n)---\n", re.DOTALL)
_AGENT_FILE = re.compile(r"\.claude/agents/.+\.md")

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
    return {
        "hooks": {
            "SessionStart": [_group(_TOOL_SECONDS)],
            "UserPromptSubmit": _prompts(),
            "PreToolUse": _tools(),
            "PreCompact": [_group(_COMPACT_SECONDS, COMPACT_COMMAND)],
        },
        "statusLine": {"type": "command", "command": STATUS_COMMAND},
    }


def equip(rendered: Iterable[RenderedFile]) -> tuple[RenderedFile, ...]:
    """Return the files with our hooks in the front matter of each command and agent, for a start in a subfolder."""
    return tuple(_equipped(file) for file in rendered)


def _equipped(file: RenderedFile) -> RenderedFile:
    if _COMMAND_FILE.fullmatch(file.path):
        hooks = {"UserPromptSubmit": _prompts(), "PreToolUse": _tools()}
    elif _AGENT_FILE.fullmatch(file.path):
        hooks = {"PreToolUse": _tools()}
    else:
        return file
    found = _FRONT.match(file.content)
    if found is None:
        return file
    import yaml

    block = yaml.safe_dump({"hooks": hooks}, sort_keys=False, width=float("inf")).encode()
    at = found.end("front")
    return file._replace(content=file.content[:at] + block + file.content[at:])


def _prompts() -> list[dict[str, Any]]:
    return [_group(_PROMPT_SECONDS)]


def _tools() -> list[dict[str, Any]]:
    return [{"matcher": EDITING_TOOLS, **_group(_TOOL_SECONDS)}]


def _group(seconds: int, command: str = HOOK_COMMAND) -> dict[str, Any]:
    return {"hooks": [{"type": "command", "command": command, "timeout": seconds}]}


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
