"""What the rendered content costs in tokens: standing in every session, and along the main path."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, Protocol

from agentops_kit.content.dialect import BESIDE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from agentops_kit.ports import RenderedFile

MAIN_PATH = ("research", "plan", "implement", "validate", "approve")
_NAME = r"(?:agentops/)?(?P<name>[^/]+)"
"""A piece's own name, also where it stands in a folder of ours because a file of the user's has its place."""
MOST_ALWAYS_LOADED = 300
MOST_MAIN_PATH = 7_500


class Listing(Protocol):
    """How an assistant tells its model what there is; its module is enough."""

    @property
    def PLACES(self) -> Mapping[str, str]:  # noqa: N802 - a constant of the module
        """The path of the text of each kind of piece; ``{name}`` is its name."""
        ...

    @property
    def LISTED(self) -> Mapping[str, str]:  # noqa: N802 - a constant of the module
        """The line with ``{name}`` and ``{description}`` that every request carries for a piece of a kind."""
        ...


class _Piece(NamedTuple):
    kind: str
    name: str
    description: str
    hidden: bool
    text: str


def always_loaded(rendered: Iterable[RenderedFile], listing: Listing, rules: str = "") -> int:
    """Return the o200k tokens of the lines by which an assistant lists pieces to the model, and of ``rules``.

    What only a person can start is not listed.
    """
    pieces = [one for one in _pieces(rendered, listing) if one.kind in listing.LISTED and not one.hidden]
    lines = (listing.LISTED[one.kind].format(name=one.name, description=one.description) for one in pieces)
    return sum(map(_tokens, (*lines, rules)))


def main_path(rendered: Iterable[RenderedFile], listing: Listing) -> int:
    """Return the o200k tokens of the main path's command files and of every persona file they name."""
    pieces = list(_pieces(rendered, listing))
    commands = [one for one in pieces if one.kind == "command" and one.name.removeprefix(BESIDE) in MAIN_PATH]
    named = {name for one in commands for name in re.findall(r"`([a-z0-9-]+)`", one.text)}
    personas = [one for one in pieces if one.kind == "persona" and one.name in named]
    return sum(_tokens(one.text) for one in (*commands, *personas))


def _pieces(rendered: Iterable[RenderedFile], listing: Listing) -> Iterator[_Piece]:
    files = {file.path: file for file in rendered}
    patterns = {
        kind: re.compile(re.escape(place).replace(r"\{name\}", _NAME)) for kind, place in listing.PLACES.items()
    }
    for path, file in files.items():
        for kind, pattern in patterns.items():
            found = pattern.fullmatch(path)
            if found:
                text = file.content.decode("utf-8", "replace")
                said = _said(text, path)
                hidden = bool(said.get("disable-model-invocation")) or _policy(path) in files
                yield _Piece(kind, found["name"], said.get("description", ""), hidden, text)


def _said(text: str, path: str) -> Mapping[str, str]:
    """Return what stands in front of a text; nothing where a person's edit left none that can be read."""
    if path.endswith(".toml"):
        import tomllib

        try:
            return tomllib.loads(text)
        except (ValueError, RecursionError):
            return {}
    from agentops_kit.content import frontmatter
    from agentops_kit.errors import ContentInvalid

    try:
        return frontmatter.parse(text, path).values
    except ContentInvalid:
        return {}


def _policy(path: str) -> str:
    """Return where Codex looks for the word that a skill is a person's to start."""
    return f"{path.rpartition('/')[0]}/agents/openai.yaml"


def _tokens(text: str) -> int:
    from agentops_kit.tokens.count import count

    return count(text)
