"""Follows a line through the shell on paper and collects what its commands may change."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from agentops_kit.phases.shell import builtins, flow, grammar, redirects, settings, words
from agentops_kit.phases.shell.state import EVALUATED, SOME, Outcome, State, joined, known, same
from agentops_kit.phases.shell.verdict import Effect, unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tree_sitter import Node

    States = tuple[State, ...]

DEEPEST = 48
MOST_STEPS = 3000  # a person waits for the answer; loops in loops in loops are not worth more


class Walker:
    """Collects effects; one walker a line."""

    statements: ClassVar[Mapping[str, Callable[[Walker, Node, States, str | None], Outcome]]]

    def __init__(self) -> None:
        """Start with nothing found."""
        self.effects: list[Effect] = []
        self.agentops: list[str] = []
        self.spoken: list[str] = []  # words handed to commands that do more than read
        self.printed: list[str] = []  # text that echo, printf and cat pass on
        self.prompted = False  # a deciding slash command was handed to an assistant or a terminal
        self.depth = 0
        self.steps = 0

    def script(self, source: str, state: State, stdin: str | None) -> Outcome:
        """Follow shell text in ``state``."""
        if not known(source):
            self.effects.append(unknown("runs shell text the line does not tell"))
            self.spoken.append(source)
            return same((state,))
        root = grammar.parse(source)
        reason = grammar.doubt(source, root)
        if reason:
            self.effects.append(unknown(reason))
            self.spoken.append(source)
        return self.visit(root, (state,), stdin)

    def visit(self, node: Node, states: States, stdin: str | None = None) -> Outcome:
        """Follow one statement from each of ``states``."""
        handler = self.statements.get(node.type)
        if handler is None or self._tired():
            return self._unfamiliar(node, states)
        self.depth += 1
        outcome = handler(self, node, states, stdin)
        self.depth -= 1
        return outcome

    def _tired(self) -> bool:
        self.steps += 1
        return self.depth > DEEPEST or self.steps > MOST_STEPS

    def _unfamiliar(self, node: Node, states: States) -> Outcome:
        tired = self._tired()
        reason = "is too long or too deep to follow" if tired else f"has a shell construct not followed ({node.type})"
        self.effects.append(unknown(reason))
        if not tired:
            flow.sequence(self, [child for child in node.children if child.type in self.statements], states, None)
        return same(states)

    def capture(self, node: Node, state: State) -> str:
        """Return what a command substitution prints."""
        inner = [child for child in node.children if child.is_named]
        marks = [child for child in inner if child.type in redirects.KINDS]
        if marks:  # $(<file) reads; $(>file) writes
            self.effects += redirects.read(marks, state, self).effects
            return SOME
        outcome = flow.sequence(self, inner, (state,), None)
        return SOME if outcome.output is None or len(inner) > 1 else outcome.output.rstrip("\n")

    def substitute(self, node: Node, state: State) -> None:
        """Follow the commands of a process substitution."""
        flow.sequence(self, node.children, (state,), None)

    def doubt(self, reason: str) -> None:
        """Note that the line does something that cannot be followed."""
        self.effects.append(unknown(reason))

    def doubt_index(self, text: str) -> None:
        """Note when ``text``, which the shell takes as a name or a sum, has an index with a command inside."""
        if EVALUATED.search(text):
            self.doubt("has the shell evaluate an index that holds a command")

    def redirected(self, node: Node, states: States, stdin: str | None) -> Outcome:
        """Follow a statement with redirections, and what hangs on its here-document."""
        body = next(iter(node.children_by_field_name("body")), None)
        marks = [child for child in node.children if child.type in redirects.KINDS]
        return self.attach(body, marks, states, stdin)

    def attach(self, body: Node | None, marks: Sequence[Node], states: States, stdin: str | None) -> Outcome:
        """Follow ``body`` with redirections; the grammar hangs those of a list's last command on the whole list."""
        if body is not None and body.type in {"list", "pipeline", "negated_command"}:
            return flow.last_with(self, body, marks, states, stdin)
        return joined([self._redirected(body, marks, state, stdin) for state in states])

    def _redirected(self, body: Node | None, marks: Sequence[Node], state: State, stdin: str | None) -> Outcome:
        found = redirects.read(marks, state, self)
        self.effects += found.effects
        given = stdin if found.stdin is None else found.stdin
        outcome = same((state,), "")
        if body is not None and body.type == "command":
            outcome = self._simple(body, state, given, found.arguments)
        elif body is not None:
            outcome = self.visit(body, (state,), given)
        if found.stdout_taken:
            outcome = outcome._replace(output="")
        return self._hanging(marks, outcome, state)

    def _hanging(self, marks: Sequence[Node], outcome: Outcome, state: State) -> Outcome:
        """Follow the pipeline, ``&&`` or ``||`` that the grammar hangs below the here-document before it."""
        for mark in marks:
            for child in mark.children if mark.type == "heredoc_redirect" else ():
                if child.type == "pipeline":
                    fed = SOME if outcome.output is None else outcome.output
                    outcome = flow.pipeline(self, child, outcome.ok or (state,), fed)
            right = mark.children_by_field_name("right")
            if right:
                operator = grammar.text_of(mark.children_by_field_name("operator")[0])
                outcome = flow.chain(self, outcome, operator, right[0], (state,))
        return outcome

    def command(self, node: Node, states: States, stdin: str | None) -> Outcome:
        """Follow a simple command from each state."""
        return joined([self._simple(node, state, stdin, ()) for state in states])

    def _simple(self, node: Node, state: State, stdin: str | None, more: Sequence[str]) -> Outcome:
        marked = redirects.read([child for child in node.children if child.type in redirects.KINDS], state, self)
        self.effects += marked.effects
        inside, names, given = state, [], []
        for child in node.children:
            if child.type == "variable_assignment":
                inside, name = builtins.assign(child, inside, self)
                names.append(name)
            elif child.type not in redirects.KINDS:
                given += words.fields(child, state, self)
        self.effects += settings.perilous(names, inside)
        fed = stdin if marked.stdin is None else marked.stdin
        outcome = self.run([*given, *marked.arguments, *more], inside, fed)
        if names:
            outcome = settings.forget(outcome, names, state)
        return outcome._replace(output="") if marked.stdout_taken else outcome

    def run(self, given: Sequence[str], state: State, stdin: str | None) -> Outcome:
        """Follow a command given as fields."""
        if not given:
            return same((state,), "")
        if self._tired():
            self.effects.append(unknown("is too long or too deep to follow"))
            return same((state,))
        name, *arguments = given
        self.depth += 1
        if name in state.aliases:  # a shell may or may not expand it: both are followed
            self.script(state.aliases[name], state._replace(aliases={}), stdin)
        if name in state.functions:
            outcome = self._call(state.functions[name], arguments, state, stdin)
        else:
            outcome = builtins.dispatch(self, name, arguments, state, stdin)
        self.depth -= 1
        return outcome

    def _call(self, node: Node, arguments: Sequence[str], state: State, stdin: str | None) -> Outcome:
        inside = settings.positional(state, arguments)
        marks = [child for child in node.children if child.type in redirects.KINDS]
        body = node.children_by_field_name("body")[0]
        return settings.leave(self._redirected(body, marks, inside, stdin), state)

    def define(self, node: Node, states: States, _: str | None) -> Outcome:
        """Remember a function; nothing runs yet."""
        name = grammar.text_of(node.children_by_field_name("name")[0])
        return same(tuple(state._replace(functions={**state.functions, name: node}) for state in states))

    def declare(self, node: Node, states: States, _: str | None) -> Outcome:
        """Follow ``export``, ``declare``, ``local`` and plain assignments."""
        ends: list[State] = []
        self._doubt_texts(node)
        for state in states:
            after, names = state, []
            flags = ["-x"] if node.children and node.children[0].type == "export" else []
            for child in [node] if node.type == "variable_assignment" else node.children:
                if child.type == "variable_assignment":
                    after, name = builtins.assign(child, after, self)
                    names.append(name)
                elif child.is_named:
                    flags += words.fields(child, state, self)
            self.effects += settings.perilous(names, after)
            self.effects += builtins.declared(flags)
            ends.append(after)
        return same(tuple(ends), "")

    def unset(self, node: Node, states: States, _: str | None) -> Outcome:
        """Follow ``unset``: the variables are empty and the functions gone."""
        self._doubt_texts(node)
        gone = {grammar.text_of(child) for child in node.children}
        return same(tuple(settings.without(state, gone) for state in states), "")

    def test(self, node: Node, states: States, _: str | None) -> Outcome:
        """Follow the substitutions inside ``[ … ]`` and ``[[ … ]]``."""
        self._doubt_texts(node)
        flow.look_inside(self, node, states)
        return same(states, "")

    def _doubt_texts(self, node: Node) -> None:
        """Look at the quoted texts of a statement that takes names: the grammar leaves them shut."""
        for text in grammar.descend(node, "raw_string", "ansi_c_string"):
            self.doubt_index(grammar.text_of(text))


Walker.statements = {
    "program": flow.children,
    "compound_statement": flow.group,
    "do_group": flow.children,
    "subshell": flow.subshell,
    "pipeline": flow.pipeline,
    "list": flow.both,
    "negated_command": flow.negated,
    "redirected_statement": Walker.redirected,
    "command": Walker.command,
    "declaration_command": Walker.declare,
    "variable_assignment": Walker.declare,
    "variable_assignments": Walker.declare,
    "unset_command": Walker.unset,
    "test_command": Walker.test,
    "if_statement": flow.branch,
    "while_statement": flow.repeat,
    "c_style_for_statement": flow.repeat,
    "for_statement": flow.each,
    "case_statement": flow.choose,
    "function_definition": Walker.define,
}
