"""The little language of conditions and ``{{ }}``: references, comparisons, and, or, not; nothing that acts.

A reference is ``inputs.name``, ``item``, ``index``, ``run.id`` or ``<step>.output`` with a path behind it
(``.key``, ``[0]``, ``["any key"]``); ``steps["any name"].output`` speaks of steps whose name is no word.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from agentops_kit.workflows.spec import Json

LONGEST = 2000
"""Characters of one expression."""
ROOTS = frozenset(("inputs", "item", "index", "run", "steps"))
_PARTS = r"""(?:\.[\w-]+|\[\d+\]|\["[^"]*"\]|\['[^']*'\])*"""
_TOKEN = re.compile(
    rf"""\s*(?:
      (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<number>\d+(?:\.\d+)?(?![\w.]))
    | (?P<call>(?:len|lower)(?=\s*\())
    | (?P<name>[A-Za-z_][\w-]*(?:/[\w-]+)*){_PARTS}
    | (?P<sign>==|!=|<=|>=|<|>|&&|\|\||!|\(|\)|\[|\]|,|-(?=\d))
    )""",
    re.VERBOSE,
)
_PART = re.compile(r"""\.([\w-]+)|\[(\d+)\]|\["([^"]*)"\]|\['([^']*)'\]""")
_WORDS = {"and": "and", "or": "or", "not": "not", "in": "in", "is": "is"}
_VALUES = {"true": "True", "True": "True", "false": "False", "False": "False"}
_VALUES |= dict.fromkeys(("null", "None", "none"), "None")
_SIGNS = {"&&": " and ", "||": " or ", "!": " not "}
_FUNCTIONS: Mapping[str, Callable[[Any], Any]] = {"len": len, "lower": lambda value: str(value).lower()}


class NotAnExpression(ValueError):
    """A text that this language does not have; the message is one sentence without its full stop."""


class Unresolved(Exception):
    """A value that an expression asks for is not there, or cannot be compared; the message is one sentence."""


class Reference(NamedTuple):
    """What is read: a root or a step's id as written, and the path behind it."""

    name: str
    path: tuple[str | int, ...]

    def __str__(self) -> str:
        """Return the reference as it is written."""
        plain = re.fullmatch(r"[A-Za-z_][\w-]*(/[\w-]+)*", self.name)
        head = self.name if plain else f'steps["{self.name}"]'
        return head + way(self.path)


@dataclass(frozen=True)
class Expression:
    """A parsed expression; ``references`` are those it reads, in order."""

    tree: ast.expr
    references: tuple[Reference, ...]

    @property
    def alone(self) -> bool:
        """Whether it is one reference and nothing else."""
        return isinstance(self.tree, ast.Name)


def quoted(text: str) -> str:
    """Return a text as this language writes it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


class Token(NamedTuple):
    """A piece of an expression: its kind, text, place in it, and the reference when it is one."""

    kind: str
    text: str
    start: int
    reference: Reference | None = None


def way(path: Iterable[str | int]) -> str:
    """Return a path as it is written behind a name."""
    return "".join(_written(part) for part in path)


def _written(part: str | int) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    return f".{part}" if re.fullmatch(r"[\w-]+", part) else f'["{part}"]'


def tokens(text: str) -> tuple[Token, ...]:
    """Return an expression's pieces; raises ``NotAnExpression``."""
    if len(text) > LONGEST:
        message = f"an expression has more than {LONGEST} characters"
        raise NotAnExpression(message)
    found: list[Token] = []
    at = 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            message = f"`{text[at:].strip()[:20]}` is not understood"
            raise NotAnExpression(message)
        kind = str(match.lastgroup)
        piece = match[0].strip()
        start = match.end() - len(piece)
        found.append(Token(kind, piece, start, _reference(piece, match["name"]) if kind == "name" else None))
        at = match.end()
    return tuple(found)


def _reference(piece: str, name: str) -> Reference | None:
    if piece == name and (name in _WORDS or name in _VALUES):
        return None
    path: list[str | int] = []
    for key, number, double, single in _PART.findall(piece[len(name) :]):
        path.append(int(number) if number else key or double or single)
    if name == "steps" and path and isinstance(path[0], str):
        return Reference(path[0], tuple(path[1:]))
    return Reference(name, tuple(path))


@lru_cache(maxsize=4096)
def parse(text: str) -> Expression:
    """Return a parsed expression; raises ``NotAnExpression``."""
    references: list[Reference] = []
    source: list[str] = []
    for token in tokens(text):
        if token.reference is not None:
            source.append(f" r{len(references)} ")
            references.append(token.reference)
        elif token.kind == "name":
            source.append(f" {_WORDS.get(token.text) or _VALUES[token.text]} ")
        elif token.kind == "text":
            source.append(repr(re.sub(r"\\(.)", _unescaped, token.text[1:-1])))
        else:
            source.append(_SIGNS.get(token.text, token.text))
    try:
        tree = ast.parse("".join(source).strip(), mode="eval").body
    except (SyntaxError, RecursionError, MemoryError, ValueError) as error:
        message = "it does not read as a comparison, `and`, `or` or `not` of values"
        raise NotAnExpression(message) from error
    _allow(tree)
    return Expression(tree, tuple(references))


def _unescaped(escape: re.Match[str]) -> str:
    return {"n": "\n", "t": "\t"}.get(escape[1], escape[1])


_ALLOWED = (
    ast.Name, ast.Constant, ast.BoolOp, ast.UnaryOp, ast.Compare, ast.Call, ast.List, ast.Load, ast.And, ast.Or,
    ast.Not, ast.USub, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn, ast.Is, ast.IsNot,
)  # fmt: skip


def _allow(tree: ast.expr) -> None:
    for node in ast.walk(tree):
        if not isinstance(node, _ALLOWED) or (isinstance(node, ast.Call) and not _is_call(node)):
            message = "only comparisons, `and`, `or`, `not`, `in`, len(…) and lower(…) are allowed"
            raise NotAnExpression(message)


def _is_call(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS and len(node.args) == 1 and not node.keywords


def evaluate(expression: Expression, value_of: Callable[[Reference], Json]) -> Json:
    """Return an expression's value; ``value_of`` gives each reference's, None for what is missing.

    Raises ``Unresolved`` for what cannot be compared.
    """
    return _evaluate(expression.tree, expression, value_of)


def _evaluate(node: ast.expr, whole: Expression, value_of: Callable[[Reference], Json]) -> Any:
    def inner(part: ast.expr) -> Any:
        return _evaluate(part, whole, value_of)

    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return value_of(whole.references[int(node.id[1:])])
    if isinstance(node, ast.List):
        return [inner(part) for part in node.elts]
    if isinstance(node, ast.BoolOp):
        return _chain(node, inner)
    if isinstance(node, ast.UnaryOp):
        value = inner(node.operand)
        return not value if isinstance(node.op, ast.Not) else -value
    if isinstance(node, ast.Call):
        return _called(node, inner)
    return _compared(node, inner)


def _chain(node: ast.BoolOp, inner: Callable[[ast.expr], Any]) -> Any:
    stops = isinstance(node.op, ast.Or)
    value: Any = None
    for part in node.values:
        value = inner(part)
        if bool(value) == stops:
            break
    return value


def _called(node: ast.Call, inner: Callable[[ast.expr], Any]) -> Any:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    value = inner(node.args[0])
    if name == "len" and not isinstance(value, (str, list, tuple, dict)):
        return 0
    return _FUNCTIONS[name](value)


def _compared(node: Any, inner: Callable[[ast.expr], Any]) -> bool:
    left = inner(node.left)
    for sign, part in zip(node.ops, node.comparators, strict=True):
        right = inner(part)
        if not _holds(sign, left, right):
            return False
        left = right
    return True


def _holds(sign: ast.cmpop, left: Any, right: Any) -> bool:
    left, right = _alike(left, right)
    if isinstance(sign, (ast.Eq, ast.Is)):
        return bool(left == right)
    if isinstance(sign, (ast.NotEq, ast.IsNot)):
        return bool(left != right)
    if isinstance(sign, (ast.In, ast.NotIn)):
        return _contains(right, left) == isinstance(sign, ast.In)
    return _ordered(sign, left, right)


def _contains(whole: Any, part: Any) -> bool:
    if isinstance(whole, str):
        return isinstance(part, str) and part in whole
    return part in whole if isinstance(whole, (list, tuple, dict)) else False


def _ordered(sign: ast.cmpop, left: Any, right: Any) -> bool:
    if left is None or right is None:
        return False
    try:
        if isinstance(sign, ast.Lt):
            return bool(left < right)
        if isinstance(sign, ast.LtE):
            return bool(left <= right)
        return bool(left > right) if isinstance(sign, ast.Gt) else bool(left >= right)
    except TypeError as error:
        message = f"{_kind(left)} and {_kind(right)} have no order."
        raise Unresolved(message) from error


def _alike(left: Any, right: Any) -> tuple[Any, Any]:
    """Read a text as a number where the other side is one: a model answers in text."""
    if _is_number(left) and isinstance(right, str):
        return left, _as_number(right)
    if _is_number(right) and isinstance(left, str):
        return _as_number(left), right
    return left, right


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _as_number(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text


def _kind(value: Any) -> str:
    return {bool: "a yes or no", str: "a text", list: "a list", dict: "a mapping"}.get(type(value), "a number")
