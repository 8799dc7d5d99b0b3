"""Qwen Code: where its files go, and the lines that call us (observed with 0.15.10).

- A command's text is expanded before any hook sees the prompt, and may hold what a file or program said; so no
  prompt counts as typed by a person here. The hook fires once more, with an empty prompt, after each tool.
- A shell insert that holds ``$(`` ends the client, so a command's text asks the model to run it instead.
- Settings may hold comments; limits of hooks are in milliseconds. No session start is told of a headless run.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agentops_kit.assistants import agents
from agentops_kit.assistants.base import script
from agentops_kit.assistants.files import brief, with_front
from agentops_kit.ports import Wish

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentops_kit.assistants.base import Beside, Reader
    from agentops_kit.content.render import Piece
    from agentops_kit.ports import RenderedFile

NAME = "qwen"
TITLE = "Qwen Code"
DIALECT = agents.dialect("{{{{args}}}}", agents.ASKED)
PLACES = {"command": ".qwen/commands/{name}.md", "persona": ".qwen/agents/{name}.md", "skill": agents.SKILL}
LISTED = {
    "command": "<skill>\n<name>\n{name}\n</name>\n<description>\n{description}\n</description>\n</skill>\n",
    "persona": "- **{name}**: {description}\n",
    "skill": "<skill>\n<name>\n{name}\n</name>\n<description>\n{description} (project)\n</description>\n"
    "<location>\nproject\n</location>\n</skill>\n",
}
SHIM = agents.SHIM
equip = agents.as_rendered
SETTINGS = ".qwen/settings.json"
EVENTS = {"SessionStart": 30_000, "UserPromptSubmit": 30_000, "PreToolUse": 30_000}
_VERSION = 4
TOOLS = {
    "Read": "read_file",
    "Grep": "grep_search",
    "Glob": "glob",
    "Bash": "run_shell_command",
    "Edit": "edit",
    "Write": "write_file",
    "WebFetch": "web_fetch",
}


def files(pieces: tuple[Piece, ...]) -> Iterator[RenderedFile]:
    """Yield markdown for each command and persona, and the shared skills."""
    for piece in pieces:
        front: dict[str, object] = {"name": piece.name, "description": piece.spec.description}
        if piece.kind == "skill":
            yield from agents.skill_files(piece)
            continue
        if piece.kind == "persona":
            front["description"] = brief(piece.spec.description)
            front["tools"] = agents.tools(piece.spec.tools, TOOLS)
        else:
            del front["name"]
            front |= {"argument-hint": piece.spec.argument_hint, "disable-model-invocation": piece.hidden}
        yield piece.file(PLACES[piece.kind].format(name=piece.name), with_front(front, piece.text))


def hooks() -> tuple[RenderedFile, ...]:
    """Return the script that the hooks call."""
    return (script(SHIM),)


def wishes(read: Reader) -> tuple[Wish, ...]:
    """Return the settings with hooks, and the rules.

    Without its version the client writes settings anew at its next start, so the version is said where it is ours
    to say.
    """
    version = {} if _is_older(read(SETTINGS)) else {"$version": _VERSION}
    return (Wish(SETTINGS, {**version, **agents.settings(NAME, EVENTS)}, (agents.call(NAME),)), agents.rules())


def _is_older(data: bytes | None) -> bool:
    return bool((data or b"").strip()) and not re.search(rb'"\$version"\s*:\s*%d\b' % _VERSION, data or b"")


def beside(path: str) -> Beside | None:
    """Return where our file goes when the user's own stands at ``path``; None when it can go nowhere else."""
    return agents.beside(path, PLACES)
