"""The JSON Schema of workflow files, made of the table that the loader checks them by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentops_kit.content import workflow_shape
from agentops_kit.content.shape import Anything, Choice, Either, Flag, Many, Named, Number, Record, Table, Text

if TYPE_CHECKING:
    from agentops_kit.content.shape import Shape

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_TITLES = {"agentops": "A workflow of AgentOps Kit", "agents": "Agents and policies", "nodes": "Nodes and edges"}


def published() -> dict[str, Any]:
    """Return the schema of a whole file, in any of the three dialects."""
    dialects = {name: {"title": _TITLES[name], **written(shape)} for name, shape in workflow_shape.DIALECTS.items()}
    definitions = {_key(name): written(shape) for name, shape in workflow_shape.DEFINITIONS.items()}
    return {
        "$schema": DRAFT,
        "title": "Workflow",
        "description": "What agentops run, validate and graph read. Generated; do not edit.",
        "type": "object",
        "oneOf": [{"$ref": f"#/$defs/{name}"} for name in dialects],
        "$defs": {**dialects, **definitions},
    }


def text() -> str:
    """Return the schema as the file ``docs/reference/workflow.schema.json`` holds it."""
    import json

    return json.dumps(published(), indent=2, ensure_ascii=False) + "\n"


def _key(name: str) -> str:
    return name.replace(" ", "-")


def written(shape: Shape) -> dict[str, Any]:
    """Return one shape as JSON Schema."""
    if isinstance(shape, Named):
        return {"$ref": f"#/$defs/{_key(shape.name)}"}
    if isinstance(shape, Either):
        return {"anyOf": [written(option) for option in shape.options]}
    if isinstance(shape, Record):
        return _record(shape)
    if isinstance(shape, Many):
        return {"type": "array", "items": written(shape.of), **_least("minItems", shape.least)}
    if isinstance(shape, Table):
        return {"type": "object", "additionalProperties": written(shape.of), **_least("minProperties", shape.least)}
    return _scalar(shape)


def _scalar(shape: Shape) -> dict[str, Any]:
    if isinstance(shape, Choice):
        return {"enum": list(shape.words)}
    if isinstance(shape, Flag):
        return {"type": "boolean"}
    if isinstance(shape, Anything):
        return {}
    return _number(shape) if isinstance(shape, Number) else _text(shape)


def _text(shape: Shape) -> dict[str, Any]:
    assert isinstance(shape, Text)  # noqa: S101 - the last shape there is
    found: dict[str, Any] = {"type": "string", **_least("minLength", shape.least)}
    if shape.pattern:
        found["pattern"] = shape.pattern
    if shape.most is not None:
        found["maxLength"] = shape.most
    return found


def _number(shape: Number) -> dict[str, Any]:
    bounds = {"minimum": shape.least, "maximum": shape.most, "exclusiveMinimum": shape.above}
    return {
        "type": "integer" if shape.whole else "number",
        **{name: bound for name, bound in bounds.items() if bound is not None},
    }


def _least(key: str, least: int) -> dict[str, int]:
    return {key: least} if least else {}


def _record(shape: Record) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": "object",
        "properties": {key: written(part) for key, part in shape.keys.items()},
    }
    if shape.own:
        found["patternProperties"] = {f"^{shape.own}": {}}
    if not shape.open:
        found["additionalProperties"] = False
    if shape.needs:
        found["required"] = list(shape.needs)
    if shape.one_of:
        found["oneOf"] = _one_of(shape)
    return found


def _one_of(shape: Record) -> list[dict[str, Any]]:
    each: list[dict[str, Any]] = [{"required": [key]} for key in shape.one_of]
    return [*each, {"not": {"anyOf": list(each)}}] if shape.none_too else each
