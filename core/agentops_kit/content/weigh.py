"""What the rendered content costs in tokens: standing in every session, and along the main path."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agentops_kit.ports import RenderedFile

MAIN_PATH = ("research", "plan", "implement", "validate", "approve")
MOST_ALWAYS_LOADED = 300
MOST_MAIN_PATH = 7_500

_PATH = re.compile(r"\.claude/(?P<kind>commands|agents|skills)/(?P<name>[^/]+?)(?:/SKILL)?\.md")


class _Piece(NamedTuple):
    kind: str
    name: str
    description: str
    hidden: bool
    text: str


def always_loaded(rendered: Iterable[RenderedFile]) -> int:
    """Return the o200k tokens of the lines by which Claude Code lists personas, skills and commands to the model.

    One line each, ``- name: description``; what only a person can start is not listed.
    """
    return sum(_tokens(f"- {one.name}: {one.description}\n") for one in _pieces(rendered) if not one.hidden)


def main_path(rendered: Iterable[RenderedFile]) -> int:
    """Return the o200k tokens of the main path's command files and of every persona file they name."""
    pieces = list(_pieces(rendered))
    commands = [one for one in pieces if one.kind == "commands" and one.name in MAIN_PATH]
    named = {name for one in commands for name in re.findall(r"`([a-z0-9-]+)`", one.text)}
    personas = [one for one in pieces if one.kind == "agents" and one.name in named]
    return sum(_tokens(one.text) for one in (*commands, *personas))


def _pieces(rendered: Iterable[RenderedFile]) -> Iterable[_Piece]:
    from agentops_kit.content import frontmatter

    for file in rendered:
        found = _PATH.fullmatch(file.path)
        if found:
            text = file.content.decode()
            values = frontmatter.parse(text, file.path).values
            hidden = bool(values.get("disable-model-invocation"))
            yield _Piece(found["kind"], found["name"], values.get("description", ""), hidden, text)


def _tokens(text: str) -> int:
    from agentops_kit.tokens.count import count

    return count(text)
