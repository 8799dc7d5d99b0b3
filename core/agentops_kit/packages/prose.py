"""What a profile's texts say wrong as texts: links that lead nowhere, paragraphs that stand twice. Pure."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LONG = 120
"""Characters from which a paragraph that stands in two files is one too many."""
ALIKE = 0.9
"""Share of five-word runs that two paragraphs have in common, from which they are one with a word changed."""
_RUN = 5
_LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(\s*<?(?P<target>[^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
_PICTURE = re.compile(r"!\[[^\]\n]*\]\(\s*<?(?P<target>[^)\s>]+)>?\s*\)")
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|#|//|\{", re.IGNORECASE)


class Link(NamedTuple):
    """A relative link: its 1-based line and where it leads, relative to the profile's folder."""

    line: int
    said: str
    target: str


class Twice(NamedTuple):
    """A paragraph that stands in two files: where the second is, and the file and line of the first."""

    path: str
    line: int
    other: str
    other_line: int
    text: str


def links(path: str, text: str) -> Iterator[Link]:
    """Yield the relative links and pictures of a markdown text outside its code blocks."""
    for number, line in _outside_code(text):
        bare = re.sub(r"`[^`]*`", "", line)
        for found in (*_LINK.finditer(bare), *_PICTURE.finditer(bare)):
            said = found["target"]
            if not _ELSEWHERE.match(said):
                plain = unquote(said.split("#", 1)[0].split("?", 1)[0])
                yield Link(number, said, posixpath.normpath(posixpath.join(posixpath.dirname(path), plain)))


def twice(texts: Mapping[str, str]) -> Iterator[Twice]:
    """Yield paragraphs that a second file has too, in the same words but for a few."""
    seen: list[tuple[frozenset[tuple[str, ...]], str, int]] = []
    for path, text in texts.items():
        mine = []
        for line, paragraph in _paragraphs(text):
            runs = _runs(paragraph)
            other = next((one for one in seen if _share(runs, one[0]) >= ALIKE), None)
            if other is not None:
                yield Twice(path, line, other[1], other[2], paragraph)
            mine.append((runs, path, line))
        seen += mine


def _share(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> float:
    return len(one & other) / (len(one | other) or 1)


def _runs(paragraph: str) -> frozenset[tuple[str, ...]]:
    words = re.findall(r"\w+", paragraph.casefold())
    return frozenset(tuple(words[at : at + _RUN]) for at in range(max(1, len(words) - _RUN + 1)))


def _paragraphs(text: str) -> Iterator[tuple[int, str]]:
    """Yield the first line's number and the words of each long paragraph of prose."""
    first, held = 0, ""
    for number, line in (*_outside_code(text), (0, "")):
        plain = " ".join(line.split())
        if plain and not plain.startswith(("#", "|", "{%", "{{", "```")):
            first, held = first or number, f"{held} {plain}".strip()
            continue
        if len(held) >= LONG:
            yield first, held
        first, held = 0, ""


def _outside_code(text: str) -> Iterator[tuple[int, str]]:
    fenced = False
    for number, line in enumerate(text.splitlines(), 1):
        fence = line.lstrip().startswith(("```", "~~~"))
        fenced ^= fence
        if not (fenced or fence):
            yield number, line
