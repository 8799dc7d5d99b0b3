"""A markdown body cut at its headings; code in fences holds none."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_LINE = re.compile(r"[^\n]*\n|[^\n]+\Z")  # not splitlines, which also cuts at form feeds
_FENCE = re.compile(r" {0,3}(?P<fence>`{3,}|~{3,})(?P<info>.*)")
_MARK = re.compile(r"^ {0,3}(?:(?P<heading>#{1,6})(?=\s|\Z)|`{3}|~{3})", re.MULTILINE)
_CLOSING = re.compile(r"(?<!\S)#+\Z")


class Section(NamedTuple):
    """A heading and what stands below it, up to the next one of those it was cut at.

    ``text`` starts with the heading's own line; ``line`` counts from 1 in the body. What stands
    above the first heading has level 0 and no title.
    """

    level: int
    title: str
    line: int
    text: str

    @property
    def below(self) -> str:
        """The text without the heading's line."""
        return self.text.partition("\n")[2] if self.level else self.text


def split(body: str, deepest: int = 6) -> tuple[Section, ...]:
    """Cut a body at its headings down to level ``deepest``; the texts joined are the body again."""
    cuts: list[tuple[int, int, str]] = [(0, 0, "")]  # where a section begins, its level and its title
    closing = ""
    for mark in _MARK.finditer(body):  # the only lines that matter, found in one pass
        end = body.find("\n", mark.start())
        line = body[mark.start() : end if end >= 0 else len(body)]
        level = len(mark["heading"] or "")
        if not level:
            closing = _after(line, closing)
        elif not closing and level <= deepest:
            title = _CLOSING.sub("", line[mark.end() - mark.start() :].strip()).strip()
            cuts.append((mark.start(), level, title))
    found: list[Section] = []
    first = 1
    for (at, level, title), (end, _, _) in pairwise((*cuts, (len(body), 0, ""))):
        if end > at:
            found.append(Section(level, title, first, body[at:end]))
            first += body.count("\n", at, end)
    return tuple(found)


def lines(body: str) -> Iterator[tuple[str, bool]]:
    """Yield each line with its end, and whether it is part of a fenced block."""
    closing = ""
    for line in lines_of(body):
        after = _after(line, closing)
        yield line, bool(closing or after)
        closing = after


def open_fence(text: str) -> str:
    """Return the fence that a text opens and does not close, ``""`` when there is none."""
    closing = ""
    for line in lines_of(text):
        closing = _after(line, closing)
    return closing


def _after(line: str, closing: str) -> str:
    """Return what closes the fence that is open behind a line; ``closing`` is the same for the line before."""
    mark = _FENCE.match(line)
    if mark is None:
        return closing
    if closing:
        return "" if mark["fence"].startswith(closing) and not mark["info"].strip() else closing
    return "" if mark["fence"][0] == "`" and "`" in mark["info"] else mark["fence"]


def lines_of(text: str) -> list[str]:
    """Return the lines, each with its end; only line feeds end one."""
    return _LINE.findall(text)
