"""The shell grammar, and the few places where what it sees is not what a shell would run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_parsers: list[Parser] = []
_FOREIGN = re.compile(r"[^\x00-\x7f]")
_SHIELD = re.compile(r"QZx([0-9a-f]+)ZQ")


def parse(source: str) -> Node:
    """Return the syntax tree of ``source``.

    The grammar's scanner hands characters to C functions that are only defined for ASCII, and can crash on
    others; they are spelled out in letters for it, and spelled back by ``text_of``.
    """
    return _parser().parse(_shielded(source)).root_node


def _shielded(source: str) -> bytes:
    return _FOREIGN.sub(lambda found: f"QZx{ord(found[0]):x}ZQ", source).encode("ascii")


def doubt(source: str, root: Node) -> str:
    """Return why the tree may differ from what a shell would run, or an empty string."""
    if "QZx" in source:
        return "has letters that the parser uses for itself"
    if root.has_error:
        return "has shell syntax that cannot be followed"
    if any(char.isspace() and char not in " \t\n" for char in source) or any(
        char < " " for char in source if char not in "\t\n"
    ):
        return "has control characters or unusual white space"
    if any(_misplaced(source, node) for node in descend(root, "comment")):
        return "has a # that may not begin a comment"
    return ""


def descend(node: Node, *types: str) -> list[Node]:
    """Return the nodes of ``types`` below ``node``, outermost first; what lies inside a found node is left out."""
    found: list[Node] = []
    for child in node.children:
        if child.type in types:
            found.append(child)
        else:
            found += descend(child, *types)
    return found


def text_of(node: Node) -> str:
    """Return the source text of ``node``."""
    return spelled(node.text or b"")


def spelled(raw: bytes) -> str:
    """Return a stretch of what the parser read, as it was written."""
    return _SHIELD.sub(lambda found: chr(int(found[1], 16)), raw.decode("ascii"))


def _parser() -> Parser:
    if not _parsers:
        from tree_sitter import Language, Parser

        _parsers.append(Parser(Language(_language())))
    return _parsers[0]


def _language() -> object:
    """Return the grammar from its extension module; its package reads files for editors, which costs start-up."""
    from importlib.machinery import PathFinder

    package = PathFinder.find_spec("tree_sitter_bash")
    binding = PathFinder.find_spec("_binding", package.submodule_search_locations) if package else None
    if binding is None or binding.loader is None:
        import tree_sitter_bash

        return tree_sitter_bash.language()
    from importlib.util import module_from_spec

    module = module_from_spec(binding)
    binding.loader.exec_module(module)
    return module.language()


def _misplaced(source: str, comment: Node) -> bool:
    before = _shielded(source)[: comment.start_byte][-1:]
    return before not in {b"", b" ", b"\t", b"\n", b";", b"&", b"|", b"(", b")", b"`"}
