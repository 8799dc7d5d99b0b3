"""Definitions found by a real parser: tree-sitter, whose grammars lie in the installed wheel.

The parser never fails: of source with errors it gives what it could make out, and says so.
"""

from __future__ import annotations

import re
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.bundles.grammars import TOP, WRAP, tools

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

_NAME = re.compile(r"[\w$]+[?!=]?")
_LEAD = ("name", "function", "declarator", "left", "property", "field", "method", "pattern", "key", "definition")
_TYPED = frozenset({"impl_item", "generic_type"})  # named after a type they mention
_IDENTIFIERS = frozenset(
    "signature call_expression type_head function_signature getter_signature setter_signature "
    "constructor_signature factory_constructor_signature operator_signature identifier type_identifier "
    "simple_identifier constant name word variable_name field_identifier property_identifier namespace_identifier "
    "object_type module_name variable value_name message_name service_name rpc_name enum_name string_lit "
    "value_binding_pattern variable_declaration variable_declaration_list variable_declarator variable_list "
    "package".split()
)
_CALLING = frozenset(
    {"call", "arguments", "binary_operator"}
)  # languages that define by calling: ``def name(a) when b``
_GROUPED = frozenset({"const_spec", "var_spec"})  # Go's, which stand in brackets and so not at the edge
_MOST_STEPS = 12  # from a definition down to its name
_BODY = "function_body"  # stands beside the head in some grammars


class Found(NamedTuple):
    """A definition as the tree has it; rows count from 0, ``start`` is where its decorators begin."""

    name: str
    kind: str
    start: int
    row: int
    end: int
    depth: int
    parent: int  # place of the definition around it, -1 at the top


def parse(grammar: str, text: str) -> tuple[tuple[Found, ...], bool]:
    """Return the definitions of a text by position, and whether the parser understood all of it."""
    from tree_sitter import Parser, QueryCursor

    language, query = tools(grammar)
    data = text.encode("utf-8", "replace")
    root = Parser(language).parse(data).root_node
    captures = QueryCursor(query).captures(root)
    nodes = [
        (node.start_byte, -node.end_byte, kind == TOP, kind, node)
        for kind, held in captures.items()
        if not kind.startswith("_")
        for node in held
    ]
    nodes.sort(key=itemgetter(0, 1, 2, 3))
    return tuple(_nested(nodes, text.split("\n"))), not root.has_error


def _nested(nodes: list[tuple[int, int, bool, str, Node]], lines: list[str]) -> Iterator[Found]:
    """Name the nodes, drop repeats and inner variables, and say which lies in which."""
    around: list[tuple[int, int]] = []  # (end byte, place) of the definitions that are open
    wrapped: tuple[int, int] | None = None  # (end byte, row) of decorators whose definition is to come
    seen: set[int] = set()
    place = 0
    for start, negative_end, _, kind, node in nodes:
        end = -negative_end
        if kind == WRAP:
            wrapped = wrapped if wrapped and end <= wrapped[0] else (end, node.start_point[0])
            continue
        while around and around[-1][0] <= start:
            around.pop()
        named = _named(node)
        if named is None or named.start_byte in seen or not _counts(node, kind, around, lines):
            continue
        name = _name(named)
        if not name:
            continue
        seen.add(named.start_byte)
        first = wrapped[1] if wrapped and end <= wrapped[0] else node.start_point[0]
        wrapped = None
        row = named.start_point[0]
        parent = around[-1][1] if around else -1
        yield Found(name, "value" if kind == TOP else kind, min(first, row), row, _end(node), len(around), parent)
        around.append((end, place))
        place += 1


def _counts(node: Node, kind: str, around: list[tuple[int, int]], lines: list[str]) -> bool:
    """Whether a variable is the module's own, and not a function's; Python's may stand under an ``if``."""
    if kind not in {TOP, "value"} and node.type not in _GROUPED:
        return True
    return not around and (kind != TOP or not lines[node.start_point[0]][:1].isspace())


def _named(node: Node) -> Node | None:
    """Go down from a definition to the node that is its name."""
    at = (
        next((child for child in node.named_children if child.type == "arguments"), node)
        if node.type == "call"
        else node
    )
    for _ in range(_MOST_STEPS):
        below = at.named_child(0) if at.type in _CALLING else _below(at)
        if below is None:
            break
        at = below
    return None if at is node else at


def _below(at: Node) -> Node | None:
    """Return the child that leads to a name: by its field, else by its type."""
    for field in ("type", *_LEAD) if at.type in _TYPED else _LEAD:
        found = at.child_by_field_name(field)
        if found is not None:
            return found
    labels = [child for child in at.named_children if child.type == "string_lit"]
    if labels:  # Terraform's blocks: the last label is the name
        return labels[-1]
    found = next((child for child in at.named_children if child.type in _IDENTIFIERS), None)
    return at.named_child(0) if found is None and at.type.endswith("_declarator") else found


def _name(node: Node) -> str:
    text = (node.text or b"").decode("utf-8", "replace").split("\n", 1)[0]
    words = _NAME.findall(text)
    return text if text.startswith("operator") else str(words[-1]) if words else ""


def _end(node: Node) -> int:
    beside = node.next_named_sibling
    last = beside if beside is not None and beside.type == _BODY else node
    row, column = last.end_point
    return row - 1 if column == 0 and row > node.start_point[0] else row
