"""A treemap as SVG: areas in proportion to sizes, folders as frames around their files."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.charts.svg import PALETTE, element, picture, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agentops_kit.tokens.tree import Node

_MARGIN, _HEAD = 2.0, 16.0
_SMALLEST = 3.0  # pixels; smaller boxes are drawn as one with their neighbours
_LETTER = 6.2  # pixels that a letter of size 11 takes, about


class Box(NamedTuple):
    """A rectangle in pixels."""

    x: float
    y: float
    width: float
    height: float


def treemap(tree: Node, title: str, width: int = 1200, height: int = 760) -> str:
    """Return a picture of a tree's sizes; each top folder has a colour, and hovering tells path and tokens."""
    top = 40.0
    pieces = [words(title, 12, 26, 15, font_weight="600")]
    frame = Box(8, top, width - 16, height - top - 8)
    for at, (child, box) in enumerate(_laid(tree.children, frame)):
        pieces += _drawn(child, box, child.name, PALETTE[at % len(PALETTE)], tree.tokens)
    return picture(width, height, title, pieces)


def _laid(children: Sequence[Node], frame: Box) -> Iterator[tuple[Node, Box]]:
    """Place children in a frame, squarified (Bruls, Huizing and van Wijk 2000), largest first."""
    import squarify

    held = sorted((child for child in children if child.tokens > 0), key=lambda child: (-child.tokens, child.name))
    if not held or frame.width < _SMALLEST or frame.height < _SMALLEST:
        return
    sizes = squarify.normalize_sizes([child.tokens for child in held], frame.width, frame.height)
    places = squarify.squarify(sizes, frame.x, frame.y, frame.width, frame.height)
    for child, place in zip(held, places, strict=True):
        yield child, Box(place["x"], place["y"], place["dx"], place["dy"])


def _drawn(node: Node, box: Box, path: str, colour: str, total: int) -> Iterator[str]:
    inner = Box(box.x + _MARGIN / 2, box.y + _MARGIN / 2, box.width - _MARGIN, box.height - _MARGIN)
    if inner.width < 1 or inner.height < 1:
        return
    told = element("title", _safe(f"{path}: {node.tokens:,} tokens, {node.tokens / total:.1%}"))
    shade = 0.35 if node.children else 0.85
    yield element(
        "rect", told, x=inner.x, y=inner.y, width=inner.width, height=inner.height, fill=colour, opacity=shade, rx=2
    )
    named = inner.height >= _HEAD and inner.width >= 5 * _LETTER
    if named:
        label = _fitting(node, inner.width)
        yield words(label, inner.x + 4, inner.y + 12, 11, class_="" if node.children else "onfill")
    if node.children:
        head = _HEAD if named else 0.0
        room = Box(inner.x + 1, inner.y + head, inner.width - 2, inner.height - head - 1)
        for child, place in _laid(node.children, room):
            yield from _drawn(child, place, f"{path}/{child.name}", colour, total)


def _fitting(node: Node, width: float) -> str:
    letters = int((width - 8) / _LETTER)
    whole = f"{node.name}  {node.tokens:,}"
    return (
        whole if len(whole) <= letters else node.name if len(node.name) <= letters else f"{node.name[: letters - 1]}…"
    )


def _safe(text: str) -> str:
    from xml.sax.saxutils import escape

    return escape("".join(letter for letter in text if letter.isprintable()))
