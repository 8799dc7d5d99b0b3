"""From the nodes of a word to the fields the shell would make of it, as far as the line tells."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Protocol

from agentops_kit.phases.shell.grammar import descend, spelled, text_of
from agentops_kit.phases.shell.state import DIGITS, MANY, SOME, TEMPORARY, known

if TYPE_CHECKING:
    from tree_sitter import Node

    from agentops_kit.phases.shell.state import State

# An unquoted brace, comma or leading tilde keeps its meaning until the whole word is known.
OPEN, COMMA, CLOSE, HOME = "\x03", "\x04", "\x05", "\x06"
BRACES = str.maketrans({"{": OPEN, ",": COMMA, "}": CLOSE})
LITERAL = str.maketrans({OPEN: "{", COMMA: ",", CLOSE: "}", HOME: "~"})
ALTERNATIVES = re.compile(f"{OPEN}([^{OPEN}{CLOSE}]*{COMMA}[^{OPEN}{CLOSE}]*){CLOSE}")
SEQUENCE = re.compile(f"{OPEN}[^{OPEN}{CLOSE}{COMMA}]+\\.\\.[^{OPEN}{CLOSE}{COMMA}]+{CLOSE}")
MOST_ALTERNATIVES = 64
NUMERIC_NAMES = frozenset({"?", "#", "$", "!", "RANDOM", "LINENO", "SECONDS", "UID", "EUID", "PPID", "EPOCHSECONDS"})
ESCAPED = re.compile(r"\\(\n|.)", re.DOTALL)
SPECIAL_IN_PATTERN = frozenset("*?[\\$'\"")
ESCAPED_IN_QUOTES = re.compile(r'\\([\n$`"\\])')


class Capture(Protocol):
    """Runs the commands inside a word on paper."""

    def capture(self, node: Node, state: State) -> str:
        """Return what a command substitution prints, with stand-ins for what is not known."""

    def substitute(self, node: Node, state: State) -> None:
        """Follow the commands of a process substitution."""

    def doubt(self, reason: str) -> None:
        """Note that the line does something that cannot be followed."""

    def doubt_index(self, text: str) -> None:
        """Note when a name or a sum has an index with a command inside."""


def fields(node: Node, state: State, shell: Capture) -> list[str]:
    """Return the fields ``node`` expands to as an argument."""
    found: list[str] = []
    for field in _evaluate(node, state, shell, quoted=False):
        found += _braces(field)
    return [_home(field, state).translate(LITERAL) for field in found]


def text(node: Node, state: State, shell: Capture) -> str:
    """Return the one field ``node`` expands to where the shell does not split: assignments, here-documents."""
    parts = _evaluate(node, state, shell, quoted=True)
    return _home(" ".join(parts), state).translate(LITERAL)


def body(node: Node, state: State, shell: Capture) -> str:
    """Return the text of a here-document whose expansions are live."""
    return _joined(node, state, shell)


def value(name: str, state: State) -> tuple[str, ...] | None:
    """Return the fields a variable holds, or None when the line does not tell."""
    if name in state.names:
        return state.names[name]
    if name in NUMERIC_NAMES:
        return (DIGITS,)
    if name == "PWD":
        return None if state.cwd is None else (state.absolute("."),)
    if name == "HOME" and os.environ.get("HOME"):
        return (os.environ["HOME"],)
    if name == "TMPDIR":
        return (os.environ.get("TMPDIR") or TEMPORARY[0],)
    return None


def _evaluate(node: Node, state: State, shell: Capture, *, quoted: bool) -> list[str]:
    kind = node.type
    if kind in {"string", "translated_string"}:
        return _string(node, state, shell)
    if kind in {"concatenation", "command_name"}:
        return _concatenation(node, state, shell, quoted=quoted)
    if kind in {"simple_expansion", "expansion"}:
        return _split(_expansion(node, state, shell), state, quoted=quoted)
    if kind == "command_substitution":
        return _split((shell.capture(node, state),), state, quoted=quoted)
    if kind == "arithmetic_expansion":
        _follow(node, state, shell)
        return [DIGITS]
    return _nested(node, state, shell) or [_leaf(node, quoted=quoted)]


def _nested(node: Node, state: State, shell: Capture) -> list[str]:
    """Follow what only looks like a word; empty when it is one."""
    if node.type == "process_substitution":
        shell.substitute(node, state)
        return ["/dev/fd/63"]
    if node.type == "subshell":  # `time ( … )` hangs the sub-shell on the command
        shell.substitute(node, state)
        return [""]
    if node.named_child_count and node.type != "brace_expression":
        _follow(node, state, shell)
        return [SOME]
    return []


def _leaf(node: Node, *, quoted: bool) -> str:
    source = text_of(node)
    if node.type == "raw_string":
        return source[1:-1]
    if node.type == "ansi_c_string":
        return _ansi(source)
    if node.type == "brace_expression":
        return DIGITS
    if "\\`" in source:  # a nested back-quoted command, which the grammar does not open
        return MANY
    plain = source if quoted else source.translate(BRACES)
    if plain.startswith("~"):
        plain = HOME + plain[1:]
    return ESCAPED.sub(lambda found: "" if found[1] == "\n" else found[1].translate(LITERAL), plain)


def _ansi(source: str) -> str:
    import ast

    try:
        return str(ast.literal_eval('"""' + source[2:-1].replace('"', '\\"') + '"""'))
    except (SyntaxError, ValueError):
        return SOME


def _concatenation(node: Node, state: State, shell: Capture, *, quoted: bool) -> list[str]:
    joined = [""]
    for child in node.children:
        first, *rest = _evaluate(child, state, shell, quoted=quoted) or [""]
        joined[-1] += first
        joined += rest
    return joined


def _string(node: Node, state: State, shell: Capture) -> list[str]:
    named = [child for child in node.children if child.is_named]
    if len(named) == 1 and len(text_of(node)) == len(text_of(named[0])) + 2 and named[0].type != "string_content":
        listed = _expansion(named[0], state, shell) if named[0].type in {"simple_expansion", "expansion"} else ()
        if len(listed) > 1:  # "$@" and "${list[@]}" stay several fields
            return list(listed)
    return [_joined(node, state, shell)]


def _joined(node: Node, state: State, shell: Capture) -> str:
    """Return a quoted text: its literal stretches as written, its expansions replaced by what they stand for."""
    source = node.text or b""
    quotes = node.type in {"string", "translated_string"}
    position, parts = source.index(b'"') + 1 if quotes else 0, []
    for child in node.children:
        if child.type not in {"simple_expansion", "expansion", "command_substitution", "arithmetic_expansion"}:
            continue
        start = child.start_byte - node.start_byte
        lead = len(text_of(child)) - len(text_of(child).lstrip())
        parts.append(_unescape(source[position : start + lead]))
        parts += _evaluate(child, state, shell, quoted=True)
        position = child.end_byte - node.start_byte
    parts.append(_unescape(source[position : len(source) - 1 if quotes else len(source)]))
    return "".join(parts)


def _unescape(raw: bytes) -> str:
    return ESCAPED_IN_QUOTES.sub(lambda found: "" if found[1] == "\n" else found[1], spelled(raw))


def _split(values: tuple[str, ...], state: State, *, quoted: bool) -> list[str]:
    if quoted:
        return [" ".join(values)]
    if "IFS" in state.names:  # the line chose other separators
        return [MANY]
    found: list[str] = []
    for each in values:
        found += [each.replace(SOME, MANY)] if SOME in each or MANY in each else each.split()
    return found


def _expansion(node: Node, state: State, shell: Capture) -> tuple[str, ...]:
    """Return the fields of ``$name`` or ``${name…}``."""
    named = [child for child in node.children if child.is_named]
    operator = next((text_of(child) for child in node.children if _is_operator(child)), "")
    subscript = bool(named) and named[0].type == "subscript"
    name = text_of(named[0].children[0] if subscript else named[0]) if named else ""
    held = value(name, state) if name not in {"@", "*"} else state.names.get("@")
    if not operator and not text_of(node).endswith("@P}"):
        return _element(named[0], held) if subscript else (held if held is not None else (SOME,))
    _follow(node, state, shell)
    if text_of(node).endswith("@P}"):
        shell.doubt("expands text the way a prompt is expanded, which runs commands in it")
    if text_of(node).startswith("${#"):
        return (DIGITS,)
    return _operate(operator, held, [text_of(child) for child in named[1:]])


def _is_operator(node: Node) -> bool:
    return not node.is_named and node.type.strip() not in {"$", "${", "}", '"'}


def _element(node: Node, held: tuple[str, ...] | None) -> tuple[str, ...]:
    if held is None:
        return (SOME,)
    index = text_of(node).partition("[")[2].rstrip("]")
    if index in {"@", "*"}:
        return held
    return (held[int(index)],) if index.isdigit() and int(index) < len(held) else (SOME,)


def _operate(operator: str, held: tuple[str, ...] | None, rest: list[str]) -> tuple[str, ...]:
    """Return the result of the few operators whose meaning is plain; anything else is not known."""
    if held is None or len(held) != 1 or not known(held[0]):
        return (SOME,)
    word, pattern = held[0], "".join(rest)
    if operator in {":-", "-", ":?", "?"} and word:
        return held
    if (operator, pattern) == ("##", "*/"):
        return (word.rpartition("/")[2],)
    if (operator, pattern) == ("%", "/*"):
        return (word.rpartition("/")[0] if "/" in word else word,)
    literal = pattern and SPECIAL_IN_PATTERN.isdisjoint(pattern)
    if literal and operator in {"%", "%%"}:
        return (word.removesuffix(pattern),)
    if literal and operator in {"#", "##"}:
        return (word.removeprefix(pattern),)
    return (SOME,)


def _follow(node: Node, state: State, shell: Capture) -> None:
    for inner in descend(node, "command_substitution"):
        shell.capture(inner, state)
    for inner in descend(node, "process_substitution"):
        shell.substitute(inner, state)


def _home(field: str, state: State) -> str:
    if not field.startswith(HOME):
        return field
    head, slash, rest = field.partition("/")
    home = {HOME: value("HOME", state), HOME + "+": value("PWD", state)}.get(head)
    return (home[0] if home else SOME) + slash + rest


def _braces(field: str) -> list[str]:
    """Return the alternatives of a brace expansion, or the field itself."""
    done: list[str] = []
    waiting = [field]
    while waiting:
        current = waiting.pop(0)
        found = ALTERNATIVES.search(current)
        if found is None:
            done.append(SEQUENCE.sub(SOME, current))
        elif len(waiting) + len(done) > MOST_ALTERNATIVES:
            return [MANY]
        else:
            waiting += [current[: found.start()] + part + current[found.end() :] for part in found[1].split(COMMA)]
    return done
