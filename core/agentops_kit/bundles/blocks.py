"""A file cut into blocks of a few lines, the smallest things that are quoted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentops_kit.bundles.outline import Definition

BlockKind = Literal["signature", "head", "between", "body"]

_LONGEST = 8  # lines of a block
_LONGEST_HEAD = 12
_SHORTEST = 3  # lines before a blank line ends a block
_OWN = 12  # lines from which a function inside another one is a piece of its own
_TYPES = ("class", "struct", "interface", "enum", "impl", "trait", "module", "namespace", "type", "object", "record")


class Piece(NamedTuple):
    """Lines ``first`` to ``last`` that belong to one definition (its place, -1 for none) and to none inside it."""

    first: int
    last: int
    definition: int


class Block(NamedTuple):
    """Lines ``first`` to ``last`` of a piece (its place); a signature is the line that names a definition."""

    first: int
    last: int
    kind: BlockKind
    piece: int


def is_type(definition: Definition) -> bool:
    """Say whether a definition is of the kind that has members."""
    return any(word in definition.kind for word in _TYPES)


def pieces(definitions: Sequence[Definition], lines: int) -> tuple[Piece, ...]:
    """Cut a file where definitions begin and end; a short function inside a function stays in it."""
    owner = [-1] * (lines + 2)
    for place, one in enumerate(definitions):
        outer = definitions[one.parent] if one.parent >= 0 else None
        if outer is None or is_type(outer) or one.end - one.line >= _OWN:
            first = max(one.first, outer.line + 1) if outer else one.first
            owner[first : min(one.end, lines) + 1] = [place] * max(0, min(one.end, lines) + 1 - first)
    found, first = [], 1
    for line in range(1, lines + 1):
        if line == lines or owner[line + 1] != owner[line]:
            found.append(Piece(first, line, owner[line]))
            first = line + 1
    return tuple(found)


def cut(parts: Sequence[Piece], definitions: Sequence[Definition], lines: Sequence[str]) -> tuple[Block, ...]:
    """Cut pieces into blocks, those without text left out; ``lines`` has line 1 at 0."""
    found: list[Block] = []
    for place, part in enumerate(parts):
        named = definitions[part.definition].line if part.definition >= 0 else 0
        if part.first <= named <= part.last:
            found += [Block(*span, "head", place) for span in _spans(lines, part.first, named - 1, _LONGEST_HEAD)]
            found.append(Block(named, named, "signature", place))
            found += [Block(*span, "body", place) for span in _spans(lines, named + 1, part.last, _LONGEST)]
        else:
            kind: BlockKind = "body" if named else "between"
            found += [Block(*span, kind, place) for span in _spans(lines, part.first, part.last, _LONGEST)]
    return tuple(block for block in found if any(map(str.strip, lines[block.first - 1 : block.last])))


def _spans(lines: Sequence[str], first: int, last: int, longest: int) -> list[tuple[int, int]]:
    found, start = [], first
    for line in range(first, last + 1):
        length = line - start + 1
        if length >= longest or (length >= _SHORTEST and not lines[line - 1].strip()):
            found.append((start, line))
            start = line + 1
    if start <= last:
        found.append((start, last))
    return found
