"""Gemini CLI: where its files go, and the lines that call us (observed with 0.61.0).

- A command's text is expanded before any hook sees the prompt, and may hold what a file or program said; so no
  prompt counts as typed by a person here.
- ``/plan`` is the client's own.
- AGENTS.md is read only where ``context.fileName`` names it.
- Project agents are offered to the model after a person has acknowledged them in the terminal, once a text.
- Settings may hold comments; limits of hooks are in milliseconds.
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

NAME = "gemini"
TITLE = "Gemini CLI"
_TAKEN = (
    "about agents auth bug chat checkpoints clear commands compact compress copy corgi dir directory docs editor "
    "exit extensions footer help hooks ide init logout mcp memory model new permissions plan policies privacy "
    "profile quit restore resume rewind settings setup-github share shells shortcuts signout skills stats "
    "statusline summarize tasks terminal-setup theme tools upgrade usage vim voice"
).split()
"""Commands of the client itself, which come before a project's of the same name."""
DIALECT = agents.dialect("{{{{args}}}}", agents.ASKED, taken=_TAKEN)
PLACES = {"command": ".gemini/commands/{name}.toml", "persona": ".gemini/agents/{name}.md", "skill": agents.SKILL}
LISTED = {
    "persona": "- {name} -> {description}\n",
    "skill": "<skill>\n<name>{name}</name>\n<description>{description}</description>\n"
    "<location>.agents/skills/{name}/SKILL.md</location>\n</skill>\n",
}
SHIM = agents.SHIM
equip = agents.as_rendered
SETTINGS = ".gemini/settings.json"
EVENTS = {"SessionStart": 30_000, "BeforeAgent": 30_000, "BeforeTool": 30_000}
TOOLS = {
    "Read": "read_file",
    "Grep": "grep_search",
    "Glob": "glob",
    "Bash": "run_shell_command",
    "Edit": "replace",
    "Write": "write_file",
    "WebFetch": "web_fetch",
    "WebSearch": "google_web_search",
}


def files(pieces: tuple[Piece, ...]) -> Iterator[RenderedFile]:
    """Yield a TOML file for each command, markdown for each persona, and the shared skills."""
    for piece in pieces:
        name = DIALECT.called(piece.name) if piece.kind == "command" else piece.name
        path, said = PLACES[piece.kind].format(name=name), piece.spec.description
        if piece.kind == "skill":
            yield from agents.skill_files(piece)
        elif piece.kind == "persona":
            front = {"name": piece.name, "description": brief(said)}
            given = {"tools": agents.tools(piece.spec.tools, TOOLS)}
            yield piece.file(path, with_front({**front, **given}, piece.text))
        else:
            yield piece.file(path, toml({"description": said, "prompt": piece.text}))


def hooks() -> tuple[RenderedFile, ...]:
    """Return the script that the hooks call."""
    return (script(SHIM),)


def wishes(read: Reader) -> tuple[Wish, ...]:
    """Return the settings with hooks and the rules file's name, and the rules."""
    del read  # comments are allowed there, so one file is enough
    context = {"context": {"fileName": [agents.RULES_FILE, "GEMINI.md"]}}
    values = {**agents.settings(NAME, EVENTS, name="agentops"), **context}
    return (Wish(SETTINGS, values, (agents.call(NAME),)), agents.rules())


def beside(path: str) -> Beside | None:
    """Return where our file goes when the user's own stands at ``path``; None when it can go nowhere else."""
    return agents.beside(path, PLACES)
