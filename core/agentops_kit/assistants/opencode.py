"""opencode: where its files go, and the plugin that calls us (observed with 1.18.33).

- Hooks are a JavaScript module; what it throws before a tool runs is the tool's result.
- A command's shell insert runs before the model is asked; ``$ARGUMENTS`` is what was typed after the command.
- Its server takes commands over HTTP where somebody started one, so no prompt counts as typed by a person here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.assistants import agents
from agentops_kit.assistants.base import script
from agentops_kit.assistants.files import brief, with_front

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from agentops_kit.assistants.base import Beside, Reader
    from agentops_kit.content.render import Piece
    from agentops_kit.ports import RenderedFile, Wish

NAME = "opencode"
TITLE = "opencode"
DIALECT = agents.dialect("$ARGUMENTS", "!`{command} 2>/dev/null || true`")
PLACES = {"command": ".opencode/commands/{name}.md", "persona": ".opencode/agents/{name}.md", "skill": agents.SKILL}
LISTED = {
    "persona": "- {name}: {description}\n",
    "skill": "  <skill>\n    <name>{name}</name>\n    <description>{description}</description>\n"
    "    <location>.agents/skills/{name}/SKILL.md</location>\n  </skill>\n",
}
SHIM = agents.SHIM
equip = agents.as_rendered
PLUGIN = ".opencode/plugin/agentops.js"
PERMISSIONS = {"edit": {"Edit", "Write", "MultiEdit"}, "bash": {"Bash"}, "webfetch": {"WebFetch"}}


def files(pieces: tuple[Piece, ...]) -> Iterator[RenderedFile]:
    """Yield markdown for each command and persona, and the shared skills."""
    for piece in pieces:
        front: dict[str, object] = {"description": piece.spec.description}
        if piece.kind == "skill":
            yield from agents.skill_files(piece)
            continue
        if piece.kind == "persona":
            front = {"description": brief(piece.spec.description), "mode": "subagent"}
            front |= {"permission": _denied(piece.spec.tools)}
        yield piece.file(PLACES[piece.kind].format(name=piece.name), with_front(front, piece.text))


def _denied(given: Iterable[str]) -> dict[str, str]:
    """Return what a persona may not do: its tools are a list of what it may."""
    bare = {one.split("(")[0] for one in given}
    return {name: "deny" for name, ours in PERMISSIONS.items() if not ours & bare}


def hooks() -> tuple[RenderedFile, ...]:
    """Return the plugin, and the script that it calls."""
    return (script(SHIM), script(PLUGIN, "opencode.js", executable=False))


def wishes(read: Reader) -> tuple[Wish, ...]:
    """Return the rules: a plugin in its folder needs no settings."""
    del read
    return (agents.rules(),)


def beside(path: str) -> Beside | None:
    """Return where our file goes when the user's own stands at ``path``; None when it can go nowhere else."""
    return agents.beside(path, PLACES)
