"""What a run is given: inputs as people write them, and what a workflow makes of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from agentops_kit.errors import InputInvalid
from agentops_kit.text import near
from agentops_kit.workflows.headless.bound import command_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from agentops_kit.workflows.spec import Json, Workflow

_LARGEST = 10_000_000
_EXAMPLE = 'Write --input name="some text", or --input name:=\'{"a": 1}\' for JSON.'


def pairs(said: Iterable[str]) -> dict[str, Json]:
    """Return the inputs in ``name=text`` and ``name:=JSON``; the last of a name counts."""
    found: dict[str, Json] = {}
    for one in said:
        name, equals, value = one.partition("=")
        if not equals or not name.strip(": "):
            message = f"{one!r} is no input."
            raise InputInvalid(message, remedy=_EXAMPLE)
        if name.endswith(":"):
            found[name[:-1].strip()] = _json(one, value)
        else:
            found[name.strip()] = value
    return found


def _json(said: str, value: str) -> Json:
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as error:
        message = f"{said!r} holds no JSON behind `:=`."
        raise InputInvalid(message, remedy=_EXAMPLE) from error


def from_file(path: Path) -> dict[str, Json]:
    """Return the mapping of inputs in a JSON or YAML file; ``InputInvalid`` says what is wrong with it."""
    import yaml

    try:
        if path.stat().st_size > _LARGEST:
            message = f"{path} has more than {_LARGEST:,} bytes."
            raise InputInvalid(message, remedy="Put what is large into a file that a step reads.")
        text = path.read_text(encoding="utf-8")
        found: Any = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    except (OSError, UnicodeDecodeError, ValueError, yaml.YAMLError, RecursionError) as error:
        message = f"The inputs in {path} cannot be read: {' '.join(str(error).split())}."
        raise InputInvalid(message, remedy="Give a JSON or YAML file with a mapping of names to values.") from error
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found):
        message = f"{path} holds no mapping of input names to values."
        raise InputInvalid(message, remedy="Write one `name: value` a line.")
    return _plain(found, path)


def _plain(found: dict[str, Any], path: Path) -> dict[str, Json]:
    try:
        return dict(json.loads(json.dumps(found, allow_nan=False)))
    except (ValueError, TypeError) as error:
        message = f"{path} holds a value that JSON has no word for: {error}."
        raise InputInvalid(message, remedy="Quote dates and times; write numbers that are finite.") from error


def completed(
    workflow: Workflow, given: Mapping[str, Json], *, scripted: bool
) -> tuple[dict[str, Json], tuple[str, ...]]:
    """Return all inputs of a run, and a sentence for each that was made up.

    On the scripted provider a missing one is its own name. Raises ``InputInvalid`` for a missing one
    otherwise, and for one that the workflow does not read.
    """
    known = readable(workflow)
    strange = [name for name in given if name not in known]
    if strange:
        message = f"The workflow {workflow.name} reads no input {strange[0]!r}."
        says = f"It reads: {', '.join(known)}." if known else "It reads none."
        raise InputInvalid(message, remedy=near.hint(strange[0], known, says, show=repr, most=1))
    values = {one.name: one.default for one in workflow.inputs if not one.required} | dict(given)
    missing = [name for name, required in known.items() if required and name not in values]
    if missing and not scripted:
        message = f"The workflow {workflow.name} needs {_listed(missing)}."
        raise InputInvalid(message, remedy=" ".join(["Give it with", *(f'--input {name}="…"' for name in missing)]))
    _require_text(values)
    made = {name: name for name in missing}
    return {**values, **made}, tuple(f"The input {name!r} is not given: its own name stands for it." for name in made)


def _require_text(values: Mapping[str, Json]) -> None:
    """Refuse what no database takes: bytes that are not UTF-8, as a shell hands them over, and halves of pairs."""
    for name, value in values.items():
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            message = f"The input {name} is not text: character {error.start + 1} of it is no Unicode character."
            raise InputInvalid(message, remedy="Give it as UTF-8.") from error


def readable(workflow: Workflow) -> dict[str, bool]:
    """Return the names of the inputs a workflow reads, and whether it needs them."""
    found = {one.name: one.required for one in workflow.inputs}
    for step in workflow.steps:
        command = command_of(step)
        if step.kind in {"persona", "explore"} or command:
            said = step.settings.get("task") or step.settings.get("arguments") or step.settings.get("prompt")
            found.setdefault("task", not said)
        if command == "quick":
            found.setdefault("check", False)
    return found


def _listed(names: list[str]) -> str:
    return ("the input " if len(names) == 1 else "the inputs ") + ", ".join(names)
