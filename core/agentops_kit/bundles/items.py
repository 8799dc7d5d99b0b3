"""The pieces of a section that the tool fills: an outlined file, a quote, a commit, or somebody's own words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, get_args

from agentops_kit.bundles import sections
from agentops_kit.bundles.corpus import readable
from agentops_kit.bundles.findings import Why
from agentops_kit.bundles.markdown import SAID

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agentops_kit.bundles.document import Bundle
    from agentops_kit.memory.git import Repo

_WHYS = "|".join(re.escape(word) for word in get_args(Why))
_OUTLINED = re.compile(rf"- `(?P<path>[^`\n]+)` \((?:{_WHYS})(?:, (?:{_WHYS}))*\)\s*")
_DEFINITION = re.compile(r" {2,}\d+: .*\s*")
_QUOTED = re.compile(rf"`(?P<path>[^`\n]+?)(?::\d+(?:-\d+)?`(?: \((?:{_WHYS})\))?|` \((?:{_WHYS})\))\s*")
_LEFT_OUT = re.compile(r"…\d+")
_COMMIT = re.compile(r"- `[0-9a-f]{7,40}` \d{4}-\d\d-\d\d .*\s*")
_FENCE = re.compile(r"`{3,}")


class Item(NamedTuple):
    """A piece with the path it speaks of; ``made`` when every line of it has the form the tool writes."""

    text: str
    path: str
    made: bool


Lines = dict[str, frozenset[str]]
"""The lines of each quoted file as it was, without the blanks around them."""


def quoted_lines(repo: Repo, bundle: Bundle) -> Lines:
    """Return the lines of a bundle's sources, of those that this clone holds."""
    contents = repo.read_blobs(source.blob for source in bundle.sources) if bundle.sources else {}
    texts = {source.path: readable(contents[source.blob]) for source in bundle.sources if source.blob in contents}
    return {path: frozenset(map(str.strip, text.split("\n"))) for path, text in texts.items() if text is not None}


def split(text: str, known: Mapping[str, frozenset[str]] | None = None) -> tuple[Item, ...]:
    """Cut a section's text into items; joined they are the text again. Blank lines belong to what they follow.

    A quote of a file in ``known`` is the tool's only when that file has every line of it.
    """
    lines = sections.lines_of(text)
    found: list[Item] = []
    at = 0
    while at < len(lines):
        path, end = _made(lines, at)
        made = end > at
        if made and known is not None and path in known and _QUOTED.fullmatch(lines[at]):
            quoted = (line.strip() for line in lines[at + 2 : end - 1])
            made = all(line in known[path] or _LEFT_OUT.fullmatch(line) for line in quoted)
        end = end if end > at else _prose(lines, at)
        while end < len(lines) and not lines[end].strip():
            end += 1
        found.append(Item("".join(lines[at:end]), path if made else "", made))
        at = end
    return tuple(found)


def _made(lines: list[str], at: int) -> tuple[str, int]:
    """Return the path and the end of an item of the tool's that begins here; the same place when none does."""
    if _COMMIT.fullmatch(lines[at]) or lines[at].strip() in SAID:
        return "", at + 1
    outlined = _OUTLINED.fullmatch(lines[at])
    if outlined:
        end = at + 1
        while end < len(lines) and _DEFINITION.fullmatch(lines[end]):
            end += 1
        return outlined["path"], end
    quoted = _QUOTED.fullmatch(lines[at])
    if quoted and at + 1 < len(lines) and _FENCE.fullmatch(lines[at + 1].strip()):
        return quoted["path"], _closed(lines, at + 1) or at
    return "", at


def _closed(lines: list[str], opening: int) -> int:
    """Return the place behind the line that closes a fence, 0 when none does."""
    found = _FENCE.match(lines[opening])
    fence = found[0] if found else ""
    closing = (at for at in range(opening + 1, len(lines)) if lines[at].strip() == fence)
    return next(closing, -1) + 1


def _prose(lines: list[str], at: int) -> int:
    """Return where somebody's own words end: at the next item of the tool's that is not inside a fence."""
    end = at
    while end < len(lines) and (end == at or _made(lines, end)[1] == end):
        end = (_FENCE.match(lines[end]) and _closed(lines, end)) or end + 1
    return end
