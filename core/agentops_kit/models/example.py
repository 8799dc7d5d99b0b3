"""An instance of a JSON Schema, always the same for the same schema and seed; for models that only play."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_DEPTH = 8
"""Schemas may refer to themselves; below this only what is required is filled, and by the shortest value."""


def instance(schema: Mapping[str, Any], seed: str) -> Any:
    """Return a JSON value that meets the schema; ``seed`` makes the texts of one schema differ.

    Covers types, enum, const, properties, items, bounds, formats of dates, anyOf/oneOf/allOf and local references;
    a pattern is met only when a simple sample meets it.
    """
    return _Maker(schema, seed).value(schema, "value", _DEPTH)


class _Maker:
    def __init__(self, root: Mapping[str, Any], seed: str) -> None:
        self._root = root
        self._seed = seed

    def value(self, schema: Any, name: str, depth: int) -> Any:
        """Return an instance of one schema; ``name`` is the property it fills."""
        if not isinstance(schema, dict):
            return self._text({}, name)
        if depth < -_DEPTH:
            return None  # it requires itself: nothing meets it
        schema = self._resolved(schema, depth)
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return schema["enum"][0]
        if "default" in schema:
            return schema["default"]
        return self._made(_kind(schema), schema, name, depth)

    def _made(self, kind: str, schema: Mapping[str, Any], name: str, depth: int) -> Any:
        if kind == "object":
            return self._object(schema, name, depth)
        if kind == "array":
            return self._array(schema, name, depth)
        if kind in {"integer", "number"}:
            return _number(schema, whole=kind == "integer")
        return {"boolean": True, "null": None}[kind] if kind in {"boolean", "null"} else self._text(schema, name)

    def _resolved(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        """Return the schema with a local reference followed and alternatives decided: the first, or the shortest."""
        found = dict(schema)
        for _ in range(_DEPTH):  # a reference to a reference, and never round and round
            if not isinstance(found.get("$ref"), str):
                break
            found = {**self._target(found.pop("$ref")), **found}
        for word in ("anyOf", "oneOf"):
            choices = found.pop(word, None)
            if choices:
                found = {**found, **self._resolved(_choice(choices, depth), depth)}
        for part in found.pop("allOf", ()):
            found = _merged(found, self._resolved(part, depth))
        return found

    def _target(self, reference: str) -> Mapping[str, Any]:
        found: Any = self._root
        for part in reference.removeprefix("#").strip("/").split("/"):
            found = found.get(part.replace("~1", "/").replace("~0", "~"), {}) if part else found
        return found if isinstance(found, dict) else {}

    def _object(self, schema: Mapping[str, Any], owner: str, depth: int) -> dict[str, Any]:
        properties = schema.get("properties") or {}
        required = schema.get("required") or ()
        wanted = [*properties] if depth > 0 else [name for name in properties if name in required]
        wanted += [name for name in required if name not in properties]
        place = f" of {owner}" if owner[-1:].isdigit() else ""  # items of a list are told apart
        return {name: self.value(properties.get(name, {}), f"{name}{place}", depth - 1) for name in wanted}

    def _array(self, schema: Mapping[str, Any], name: str, depth: int) -> list[Any]:
        least = int(schema.get("minItems", 0))
        most = int(schema.get("maxItems", max(least, 2)))
        count = max(least, min(2, most)) if depth > 0 else least
        single = schema.get("items", {})
        return [self.value(single, f"{name} {at}", depth - 1) for at in range(1, count + 1)]

    def _text(self, schema: Mapping[str, Any], name: str) -> str:
        sample = _FORMATS.get(schema.get("format", ""))
        if sample:
            return sample
        text = f"{name} {self._seed[:6]}"
        pattern = schema.get("pattern")
        if pattern and not re.search(pattern, text):
            text = next((one for one in _SAMPLES if re.search(pattern, one)), text)
        least, most = int(schema.get("minLength", 0)), schema.get("maxLength")
        return text.ljust(least, ".")[: None if most is None else int(most)]


_FORMATS = {
    "date": "2026-01-01",
    "date-time": "2026-01-01T00:00:00Z",
    "email": "someone@example.org",
    "uri": "https://example.org/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}
_SAMPLES = ("a", "A", "abc", "ABC", "1", "10", "1.0.0", "a-b", "a_b", "2026-01-01", "v1")


def _kind(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "null")
    if isinstance(kind, str):
        return kind
    if "properties" in schema or "required" in schema:
        return "object"
    return "array" if "items" in schema else "string"


def _choice(choices: list[Any], depth: int) -> Any:
    plain = [one for one in choices if isinstance(one, dict) and one.get("type") != "null"]
    flat = [one for one in plain if "$ref" not in one]
    return ((flat if depth <= 0 else plain) or flat or choices)[0]


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    both = {**one, **other}
    if "properties" in one and "properties" in other:
        both["properties"] = {**one["properties"], **other["properties"]}
    if "required" in one and "required" in other:
        both["required"] = [*one["required"], *other["required"]]
    return both


def _number(schema: Mapping[str, Any], *, whole: bool) -> float | int:
    step = schema.get("multipleOf", 1 if whole else 0.5)
    least = schema.get("minimum")
    if least is None and "exclusiveMinimum" in schema:
        least = schema["exclusiveMinimum"] + step
    most = schema.get("maximum", schema.get("exclusiveMaximum"))
    if least is None:
        least = 1 if most is None or most > 1 else most - step
    value = -(-least // step) * step
    return int(value) if whole else float(value)
