"""Definitions of a source file with their lines.

A parser finds them where there is a grammar; where it stumbles over a part of the file, and in other
languages, line patterns and indentation do. Nobody else knows how definitions are found.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

from agentops_kit.bundles.grammars import grammar
from agentops_kit.bundles.languages import always, language, may_define, needs, patterns

_CLOSERS = ("}", "end", "fi", "done")
_STILL_HEAD = ("{", ")", "]", "->", "where ", ":")
_COMMENTS = ("#", "//", "/*", "*", "@", "--", ";;")
_MOST_LINES = 60_000
_LONGEST = 300  # characters: lines that no person wrote, and that patterns take long over
_OVERLONG = re.compile(r"[^\n]{301,}")
_ENDLESS = re.compile(r"[^\n]{5001,}")  # not even a parser is given these
_SCRIPT = re.compile(r"<script\b[^>]*>\n?|</script>", re.IGNORECASE)
_MACROS = frozenset({"rust"})  # definitions in a macro's brackets are no syntax to the parser
_MARKUP = (".vue", ".svelte")


class Definition(NamedTuple):
    """A named piece of a file; lines count from 1, ``end`` is its last line.

    ``first`` is where its decorators or comment begin, ``line`` is the line that names it, and
    ``signature`` is that line as written, without its indentation.
    """

    name: str
    kind: str
    first: int
    line: int
    end: int
    depth: int
    signature: str
    parent: int = -1  # place in the outline of the definition around it


def outline(path: str, text: str) -> tuple[Definition, ...]:
    """Return a file's definitions by line; none for a language or a size we do not read."""
    name, family = grammar(path), language(path)
    lines = text.split("\n")
    if not (name or family) or len(lines) > _MOST_LINES:
        return ()
    parsed, whole = _parsed(name, _source(path, text), lines, _marks(family)) if name else ((), False)
    if not family or (whole and name not in _MACROS):
        return parsed
    plain = _OVERLONG.sub("", text)
    return _joined(parsed, _matched(family, plain, plain.split("\n")))


def by_lines(path: str, text: str) -> tuple[Definition, ...]:
    """Return what line patterns alone find."""
    family = language(path)
    plain = _OVERLONG.sub("", text)
    return _matched(family, plain, plain.split("\n")) if family else ()


def names(path: str, text: str) -> list[str]:
    """Return the names a file seems to define, quickly and with repeats."""
    family = language(path)
    if not family:
        return []
    worth = may_define(family)
    lines = [line for line in text.split("\n") if len(line) <= _LONGEST and worth(line)]
    whole = "\n".join(lines)
    found: list[str] = []
    for pattern, need in zip(patterns(family), needs(family), strict=True):
        fit = whole if need is always else "\n".join([line for line in lines if need(line)])
        found += [hit["name"] for hit in pattern.finditer(fit)]
    return found


# -- by a parser ---------------------------------------------------------------------------------


def _source(path: str, text: str) -> str:
    """Return what the parser is given: no endless lines, and of a page only its script, every line in its place."""
    text = _ENDLESS.sub("", text)
    if not path.endswith(_MARKUP):
        return text
    kept = []
    for at, (part, mark) in enumerate(zip(_SCRIPT.split(text), [*_SCRIPT.findall(text), ""], strict=True)):
        kept += [part if at % 2 else "\n" * part.count("\n"), "\n" * mark.count("\n")]
    return "".join(kept)


def _parsed(name: str, text: str, lines: list[str], marks: tuple[str, ...]) -> tuple[tuple[Definition, ...], bool]:
    from agentops_kit.bundles.syntax import parse

    found, whole = parse(name, text)
    last = len(lines)
    return tuple(
        Definition(
            one.name,
            one.kind,
            _with_comment(lines, one.start + 1, marks),
            one.row + 1,
            min(max(one.end, one.row) + 1, last),
            one.depth,
            _line(lines, one.row + 1),
            one.parent,
        )
        for one in found
    ), whole


def _joined(parsed: tuple[Definition, ...], matched: tuple[Definition, ...]) -> tuple[Definition, ...]:
    """Add what line patterns find and a parser lost among errors."""
    taken = {definition.line for definition in parsed}
    lost = [definition for definition in matched if definition.line not in taken]
    return (
        _nested(sorted((*parsed, *lost), key=lambda definition: (definition.line, -definition.end))) if lost else parsed
    )


def _line(lines: list[str], number: int) -> str:
    return lines[number - 1].strip() if number <= len(lines) else ""


# -- every other language ------------------------------------------------------------------------


def _matched(family: str, text: str, lines: list[str]) -> tuple[Definition, ...]:
    starts = _line_starts(lines)
    marks = _marks(family)
    taken: dict[int, Definition] = {}
    for pattern in patterns(family):
        for found in pattern.finditer(text):
            line = _line_at(starts, found.start("name"))
            if line not in taken:
                facts = found.groupdict()
                kind = facts.get("kind") or "def"
                taken[line] = _spanning(found["name"], kind, line, lines, marks)
    return _nested([taken[line] for line in sorted(taken)])


def _marks(family: str) -> tuple[str, ...]:
    return _COMMENTS if family != "c" else tuple(mark for mark in _COMMENTS if mark != "#")


def _line_starts(lines: list[str]) -> list[int]:
    starts, at = [], 0
    for line in lines:
        starts.append(at)
        at += len(line) + 1
    return starts


def _line_at(starts: list[int], offset: int) -> int:
    return bisect_right(starts, offset)


def _spanning(name: str, kind: str, line: int, lines: list[str], marks: tuple[str, ...]) -> Definition:
    return Definition(name, kind, _with_comment(lines, line, marks), line, _end(lines, line), 0, _line(lines, line))


def _end(lines: list[str], line: int) -> int:
    """Find the last line of what starts at ``line`` by indentation and closing words."""
    width = _indent(lines[line - 1])
    end = line
    for number in range(line + 1, len(lines) + 1):
        held = lines[number - 1]
        bare = held.strip()
        if not bare:
            continue
        if _indent(held) > width or bare.startswith(_STILL_HEAD):
            end = number
            continue
        if bare.startswith(_CLOSERS) and _indent(held) == width:
            end = number
            if bare.endswith("{"):  # `} else {`
                continue
        break
    return end


def _indent(line: str) -> int:
    expanded = line.expandtabs(4)
    return len(expanded) - len(expanded.lstrip())


def _with_comment(lines: list[str], first: int, marks: tuple[str, ...] = _COMMENTS) -> int:
    """Move up over the comment and decorator lines that touch a definition, ten at most."""
    at = first
    while at > 1 and first - at < 10 and lines[at - 2].strip().startswith(marks):  # noqa: PLR2004
        at -= 1
    return at


def _nested(found: list[Definition]) -> tuple[Definition, ...]:
    placed: list[Definition] = []
    around: list[int] = []
    for definition in found:
        while around and placed[around[-1]].end < definition.line:
            around.pop()
        placed.append(definition._replace(depth=len(around), parent=around[-1] if around else -1))
        around.append(len(placed) - 1)
    return tuple(placed)
