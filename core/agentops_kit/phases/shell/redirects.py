"""Redirections: what they write, what they feed in, and the arguments the grammar files under them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.phases.shell import words
from agentops_kit.phases.shell.calls import write_paths
from agentops_kit.phases.shell.grammar import text_of
from agentops_kit.phases.shell.state import SOME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from agentops_kit.phases.shell.state import State
    from agentops_kit.phases.shell.verdict import Effect

KINDS = frozenset({"file_redirect", "heredoc_redirect", "herestring_redirect"})
DUPLICATE = re.compile(r"\d+-?|-")
QUOTED = re.compile(r"['\"\\]")


class Redirects(NamedTuple):
    """``stdin`` is None when nothing is fed in; ``arguments`` are words of the command found after a redirection."""

    effects: list[Effect]
    stdin: str | None
    arguments: list[str]
    stdout_taken: bool


def read(nodes: Sequence[Node], state: State, shell: words.Capture) -> Redirects:
    """Return what the redirections of one statement do in ``state``."""
    found = Redirects([], None, [], stdout_taken=False)
    for node in nodes:
        if node.type == "file_redirect":
            found = _file(found, node, state, shell)
        elif node.type == "herestring_redirect":
            fed = words.text(node.children[-1], state, shell) + "\n"
            found = found._replace(stdin=fed)
        else:
            found = _document(found, node, state, shell)
    return found


def _file(found: Redirects, node: Node, state: State, shell: words.Capture) -> Redirects:
    operator = next(child.type for child in node.children if not child.is_named)
    targets = node.children_by_field_name("destination")
    if operator.endswith("-"):  # `>&-` closes and takes no word: all that follows belongs to the command
        targets = [node, *targets]
        first = ""
    else:
        first = " ".join(words.fields(targets[0], state, shell)) if targets else SOME
    extra = [field for target in targets[1:] for field in words.fields(target, state, shell)]
    found = found._replace(arguments=[*found.arguments, *extra])
    if operator.startswith("<"):
        return found._replace(stdin=SOME)
    descriptor = next((text_of(child) for child in node.children if child.type == "file_descriptor"), "1")
    if operator.endswith("-") or (operator == ">&" and DUPLICATE.fullmatch(first)):
        return found
    effects = write_paths([first], state, "redirection")
    return found._replace(effects=[*found.effects, *effects], stdout_taken=found.stdout_taken or descriptor == "1")


def _document(found: Redirects, node: Node, state: State, shell: words.Capture) -> Redirects:
    start = next((text_of(child) for child in node.children if child.type == "heredoc_start"), "")
    content = next((child for child in node.children if child.type == "heredoc_body"), None)
    fed = "" if content is None else text_of(content) if QUOTED.search(start) else words.body(content, state, shell)
    inner = read([child for child in node.children if child.type in KINDS], state, shell)
    arguments = [
        field for child in node.children_by_field_name("argument") for field in words.fields(child, state, shell)
    ]
    return Redirects(
        [*found.effects, *inner.effects],
        fed if inner.stdin is None else inner.stdin,
        [*found.arguments, *arguments, *inner.arguments],
        found.stdout_taken or inner.stdout_taken,
    )
