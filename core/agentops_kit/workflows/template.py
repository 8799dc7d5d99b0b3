"""``{{ }}`` in settings, and conditions: what they read, and what they come to in a scope.

A scope is a mapping of ``inputs`` (by name), ``outputs`` (by step id; a step that has none is not in it),
``item`` and ``index`` inside a map, and ``run``.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from agentops_kit.workflows.expression import ROOTS, Expression, Reference, Unresolved, evaluate, parse
from agentops_kit.workflows.source import walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from agentops_kit.workflows.spec import Json

__all__ = ["Unresolved", "holds", "paths", "reads", "render", "text_of"]

Scope = "Mapping[str, Any]"
_STRING = r""" "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' """
HOLE = re.compile(rf"""\{{\{{ ((?: [^"'{{}}] | {_STRING} | \{{(?!\{{) | \}}(?!\}}) )*) \}}\}}""", re.VERBOSE)
"""One ``{{ expression }}``; strings inside may hold braces."""
_ABSENT = object()


@lru_cache(maxsize=4096)
def pieces(text: str) -> tuple[str | Expression, ...]:
    """Return a template's literal texts and expressions in order; raises ``NotAnExpression``."""
    found: list[str | Expression] = []
    at = 0
    for hole in HOLE.finditer(text):
        if hole.start() > at:
            found.append(text[at : hole.start()])
        found.append(parse(hole[1].strip()))
        at = hole.end()
    if at < len(text):
        found.append(text[at:])
    return tuple(found)


def render(value: Json, scope: Mapping[str, Any]) -> Json:
    """Return settings with every template filled in; a template that is the whole text keeps its value's type.

    Raises ``Unresolved`` when an output lacks what is read of it, or an input is not there.
    """
    if isinstance(value, str):
        return _rendered(value, scope) if "{{" in value else value
    if isinstance(value, dict):
        return {key: render(inner, scope) for key, inner in value.items()}
    if isinstance(value, list):
        return [render(inner, scope) for inner in value]
    return value


def holds(condition: str, scope: Mapping[str, Any]) -> bool:
    """Say whether a condition holds; "" always does, and what is missing counts as nothing."""
    if not condition.strip():
        return True
    value = evaluate(parse(condition), lambda reference: _value(reference, scope, strict=False))
    return value.strip().lower() not in {"", "false", "no"} if isinstance(value, str) else bool(value)


def reads(value: Json) -> frozenset[str]:
    """Return the ids of the steps whose outputs a value's templates read."""
    return frozenset(step for step, _ in paths(value))


def paths(value: Json) -> tuple[tuple[str, tuple[str | int, ...]], ...]:
    """Return what a value's templates read of steps: id, and path inside the output."""
    return tuple((reference.name, reference.path[1:]) for reference in references(value) if reference.name not in ROOTS)


def references(value: Json) -> Iterator[Reference]:
    """Yield every reference in a value's templates."""
    for _, text in walk(value):
        if "{{" in text:
            for piece in pieces(text):
                if isinstance(piece, Expression):
                    yield from piece.references


def condition_reads(condition: str) -> frozenset[str]:
    """Return the ids of the steps whose outputs a condition reads."""
    read = parse(condition).references if condition.strip() else ()
    return frozenset(reference.name for reference in read if reference.name not in ROOTS)


def text_of(value: Json) -> str:
    """Return a value as it stands inside a text: a text as it is, nothing as nothing, the rest as JSON."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _rendered(text: str, scope: Mapping[str, Any]) -> Json:
    found = pieces(text)
    if len(found) == 1 and isinstance(found[0], Expression):
        return _evaluated(found[0], scope)
    return "".join(piece if isinstance(piece, str) else text_of(_evaluated(piece, scope)) for piece in found)


def _evaluated(expression: Expression, scope: Mapping[str, Any]) -> Json:
    strict = expression.alone
    return evaluate(expression, lambda reference: _value(reference, scope, strict=strict))


def _value(reference: Reference, scope: Mapping[str, Any], *, strict: bool) -> Json:
    if reference.name in ROOTS:
        return _followed(scope.get(reference.name), reference.path, reference, strict=strict)
    outputs = scope.get("outputs") or {}
    if reference.name not in outputs:
        return None
    return _followed(outputs[reference.name], reference.path[1:], reference, strict=strict)


def _followed(value: Json, path: tuple[str | int, ...], reference: Reference, *, strict: bool) -> Json:
    for part in path:
        inner = _part(value, part)
        if inner is _ABSENT:
            if not strict:
                return None
            message = f"`{reference}` is not there: {_has(value, part)}."
            raise Unresolved(message)
        value = inner
    return value


def _part(value: Any, part: str | int) -> Any:
    if isinstance(value, str):
        value = _structure(value)
    if isinstance(value, dict):
        return value.get(str(part), _ABSENT)
    if isinstance(value, (list, tuple)) and isinstance(part, int):
        return value[part] if part < len(value) else _ABSENT
    return _ABSENT


def _structure(text: str) -> Any:
    """Return what a text holds when it is JSON: models and tools often answer so."""
    bare = text.strip()
    if bare[:1] not in {"{", "["}:
        return text
    try:
        return json.loads(bare)
    except (ValueError, RecursionError):
        return text


def _has(value: Any, part: str | int) -> str:
    if isinstance(value, str):
        value = _structure(value)
    if isinstance(value, dict):
        keys = ", ".join(list(value)[:8])
        return f"it has no `{part}`, it has {keys}" if keys else "it is an empty mapping"
    if isinstance(value, (list, tuple)):
        return f"the list has {len(value)} items"
    return "nothing was given" if value is None else f"a text or number has no `{part}`"
