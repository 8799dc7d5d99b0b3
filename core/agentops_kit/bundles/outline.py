"""Definitions of a source file with their lines.

Python is parsed; other languages go by line patterns and indentation. The seam for a real
parser is ``outline(path, text)``; nobody else knows how definitions are found.
"""

from __future__ import annotations

import ast
import re
import warnings
from bisect import bisect_right
from typing import NamedTuple

from agentops_kit.bundles.languages import language, patterns

_CLOSERS = ("}", "end", "fi", "done")
_STILL_HEAD = ("{", ")", "]", "->", "where ", ":")
_COMMENTS = ("#", "//", "/*", "*", "@", "--", ";;")
_MOST_LINES = 60_000
_OVERLONG = re.compile(r"[^\n]{301,}")  # lines that no person wrote, and that patterns take long over


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


def outline(path: str, text: str) -> tuple[Definition, ...]:
    """Return a file's definitions by line; none for a language or a size we do not read."""
    family = language(path)
    lines = text.split("\n")
    if not family or len(lines) > _MOST_LINES:
        return ()
    if family == "python":
        parsed = _parsed(text, lines)
        if parsed is not None:
            return parsed
    plain = _OVERLONG.sub("", text)
    return _matched(family, plain, plain.split("\n"))


def names(path: str, text: str) -> list[str]:
    """Return the names a file seems to define, quickly and with repeats."""
    plain = _OVERLONG.sub("", text)
    return [found["name"] for pattern in patterns(language(path)) for found in pattern.finditer(plain)]


# -- Python --------------------------------------------------------------------------------------


def _parsed(text: str, lines: list[str]) -> tuple[Definition, ...] | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the user's invalid escapes are not our business
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
    found: list[Definition] = []
    waiting: list[tuple[ast.stmt, int]] = [(node, 0) for node in reversed(tree.body)]
    while waiting:
        node, depth = waiting.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.append(_definition(node, depth, lines))
            depth += 1
        elif depth == 0 and isinstance(node, (ast.Assign, ast.AnnAssign)):
            found += _values(node, lines)
        waiting += [(child, depth) for child in reversed(_statements(node))]
    return tuple(found)


def _statements(node: ast.stmt) -> list[ast.stmt]:
    blocks: list[ast.AST] = []
    for field in ("body", "orelse", "finalbody"):
        blocks += getattr(node, field, [])
    for handler in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        blocks += handler.body
    return [child for child in blocks if isinstance(child, ast.stmt)]


def _definition(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, depth: int, lines: list[str]
) -> Definition:
    kind = "class" if type(node).__name__ == "ClassDef" else "def"
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    first = _with_comment(lines, first)
    end = node.end_lineno or node.lineno
    return Definition(node.name, kind, first, node.lineno, end, depth, _line(lines, node.lineno))


def _values(node: ast.Assign | ast.AnnAssign, lines: list[str]) -> list[Definition]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    first, end = node.lineno, node.end_lineno or node.lineno
    return [
        Definition(target.id, "value", _with_comment(lines, first), first, end, 0, _line(lines, first))
        for target in targets
        if isinstance(target, ast.Name)
    ]


def _line(lines: list[str], number: int) -> str:
    return lines[number - 1].strip() if number <= len(lines) else ""


# -- every other language ------------------------------------------------------------------------


def _matched(family: str, text: str, lines: list[str]) -> tuple[Definition, ...]:
    starts = _line_starts(lines)
    marks = _COMMENTS if family != "c" else tuple(mark for mark in _COMMENTS if mark != "#")
    taken: dict[int, Definition] = {}
    for pattern in patterns(family):
        for found in pattern.finditer(text):
            line = _line_at(starts, found.start("name"))
            if line not in taken:
                facts = found.groupdict()
                kind = facts.get("kind") or "def"
                taken[line] = _spanning(found["name"], kind, line, lines, marks)
    return _nested([taken[line] for line in sorted(taken)])


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
    open_ends: list[int] = []
    for definition in found:
        while open_ends and open_ends[-1] < definition.line:
            open_ends.pop()
        placed.append(definition._replace(depth=len(open_ends)))
        open_ends.append(definition.end)
    return tuple(placed)
