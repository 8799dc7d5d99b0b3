"""The kit as a Claude Code plugin and its marketplace: the same content under its name (observed with 2.1.197).

- Whatever a plugin brings is called by the plugin's name: ``/agentops:research``, agent ``agentops:code-explorer``.
- Its hooks are loaded wherever a session starts, so commands and agents need none of their own.
- A plugin cannot bring a status line.
- The client copies the plugin's folder, so nothing in it may reach outside.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from agentops_kit import __version__
from agentops_kit.assistants import claude
from agentops_kit.assistants.base import script
from agentops_kit.content.dialect import Dialect
from agentops_kit.content.library import BASE, Library, shipped
from agentops_kit.content.profiles import resolve
from agentops_kit.content.render import render
from agentops_kit.ports import RenderedFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentops_kit.content.render import Piece

NAME = "agentops"
FOLDER = ".claude-plugin/agentops"
"""Where the plugin lies in the kit's own repository."""
MARKETPLACE = ".claude-plugin/marketplace.json"
MARKETPLACE_NAME = "agentops-kit"
SHIM = "hooks/agentops"
DIALECT = Dialect(
    arguments=claude.DIALECT.arguments,
    output=claude.DIALECT.output,
    command=f"/{NAME}:{{name}}",
    skill="${{CLAUDE_PLUGIN_ROOT}}/skills/{name}/SKILL.md",
    guide="${{CLAUDE_PLUGIN_ROOT}}/skills/{name}/SKILL.md",
    persona=f"{NAME}:{{name}}",
    approval=f"type /{NAME}:approve",
)
_DESCRIPTION = "Research, plan and implement behind gates a person controls, with memory in git."
_OWNER = {"name": "AgentOps Kit maintainers"}
_CALL = f'"${{CLAUDE_PLUGIN_ROOT}}/{SHIM}" {claude.NAME}'


def files(pieces: tuple[Piece, ...]) -> Iterator[RenderedFile]:
    """Yield the files of the pieces, relative to the plugin's folder."""
    for file in claude.files(pieces):
        yield file._replace(path=file.path.removeprefix(".claude/"))


def tree() -> tuple[RenderedFile, ...]:
    """Return everything of the plugin and the marketplace, relative to the kit's repository, sorted by path."""
    from importlib import import_module

    here = import_module(__name__)  # a module is a target, as each assistant's is
    content = render(resolve((BASE,), Library(shipped())), here)
    inside = (*content, script(SHIM, "plugin.sh"), _manifest(".claude-plugin/plugin.json", _plugin()), _events())
    placed = (file._replace(path=f"{FOLDER}/{file.path}") for file in inside)
    return tuple(sorted((*placed, _manifest(MARKETPLACE, _marketplace())), key=lambda file: file.path))


def _plugin() -> dict[str, Any]:
    return {
        "name": NAME,
        "version": __version__,
        "description": _DESCRIPTION,
        "author": _OWNER,
        "license": "Apache-2.0",
    }


def _marketplace() -> dict[str, Any]:
    entry = {"name": NAME, "source": f"./{FOLDER}", "description": _DESCRIPTION}
    return {"name": MARKETPLACE_NAME, "owner": _OWNER, "metadata": {"description": _DESCRIPTION}, "plugins": [entry]}


def _events() -> RenderedFile:
    events = claude.events(_CALL)
    for group in events["PreToolUse"]:  # without an open run these are answered in the shell, with no Python started
        group["hooks"] = [{**hook, "command": f"{_CALL} tool"} for hook in group["hooks"]]
    return _manifest("hooks/hooks.json", {"description": _DESCRIPTION, "hooks": events})


def _manifest(path: str, values: dict[str, Any]) -> RenderedFile:
    data = json.dumps(values, indent=2, ensure_ascii=False).encode() + b"\n"
    return RenderedFile(path, data, executable=False, owner="core", name="plugin:manifest")
