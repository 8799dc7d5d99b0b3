"""Codex: where its files go, and the lines that call us (observed with 0.169.0).

- There are no project commands; a skill in ``.codex/skills`` that a person names as ``$name`` comes to the model as
  it stands, with nothing put in. ``agents/openai.yaml`` beside it keeps it off the model's list.
- ``.codex/hooks.json`` has Claude Code's shape. ``codex exec`` skips the hooks of a project without a word until a
  person has trusted them in the terminal's ``/hooks``.
- Hooks both in ``hooks.json`` and in ``config.toml`` give a warning at each start, so ours go where the user's are.
- An answer with the decision "ask" or "allow" is refused as a whole, and the tool then runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.assistants import agents
from agentops_kit.assistants.base import script
from agentops_kit.assistants.files import brief, toml, with_front
from agentops_kit.ports import Wish

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentops_kit.assistants.base import Beside, Reader
    from agentops_kit.content.render import Piece
    from agentops_kit.ports import RenderedFile

NAME = "codex"
TITLE = "Codex"
DIALECT = agents.dialect("what the person wrote after `${name}`", agents.ASKED, "${name}", agents.TYPES)
PLACES = {
    "command": ".codex/skills/{name}/SKILL.md",
    "persona": ".codex/agents/{name}.toml",
    "skill": agents.SKILL,
}
LISTED = {
    "persona": "{name}: {{\n{description}\n}}\n",
    "skill": "- {name}: {description} (file: .agents/skills/{name}/SKILL.md)\n",
}
SHIM = agents.SHIM
equip = agents.as_rendered
HOOKS = ".codex/hooks.json"
CONFIG = ".codex/config.toml"
EVENTS = {"SessionStart": 30, "UserPromptSubmit": 120, "PreToolUse": 30}
"""Events with their limits in seconds."""

_POLICY = "policy:\n  allow_implicit_invocation: false\n"


def files(pieces: tuple[Piece, ...]) -> Iterator[RenderedFile]:
    """Yield a skill for each command, a TOML file for each persona, and the shared skills."""
    for piece in pieces:
        path, said = PLACES[piece.kind].format(name=piece.name), piece.spec.description
        if piece.kind == "skill":
            yield from agents.skill_files(piece)
        elif piece.kind == "persona":
            values = {"name": piece.name, "description": brief(said), "developer_instructions": piece.text}
            yield piece.file(path, toml(values))
        else:
            yield piece.file(path, with_front({"name": piece.name, "description": said}, piece.text))
            if piece.hidden:
                yield piece.file(path.replace("SKILL.md", "agents/openai.yaml"), _POLICY)


def hooks() -> tuple[RenderedFile, ...]:
    """Return the script that the hooks call."""
    return (script(SHIM),)


def wishes(read: Reader) -> tuple[Wish, ...]:
    """Return the hooks, beside the user's own ones where those stand in ``config.toml``, and the rules."""
    import tomllib

    settings = agents.settings(NAME, EVENTS)
    try:
        theirs = tomllib.loads((read(CONFIG) or b"").decode())
    except (ValueError, RecursionError):
        theirs = {}
    if "hooks" in theirs and read(HOOKS) is None:
        return (Wish(CONFIG, {}, (), block=_tables()), agents.rules())
    return (Wish(HOOKS, settings, (agents.call(NAME),), plain=True), agents.rules())


def _tables() -> str:
    """Return the hooks as TOML tables, which may stand at the end of any file that has hooks as tables."""
    line = agents.call(NAME).replace("\\", "\\\\").replace('"', '\\"')
    table = '[[hooks.{event}]]\nhooks = [{{ type = "command", command = "{line}", timeout = {limit} }}]\n'
    return "".join(table.format(event=event, line=line, limit=limit) for event, limit in EVENTS.items())


def beside(path: str) -> Beside | None:
    """Return where our file goes when the user's own stands at ``path``; None when it can go nowhere else."""
    return agents.beside(path, PLACES, "${name}")
