"""Copilot CLI: where its files go, and the lines that call us (observed with 1.0.102).

- A command is a skill that a person starts as ``/name words``; the client expands it in its terminal only.
- ``/plan`` and ``/research`` are the client's own.
- Every file in ``.github/hooks`` registers hooks, so ours is a file of its own. The event's name is not in what a
  hook reads, so it stands on the command line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.assistants import agents
from agentops_kit.assistants.base import script
from agentops_kit.assistants.files import brief, with_front

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentops_kit.assistants.base import Beside, Reader
    from agentops_kit.content.render import Piece
    from agentops_kit.ports import RenderedFile, Wish

NAME = "copilot"
TITLE = "Copilot CLI"
_TAKEN = (
    "add-dir agent allow-all app ask autopilot changelog chronicle clear collect-debug-logs compact computer "
    "context copy cwd diagnose diff env exit experimental feedback fleet footer fork help ide init instructions "
    "keep-alive limits list-dirs lsp mcp memory model move new permissions plan plugin pr refine remote rename "
    "research reset-allowed-tools restart resume review rewind sandbox search security-review session settings "
    "share skills statusline subagents tasks terminal-setup theme update usage user version vim voice worktree"
).split()
"""Commands of the client itself, which come before a project's of the same name."""
DIALECT = agents.dialect("what the person wrote after `/{name}`", agents.ASKED, approval=agents.TYPES, taken=_TAKEN)
PLACES = {
    "command": ".github/skills/{name}/SKILL.md",
    "persona": ".github/agents/{name}.agent.md",
    "skill": agents.SKILL,
}
_SKILL = """\
<skill>
  <name>{name}</name>
  <description>{description}</description>
  <location>project</location>
</skill>
"""
LISTED = {
    "command": _SKILL,
    "persona": "- **{name}**: {description}\n\n",
    "skill": _SKILL,
}
SHIM = agents.SHIM
equip = agents.as_rendered
HOOKS = ".github/hooks/agentops.json"
TOOLS = {
    "Read": "read",
    "Grep": "search",
    "Glob": "search",
    "Bash": "execute",
    "Edit": "edit",
    "Write": "edit",
    "WebFetch": "web",
    "WebSearch": "web",
}


def files(pieces: tuple[Piece, ...]) -> Iterator[RenderedFile]:
    """Yield a skill for each command, markdown for each persona, and the shared skills."""
    for piece in pieces:
        name = DIALECT.called(piece.name) if piece.kind == "command" else piece.name
        front: dict[str, object] = {"name": name, "description": piece.spec.description}
        if piece.kind == "skill":
            yield from agents.skill_files(piece)
            continue
        if piece.kind == "persona":
            front["description"] = brief(piece.spec.description)
            front["tools"] = agents.tools(piece.spec.tools, TOOLS)
        else:
            front |= {"argument-hint": piece.spec.argument_hint, "disable-model-invocation": piece.hidden}
        yield piece.file(PLACES[piece.kind].format(name=name), with_front(front, piece.text))


def hooks() -> tuple[RenderedFile, ...]:
    """Return the manifest of hooks, and the script that they call."""
    return (script(SHIM), script(HOOKS, "copilot.json", executable=False))


def wishes(read: Reader) -> tuple[Wish, ...]:
    """Return the rules: hooks lie in a file of our own."""
    del read
    return (agents.rules(),)


def beside(path: str) -> Beside | None:
    """Return where our file goes when the user's own stands at ``path``; None when it can go nowhere else."""
    return agents.beside(path, PLACES)
