"""Token counts of files as a tree of folders, like ``du``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True)
class Node:
    """A file, or a folder with all that lies below it; ``files`` is 1 for a file."""

    name: str
    tokens: int
    files: int
    children: tuple[Node, ...] = ()


def tree(counts: Iterable[tuple[str, int]], name: str = "") -> Node:
    """Return the folders that hold the paths, largest children first; empty for no counts."""
    folders: dict[str, list[tuple[str, int]]] = {}
    files: list[Node] = []
    for path, tokens in counts:
        head, found, rest = path.partition("/")
        if found:
            folders.setdefault(head, []).append((rest, tokens))
        else:
            files.append(Node(head, tokens, 1))
    children = [*files, *(tree(held, folder) for folder, held in folders.items())]
    children.sort(key=lambda child: (-child.tokens, child.name))
    return Node(name, sum(one.tokens for one in children), sum(one.files for one in children), tuple(children))


def rows(root: Node, depth: int, least: float = 0.01) -> Iterator[tuple[str, Node]]:
    """Yield indented names down to ``depth``, leaving out what is less than a share ``least`` of the whole."""
    yield from _rows(root, depth, root.tokens * least, "")


def _rows(node: Node, depth: int, least: float, indent: str) -> Iterator[tuple[str, Node]]:
    if depth < 1:
        return
    for child in node.children:
        if child.tokens >= least:
            yield f"{indent}{child.name}{'/' if child.children else ''}", child
            yield from _rows(child, depth - 1, least, indent + "  ")
