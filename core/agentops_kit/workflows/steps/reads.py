"""What the rest of a workflow reads of one step's output, as the shape that output needs to have."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from weakref import ref

from agentops_kit.workflows.spec import Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from agentops_kit.workflows.spec import Json, Workflow

_PATH = r"(?P<path>(?:\.[A-Za-z_]\w*)+)"
_VALUE = r"""(?:\s*(?P<sign>==|>=|<=|>|<)\s*(?P<value>'[^']*'|"[^"]*"|-?\d+(?:\.\d+)?|true|false|True|False))?"""
_READ = re.compile(rf"(?<![\w./-])(?P<step>[\w./-]+?)\.outputs?(?![\w-])(?:{_PATH})?{_VALUE}")
_LISTS = ("over", "iterate_over")
_CHOSEN = ("on", "switch_on")
_shapes: dict[int, tuple[ref[Workflow], dict[str, Shape]]] = {}
"""What is read of each step, by the identity of a workflow that is in use: a run asks for every one of its steps."""


@dataclass
class Shape:
    """A place in an output: its fields, whether it is a list and of what, and the values it is compared with."""

    fields: dict[str, Shape] = field(default_factory=dict)
    items: Shape | None = None
    values: list[Json] = field(default_factory=list)

    def at(self, path: str) -> Shape:
        """Return the place at a dotted path, made where it is not there yet."""
        place = self
        for name in (part for part in path.split(".") if part):
            place = place.fields.setdefault(name, Shape())
        return place

    def schema(self, *, compared: bool) -> dict[str, Any]:
        """Return the JSON Schema; ``compared`` fixes values to those they are compared with, so a run goes on."""
        if self.fields:
            properties = {name: one.schema(compared=compared) for name, one in self.fields.items()}
            return {"type": "object", "properties": properties, "required": list(properties)}
        if self.items is not None:
            return {"type": "array", "items": self.items.schema(compared=compared)}
        if compared and self.values:
            return {"enum": [self.values[0]]}
        return {}


def of(workflow: Workflow, step: str) -> Shape | None:
    """Return the shape read of a step's output, None when its fields, list or values are read nowhere."""
    found = _all_of(workflow).get(step)
    return found if found and (found.fields or found.items is not None or found.values) else None


def _all_of(workflow: Workflow) -> dict[str, Shape]:
    identity = id(workflow)
    kept = _shapes.get(identity)
    if kept is None or kept[0]() is not workflow:
        kept = ref(workflow, lambda _: _shapes.pop(identity, None)), _read(workflow)
        _shapes[identity] = kept
    return kept[1]


def _read(workflow: Workflow) -> dict[str, Shape]:
    """Return what is read of each step, in one pass over all texts."""
    shapes: dict[str, Shape] = {}
    for step in _all(workflow.steps):
        _note_lists(shapes, step)
        for text in (*_texts(step.settings), step.condition):
            _note(shapes, text)
    for text in workflow.outputs.values():
        _note(shapes, text)
    return shapes


def _note(shapes: dict[str, Shape], text: str) -> None:
    """Add every ``step.output.path`` of a text, with the value it is compared with."""
    for found in _READ.finditer(text):
        place = shapes.setdefault(found["step"], Shape()).at(found["path"] or "")
        if found["value"] is not None:
            place.values.append(_value(found["value"], found["sign"]))


def _note_lists(shapes: dict[str, Shape], step: Step) -> None:
    """Add what a map iterates, with the fields its body reads of an item, and what a switch may choose."""
    for key in (*_LISTS, *_CHOSEN):
        said = step.settings.get(key)
        found = _READ.search(said) if isinstance(said, str) else None
        if found is None:
            continue
        place = shapes.setdefault(found["step"], Shape()).at(found["path"] or "")
        if key in _LISTS:
            place.items = place.items or Shape()
            _note_items(place.items, step)
        elif isinstance(step.settings.get("cases"), dict):
            place.values.extend(step.settings["cases"])


def _note_items(item: Shape, each: Step) -> None:
    name = str(each.settings.get("as") or "item")
    for text in _texts(each.settings):
        for found in re.finditer(rf"(?<![\w./-]){re.escape(name)}{_PATH}{_VALUE}", text):
            place = item.at(found["path"])
            if found["value"] is not None:
                place.values.append(_value(found["value"], found["sign"]))


def _all(steps: tuple[Step, ...]) -> Iterator[Step]:
    for step in steps:
        yield step
        body = step.settings.get("steps")
        if isinstance(body, tuple):
            yield from _all(body)


def _texts(said: Any) -> Iterator[str]:
    """Give every text in settings, those of a map's body too."""
    if isinstance(said, str):
        yield said
    elif isinstance(said, Step):
        yield said.condition
        yield from _texts(said.settings)
    elif isinstance(said, (list, tuple)):
        for one in said:
            yield from _texts(one)
    elif hasattr(said, "items"):
        yield from _texts([*_values(said)])


def _values(said: Mapping[str, Any]) -> Iterator[Any]:
    yield from said.values()


def _value(text: str, sign: str) -> Json:
    """Return a value that makes a comparison hold."""
    if text[0] in "'\"":
        return text[1:-1]
    if text.lower() in {"true", "false"}:
        return text.lower() == "true"
    number = float(text) if "." in text else int(text)
    return number + {">": 1, "<": -1}.get(sign, 0)
