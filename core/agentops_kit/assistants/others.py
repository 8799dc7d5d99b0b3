"""Cursor, Windsurf and whatever else reads AGENTS.md and ``.agents/skills``: not verified by a run of any.

A command is a guide that AGENTS.md leads to, so that it costs nothing until it is named; nothing is registered, so
git's hooks and the command line hold the gates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.assistants import agents
from agentops_kit.assistants.files import with_front

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentops_kit.assistants.base import Beside, Reader
    from agentops_kit.content.render import Piece
    from agentops_kit.ports import RenderedFile, Wish

NAME = "others"
TITLE = "Other assistants"
DIALECT = agents.dialect("what the person asked for", agents.ASKED)
PLACES = {"command": agents.GUIDE, "persona": ".agents/personas/{name}.md", "skill": agents.SKILL}
LISTED = {"skill": "- {name}: {description} (file: .agents/skills/{name}/SKILL.md)\n"}
SHIM = ""
equip = agents.as_rendered
RULES = """\
When the person types `/name`, follow `.agents/skills/name/GUIDE.md`; an agent it launches is in `.agents/personas`.
"""


def files(pieces: tuple[Piece, ...]) -> Iterator[RenderedFile]:
    """Yield markdown for each command and persona, to be named by its path, and the shared skills."""
    for piece in pieces:
        if piece.kind == "skill":
            yield from agents.skill_files(piece)
            continue
        front = {"name": piece.name, "description": piece.spec.description}
        yield piece.file(PLACES[piece.kind].format(name=piece.name), with_front(front, piece.text))


def hooks() -> tuple[RenderedFile, ...]:
    """Return nothing: no hook of theirs is known to us."""
    return ()


def wishes(read: Reader) -> tuple[Wish, ...]:
    """Return the rules, and how a command is found."""
    del read
    return (agents.rules(RULES),)


def beside(path: str) -> Beside | None:
    """Return where our file goes when the user's own stands at ``path``; None when it can go nowhere else."""
    return agents.beside(path, PLACES)
