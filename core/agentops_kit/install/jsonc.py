"""JSON with comments, edited at positions a parser gives, so that every other byte stays.

The parser is json-five's; nothing here reads JSON by itself. Offsets are in characters.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Any, NamedTuple

from agentops_kit.errors import InstallRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from json5.model import JSONArray, JSONObject, Node

_QUIET = {"WHITESPACE", "LINE_COMMENT", "BLOCK_COMMENT"}


class Edit(NamedTuple):
    """Characters ``start`` to ``end`` become ``text``; an insertion has ``start == end``."""

    start: int
    end: int
    text: str = ""


class Part(NamedTuple):
    """A member (``key`` set) or an element: where it begins, where it ends, where the comma after it ends, if any."""

    key: str
    start: int
    end: int
    comma: int | None
    node: Node


class Box(NamedTuple):
    """An object or array: offsets of its opening and closing bracket, and what is between."""

    opened: int
    closed: int
    parts: tuple[Part, ...]


def apply(text: str, edits: Iterable[Edit]) -> str:
    """Return the text with non-overlapping edits made; edits at one place keep their order."""
    kept, at = [], 0
    for edit in sorted(edits, key=lambda one: (one.start, one.end)):
        kept += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join([*kept, text[at:]])


class Document:
    """A parsed text; ``InstallRefused`` names line and column when it is not JSON."""

    def __init__(self, text: str, where: str) -> None:
        """Parse ``text``; ``where`` names the file in messages."""
        self.text = text
        self._where = where
        self._lines = [0, *(at + 1 for at, letter in enumerate(text) if letter == "\n")]
        self.root, self._tokens = self._parsed()
        self._starts = [token.index for token in self._tokens]

    def _parsed(self) -> tuple[Node, list[Any]]:
        import json5
        from json5.loader import ModelLoader
        from json5.tokenizer import tokenize

        try:
            model = json5.loads(self.text, loader=ModelLoader())
            return model.value, [token for token in tokenize(self.text) if token.type not in _QUIET]
        except (ValueError, RecursionError) as error:
            raise InstallRefused(self._broken(error), remedy="Mend it, then try again.") from error

    def _broken(self, error: Exception) -> str:
        token, named = getattr(error, "token", None), re.search(r"at index (\d+)$", str(error))
        at = token.index if token is not None else int(named[1]) if named else len(self.text)
        line = bisect_right(self._lines, at)
        return f"{self._where} is not valid JSON at line {line}, column {at - self._lines[line - 1] + 1}."

    @property
    def value(self) -> Any:
        """The whole document as plain values."""
        return self.plain(self.root)

    def plain(self, node: Node) -> Any:
        """Return a node as dicts, lists, strings and numbers."""
        from json5.loader import DefaultLoader

        try:
            return DefaultLoader().load(node)
        except RecursionError as error:
            message = f"{self._where} is not valid JSON that we can read: its lists are nested too deep."
            raise InstallRefused(message, remedy="Mend it, then try again.") from error

    def box(self, node: Node) -> Box | None:
        """Return an object's or array's parts, None for anything else."""
        from json5.model import JSONArray, JSONObject

        if not isinstance(node, JSONObject | JSONArray):
            return None
        closed = self._offset(node.end_lineno, node.end_col_offset) - 1
        parts = self._members(node, closed) if isinstance(node, JSONObject) else self._elements(node, closed)
        return Box(self._offset(node.lineno, node.col_offset), closed, parts)

    def _members(self, node: JSONObject, closed: int) -> tuple[Part, ...]:
        keys = [str(self.plain(key)) for key in node.keys]
        return self._parts(keys, [self._start(key) for key in node.keys], node.values, closed)

    def _elements(self, node: JSONArray, closed: int) -> tuple[Part, ...]:
        return self._parts([""] * len(node.values), [self._start(one) for one in node.values], node.values, closed)

    def _parts(self, keys: list[str], starts: list[int], nodes: Sequence[Node], closed: int) -> tuple[Part, ...]:
        parts = []
        for key, start, limit, node in zip(keys, starts, [*starts, closed][1:], nodes, strict=True):
            last = bisect_right(self._starts, limit - 1) - 1
            comma = None
            if self._tokens[last].type == "COMMA":
                comma, last = self._tokens[last].end, last - 1
            parts.append(Part(key, start, self._tokens[last].end, comma, node))
        return tuple(parts)

    def _start(self, node: Node) -> int:
        return self._offset(node.lineno, node.col_offset)

    def _offset(self, line: int | None, column: int | None) -> int:
        if line is None or column is None:
            message = f"{self._where} could not be read with positions."
            raise InstallRefused(message, remedy="Report this file's shape to us; nothing was changed.")
        return self._lines[line - 1] + column

    # -- edits -------------------------------------------------------------------------------

    def append(self, box: Box, news: Sequence[tuple[str, Any]]) -> list[Edit]:
        """Return the insertions that put ``(key, value)`` pairs last, in the box's own style of layout and commas."""
        if not news:
            return []
        style = Style.of(self, box)
        trailing = bool(box.parts) and box.parts[-1].comma is not None
        inner = self.text[box.opened + 1 : box.closed].rstrip()
        at = box.opened + 1 + len(inner)
        body = f",{style.before}".join(style.show(key, value) for key, value in news) + ("," if trailing else "")
        lead = style.before if box.parts or style.newline else ""
        tail = style.after if style.newline and "\n" not in self.text[at : box.closed] else ""
        comma = [Edit(box.parts[-1].end, box.parts[-1].end, ",")] if box.parts and not trailing else []
        return [*comma, Edit(at, at, lead + body + tail)]

    def cut(self, box: Box, gone: Sequence[Part]) -> list[Edit]:
        """Return the deletions that take parts out, with the space before each and one comma."""
        edits = []
        for part in gone:
            before = box.opened + 1 + len(self.text[box.opened + 1 : part.start].rstrip())
            edits.append(Edit(before, part.comma or part.end))
        stay = [part for part in box.parts if part not in gone]
        dangling = bool(stay) and box.parts[-1] in gone and box.parts[-1].comma is None
        if dangling and stay[-1].comma is not None:
            edits.append(Edit(stay[-1].comma - 1, stay[-1].comma))
        return edits


class Style(NamedTuple):
    """How a box is laid out; ``newline`` is empty when it stands on one line."""

    newline: str
    indent: str
    outer: str
    unit: str

    @classmethod
    def of(cls, document: Document, box: Box) -> Style:
        """Read the layout off the text around and inside the box."""
        text = document.text
        newline = "\r\n" if "\r\n" in text else "\n"
        outer = _indent_at(text, box.opened)
        root = document.box(document.root)
        unit = (_own_line(text, root.parts[0].start) if root and root.parts else None) or "  "
        multi = "\n" in text[box.opened : box.closed] or (not box.parts and ("\n" in text.strip() or box == root))
        own = _own_line(text, box.parts[0].start) if box.parts else None
        return cls(newline if multi else "", outer + unit if own is None else own, outer, unit)

    @property
    def before(self) -> str:
        """What separates a part from what stands before it."""
        return self.newline + self.indent if self.newline else " "

    @property
    def after(self) -> str:
        """What separates the last part from the closing bracket on a line of its own."""
        return self.newline + self.outer

    def show(self, key: str, value: Any) -> str:
        """Return a member or element as text."""
        name = f"{json.dumps(key)}: " if key else ""
        if not self.newline:
            return name + json.dumps(value, ensure_ascii=False)
        lines = json.dumps(value, indent=self.unit, ensure_ascii=False).split("\n")
        return name + f"{self.newline}{self.indent}".join(lines)


def _indent_at(text: str, at: int) -> str:
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return line[: len(line) - len(line.lstrip(" \t"))]


def _own_line(text: str, at: int) -> str | None:
    """Return the space before ``at`` when nothing else is on its line, else None."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return None if "\n" not in text[:at] or line.strip(" \t") else line
