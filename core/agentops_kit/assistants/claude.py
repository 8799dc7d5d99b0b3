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

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from agentops_kit.assistants.base import Beside, script
from agentops_kit.assistants.files import with_front
from agentops_kit.content.dialect import Dialect
from agentops_kit.ports import Wish

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from agentops_kit.assistants.base import Reader
    from agentops_kit.content.render import Piece
    from agentops_kit.ports import RenderedFile

NAME = "claude"
TITLE = "Claude Code"
DIALECT = Dialect(
    arguments="$ARGUMENTS",
    output="!`{command} 2>/dev/null || true`",
    command="/{name}",
    skill=".claude/skills/{name}/SKILL.md",
    guide=".claude/skills/{name}/SKILL.md",
)
PLACES = {
    "command": ".claude/commands/{name}.md",
    "persona": ".claude/agents/{name}.md",
    "skill": ".claude/skills/{name}/SKILL.md",
}
LISTED = dict.fromkeys(PLACES, "- {name}: {description}\n")
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


def files(pieces: tuple[Piece, ...]) -> Iterator[RenderedFile]:
    """Yield the file of each piece, and a skill's further files."""
    for piece in pieces:
        path = PLACES[piece.kind].format(name=piece.name)
        yield piece.file(path, with_front(_front(piece), piece.text))
        folder = path.removesuffix("SKILL.md")
        for extra in piece.attached:
            yield piece.file(f"{folder}{extra.path}", extra.content, executable=extra.executable)


def _front(piece: Piece) -> dict[str, object]:
    spec = piece.spec
    if piece.kind == "persona":
        tools = ", ".join(spec.tools)
        return {"name": piece.name, "description": spec.description, "tools": tools, "model": spec.model}
    if piece.kind == "skill":
        return {"name": piece.name, "description": spec.description, "disable-model-invocation": piece.hidden}
    granted = dict.fromkeys((*(f"Bash({' '.join(line.split()[:2])}:*)" for line in piece.ran), *spec.tools))
    return {
        "description": spec.description,
        "argument-hint": spec.argument_hint,
        "allowed-tools": ", ".join(granted),
        "model": spec.model,
        "disable-model-invocation": piece.hidden,
    }


def hooks() -> tuple[RenderedFile, ...]:
    """Return the script that settings and front matter call."""
    return (script(SHIM),)


def wishes(read: Reader) -> tuple[Wish, ...]:
    """Return our settings, a second time where the client would skip the first file."""
    wish = Wish(SETTINGS, settings(), COMMANDS, plain=True)
    return (wish, wish._replace(path=LOCAL_SETTINGS)) if _skipped(read(SETTINGS)) else (wish,)


def _skipped(data: bytes | None) -> bool:
    try:
        json.loads((data or b"").strip() or b"{}")
    except (ValueError, RecursionError):
        return True
    return False


def settings() -> dict[str, Any]:
    """Return what we add to the settings: one hook for each event we answer, and the status line."""
    return {"hooks": events(), "statusLine": {"type": "command", "command": STATUS_COMMAND}}


def events(command: str = HOOK_COMMAND) -> dict[str, Any]:
    """Return the command for each event we answer; for a compaction so that it blocks none."""
    return {
        "SessionStart": [_group(_TOOL_SECONDS, command)],
        "UserPromptSubmit": _prompts(command),
        "PreToolUse": _tools(command),
        "PreCompact": [_group(_COMPACT_SECONDS, f"{command} || true")],
    }


def equip(rendered: Iterable[RenderedFile]) -> tuple[RenderedFile, ...]:
    """Return the files with our hooks in the front matter of each command and agent, for a start in a subfolder."""
    return tuple(_equipped(file) for file in rendered)


def _equipped(file: RenderedFile) -> RenderedFile:
    is_command = bool(_COMMAND_FILE.fullmatch(file.path))
    found = _FRONT.match(file.content) if is_command or _AGENT_FILE.fullmatch(file.path) else None
    if found is None:
        return file
    at = found.end("front")
    return file._replace(content=file.content[:at] + _block(prompts=is_command) + file.content[at:])


def plain(content: bytes) -> bytes:
    """Return a command's or an agent's text as it was before ``equip``: hooks in front matter reach no model."""
    for prompts in (True, False):
        content = content.replace(_block(prompts=prompts), b"", 1)
    return content


@cache
def _block(*, prompts: bool) -> bytes:
    """Return the hooks as lines of front matter, the same for every command and for every agent."""
    import yaml

    hooks = {"UserPromptSubmit": _prompts()} if prompts else {}
    return yaml.safe_dump({"hooks": {**hooks, "PreToolUse": _tools()}}, sort_keys=False, width=float("inf")).encode()


def _prompts(command: str = HOOK_COMMAND) -> list[dict[str, Any]]:
    return [_group(_PROMPT_SECONDS, command)]


def _tools(command: str = HOOK_COMMAND) -> list[dict[str, Any]]:
    return [{"matcher": EDITING_TOOLS, **_group(_TOOL_SECONDS, command)}]


def _group(seconds: int, command: str) -> dict[str, Any]:
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
