"""YAML with its line numbers: as front matter above markdown, or as a whole file."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from agentops_kit.errors import ContentInvalid

if TYPE_CHECKING:
    from collections.abc import Iterator

    import yaml

_FRONT = re.compile(r"\A\ufeff?---[ \t]*\r?\n(?P<front>.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_LARGEST = 256 * 1024
_SHORT = 8 * 1024
"""Characters up to which libyaml reads a text: it is faster by far, and dies of tens of thousands of levels."""
_MOST_VALUES = 100_000
"""Values of a tree with every alias written out: more is a file made to grow."""
Place = tuple[str | int, ...]
"""Where a value stands in a YAML tree: ``("metadata", "name")``."""


class Document(NamedTuple):
    """A parsed file: its values, the 1-based line of each, and the text below the front matter."""

    where: str
    values: dict[str, Any]
    lines: dict[Place, int]
    body: str = ""
    body_line: int = 1

    def line(self, place: Place) -> int:
        """Return the line of the value at ``place``, or of the nearest thing around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


def parse(text: str, where: str) -> Document:
    """Read front matter and body; ``ContentInvalid`` names file and line when the front matter is missing or broken."""
    found = _FRONT.match(text)
    if found is None:
        message = f"{where}:1: there is no front matter between two `---` lines."
        raise ContentInvalid(message, remedy="Start the file with `---`, the keys, and `---`.")
    values, lines = _load(found["front"], where, 1)
    return Document(where, values, lines, text[found.end() :], text[: found.end()].count("\n") + 1)


def parse_yaml(text: str, where: str) -> Document:
    """Read a file that is YAML from its first line to its last; raises as ``parse`` does."""
    values, lines = _load(text, where, 0)
    return Document(where, values, lines)


def _load(text: str, where: str, above: int) -> tuple[dict[str, Any], dict[Place, int]]:
    import yaml

    if len(text) > _LARGEST:
        message = f"{where}: the YAML is larger than {_LARGEST // 1024} kB."
        raise ContentInvalid(message, remedy="Keep long text in a markdown file.")
    try:
        loader = _loader(text)
        try:
            node = loader.get_single_node()
            if node is None:
                return {}, {}
            placed = list(islice(_lines(node, (), where, above), _MOST_VALUES + 1))
            if len(placed) > _MOST_VALUES:
                message = f"{where}: its aliases stand for more than {_MOST_VALUES:,} values."
                raise ContentInvalid(message, remedy="Write out what the aliases stand for.")
            values = loader.construct_document(node)
        finally:
            loader.dispose()
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise _broken(error, where, above) from error
    if not isinstance(values, dict):
        message = f"{where}:{above + 1}: the file is not a mapping of keys to values."
        raise ContentInvalid(message, remedy="Write `key: value` lines.")
    return values, dict(placed)


def _loader(text: str) -> Any:
    import yaml

    fast = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return fast(text) if len(text) <= _SHORT else yaml.SafeLoader(text)


def _broken(error: Exception, where: str, above: int) -> ContentInvalid:
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 + above if mark is not None else above + 1
    reason = getattr(error, "problem", None) or " ".join(str(error).split())[:200]
    message = f"{where}:{line}: this is not YAML ({reason})."
    return ContentInvalid(message, remedy="Mend that line; quote a text that holds `: ` or starts with a sign.")


def _lines(node: yaml.Node, place: Place, where: str, above: int) -> Iterator[tuple[Place, int]]:
    from yaml import MappingNode, SequenceNode

    yield place, node.start_mark.line + 1 + above
    if isinstance(node, SequenceNode):
        for number, child in enumerate(node.value):
            yield from _lines(child, (*place, number), where, above)
    elif isinstance(node, MappingNode):
        seen: set[str] = set()
        for key, child in node.value:
            name, line = str(key.value), key.start_mark.line + 1 + above
            if name in seen:
                message = f"{where}:{line}: the key `{name}` stands twice."
                raise ContentInvalid(message, remedy="Keep one of them.")
            seen.add(name)
            yield from _lines(child, (*place, name), where, above)
            yield (*place, name), line
