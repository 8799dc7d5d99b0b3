"""Which of the tool and model names that content uses mean something to which assistant.

Content names tools and models as Claude Code does. An assistant's module has the table of the tools that its client
has a name of its own for; a persona that lists others is written there without them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from agentops_kit.assistants import base
from agentops_kit.content.lint import MODELS

if TYPE_CHECKING:
    from collections.abc import Mapping

SESSION = "inherit"
"""The model of the session itself, which every assistant has."""


def missing(tool: str, assistants: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of the assistants that have no tool for this name."""
    if tool.startswith("mcp__"):
        return ()  # a server's tools are the same everywhere it is set up
    tables = {name: _table(name) for name in assistants}
    return tuple(name for name, table in tables.items() if table is not None and tool not in table)


def strangers(model: str, assistants: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of the assistants to which the name of a model means nothing."""
    if model not in MODELS - {SESSION} and not model.startswith("claude-"):
        return ()
    return tuple(name for name in assistants if name != "claude")


def _table(name: str) -> Mapping[str, str] | None:
    """Return an assistant's tools by our names; None for one that reads no list of them, or takes ours."""
    return cast("Mapping[str, str] | None", getattr(base.load(name), "TOOLS", None))
