"""Control flow: which states each branch starts from and which it may leave."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from agentops_kit.phases.shell import grammar, words
from agentops_kit.phases.shell.state import DIGITS, MANY, SOME, Outcome, State, same, union, widen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tree_sitter import Node

    from agentops_kit.phases.shell.walk import Walker

    States = tuple[State, ...]

MOST_VALUES = 24
CLAUSES = frozenset({"elif_clause", "else_clause"})


def children(walker: Walker, node: Node, states: States, stdin: str | None) -> Outcome:
    """Follow the statements below a program or a loop body."""
    return sequence(walker, node.children, states, stdin)


def sequence(walker: Walker, nodes: Sequence[Node], states: States, stdin: str | None) -> Outcome:
    """Follow statements one after another."""
    outcome = same(states)
    background = {node.id for node, after in pairwise(nodes) if after.type == "&"}
    for node in nodes:
        if not node.is_named or node.type == "comment":
            continue
        before = outcome.states or outcome.fail or states
        outcome = walker.visit(node, before, stdin)
        if node.id in background:
            outcome = same(before)
    return outcome


def group(walker: Walker, node: Node, states: States, stdin: str | None) -> Outcome:
    """Follow ``{ … }``, or arithmetic, which has the same node."""
    if node.children and node.children[0].type == "((":
        look_inside(walker, node, states)
        return same(_counted(node, states), "")
    return children(walker, node, states, stdin)


def subshell(walker: Walker, node: Node, states: States, stdin: str | None) -> Outcome:
    """Follow a sub-shell: what it changes in itself is forgotten."""
    return same(states, children(walker, node, states, stdin).output)


def pipeline(walker: Walker, node: Node, states: States, stdin: str | None, marks: Sequence[Node] = ()) -> Outcome:
    """Follow the members of a pipeline, each in its own sub-shell, handing on what is known of the text."""
    output = stdin
    members = [child for child in node.children if child.is_named and child.type != "comment"]
    for member in members:
        if marks and member is members[-1]:
            output = walker.attach(member, marks, states, output).output
        else:
            output = walker.visit(member, states, output).output
        output = SOME if output is None else output
    return same(states, output)


def both(walker: Walker, node: Node, states: States, stdin: str | None, marks: Sequence[Node] = ()) -> Outcome:
    """Follow ``a && b`` or ``a || b``."""
    left, right = node.children[0], node.children[-1]
    operator = next(child.type for child in node.children if child.type in {"&&", "||"})
    return chain(walker, walker.visit(left, states, stdin), operator, right, states, marks)


def chain(
    walker: Walker, first: Outcome, operator: str, right: Node, before: States, marks: Sequence[Node] = ()
) -> Outcome:
    """Follow what stands right of ``&&`` or ``||``."""
    entered = (first.ok if operator == "&&" else first.fail) or before
    second = walker.attach(right, marks, entered, None) if marks else walker.visit(right, entered, None)
    if operator == "&&":
        return Outcome(second.ok, union(first.fail, second.fail))
    return Outcome(union(first.ok, second.ok), second.fail, first.output)


def last_with(walker: Walker, node: Node, marks: Sequence[Node], states: States, stdin: str | None) -> Outcome:
    """Follow a list or pipeline whose redirections belong to its last command."""
    if node.type == "list":
        return both(walker, node, states, stdin, marks)
    if node.type == "pipeline":
        return pipeline(walker, node, states, stdin, marks)
    inner = walker.attach(node.children[-1], marks, states, stdin)
    return Outcome(inner.fail, inner.ok, inner.output)


def negated(walker: Walker, node: Node, states: States, stdin: str | None) -> Outcome:
    """Follow ``! command``."""
    inner = walker.visit(node.children[-1], states, stdin)
    return Outcome(inner.fail, inner.ok, inner.output)


def branch(walker: Walker, node: Node, states: States, stdin: str | None) -> Outcome:
    """Follow ``if`` or ``elif``: the condition, then each branch from where the condition left."""
    split = next((place for place, child in enumerate(node.children) if child.type == "then"), len(node.children))
    asked = sequence(walker, node.children[1:split], states, stdin)
    rest = [child for child in node.children[split:] if child.type not in CLAUSES]
    ends = [sequence(walker, rest, asked.ok or states, stdin).states]
    other = asked.fail or states
    for clause in (child for child in node.children[split:] if child.type in CLAUSES):
        follow = branch if clause.type == "elif_clause" else children
        ends.append(follow(walker, clause, other, stdin).states)
    return same(union(*ends, other))


def choose(walker: Walker, node: Node, states: States, stdin: str | None) -> Outcome:
    """Follow every arm of a ``case``."""
    look_inside(walker, node, states)
    ends = [states]
    for item in (child for child in node.children if child.type == "case_item"):
        close = next((place for place, child in enumerate(item.children) if child.type == ")"), 0)
        for pattern in item.children[:close]:
            _look(walker, pattern, states)
        ends.append(sequence(walker, item.children[close:], states, stdin).states)
    return same(union(*ends))


def repeat(walker: Walker, node: Node, states: States, stdin: str | None) -> Outcome:
    """Follow ``while``, ``until`` and the arithmetic ``for`` until nothing new can happen."""
    look_inside(walker, node, states)
    steps = [child for child in node.children if child.type in walker.statements]
    if node.type == "c_style_for_statement":
        states = _counted(node, states)
        steps = [child for child in steps if child.type != "variable_assignment"]
    return same(_settle(states, lambda now: sequence(walker, steps, now, stdin).states))


def each(walker: Walker, node: Node, states: States, stdin: str | None) -> Outcome:
    """Follow ``for name in …`` once for every value that is known."""
    name = grammar.text_of(node.children_by_field_name("variable")[0])
    body = node.children_by_field_name("body")[0]
    ends = [states]
    for state in states:
        values = [
            field for value in node.children_by_field_name("value") for field in words.fields(value, state, walker)
        ]
        if not any(child.type == "in" for child in node.children):
            values = list(state.names.get("@", (MANY,)))
        ends.append(_loop(values, (state,), lambda held, now: _turn(walker, name, held, body, now, stdin)))
    return same(union(*ends))


def _turn(walker: Walker, name: str, held: str, body: Node, states: States, stdin: str | None) -> States:
    return children(walker, body, tuple(state.bind(name, (held,)) for state in states), stdin).states


def _loop(values: list[str], states: States, turn: Callable[[str, States], States]) -> States:
    if len(values) > MOST_VALUES:
        values = [MANY]
    now = states
    for value in values:
        if MANY in value:
            vague = value.replace(MANY, SOME)
            now = _settle(now, lambda seen, vague=vague: turn(vague, seen))  # type: ignore[misc]
        else:
            now = union(now, turn(value, now))
    return now


def _settle(states: States, step: Callable[[States], States]) -> States:
    """Return every state that turning ``step`` over and over can reach, vaguely if there are many."""
    seen = states
    for _ in range(2):
        after = union(seen, step(seen))
        if after == seen:
            return seen
        seen = after
    vague = (widen(list(seen)),)
    return union(seen, vague, step(vague))


def _counted(node: Node, states: States) -> States:
    """Return the states after arithmetic: every name it mentions is a number nobody tracks."""
    names = {grammar.text_of(found) for found in grammar.descend(node, "do_group", "variable_name", "word")}
    counters = {name: (DIGITS,) for name in names if name.isidentifier()}
    return tuple(state._replace(names={**state.names, **counters}) for state in states)


def look_inside(walker: Walker, node: Node, states: States) -> None:
    """Follow the command substitutions of an expression."""
    for child in node.children:
        if child.type in walker.statements or child.type == "case_item":
            continue
        _look(walker, child, states)


def _look(walker: Walker, node: Node, states: States) -> None:
    nested = "command_substitution", "process_substitution"
    for inner in [node] if node.type in nested else grammar.descend(node, *nested):
        for state in states:
            walker.capture(inner, state)
