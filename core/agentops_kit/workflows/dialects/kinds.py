"""What each kind of step says in a file of ours, brought to the one form its runner reads."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from agentops_kit.content.workflow_shape import KINDS
from agentops_kit.workflows.duration import optional_seconds
from agentops_kit.workflows.template import reads

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from agentops_kit.workflows.names import Names
    from agentops_kit.workflows.source import Path_
    from agentops_kit.workflows.spec import Json, Kind, Step

    Body = Callable[[list[dict[str, Json]], Path_, Names, str], tuple[tuple[Step, ...], Names]]
    """Reads the steps a map repeats, and returns them with the names they can speak of."""

TASK = "{{ inputs.task }}"
"""What personas, commands and explorers work on when their step says nothing else."""


def kind_of(step: Mapping[str, Json]) -> Kind:
    """Return what a step does; one that says nothing gathers what it needs."""
    return cast("Kind", next((key for key in KINDS if key in step), "reduce"))


def settings_of(step: Mapping[str, Json], path: Path_, names: Names, body: Body) -> dict[str, Json]:
    """Return a step's settings in the normal form of its kind, with its ``inputs``, references resolved.

    ``body`` reads the steps a map repeats.
    """
    kind = kind_of(step)
    said = step.get(kind, {"reducer": "collect"})
    own = {name: _input(one, (*path, "inputs", name), names) for name, one in step.get("inputs", {}).items()}
    settings = (
        _map(said, (*path, kind), names.within(own), body)
        if kind == "map"
        else _LOWER[kind](said, (*path, kind), names.within(own))
    )
    if own:
        settings["inputs"] = own
    if kind in {"llm", "persona", "command"}:
        settings.setdefault("context", not reads(settings))
        settings["single"] = isinstance(step.get("needs"), str)
    return settings


def _input(said: Json, path: Path_, names: Names) -> Json:
    return names.reference(said, path, strict=False) if isinstance(said, str) else names.value(said, path)


def _form(said: Json, key: str) -> dict[str, Json]:
    """Return the long form of what may be written as one text."""
    return dict(said) if isinstance(said, dict) else {key: said}


def _plain(said: Json, path: Path_, names: Names) -> dict[str, Json]:
    return cast("dict[str, Json]", names.value(said, path))


def _llm(said: Json, path: Path_, names: Names) -> dict[str, Json]:
    return _plain(_form(said, "prompt"), path, names)


def _on_task(key: str, task: str) -> Callable[[Json, Path_, Names], dict[str, Json]]:
    def lower(said: Json, path: Path_, names: Names) -> dict[str, Json]:
        form = _form(said, "name" if key != "explorer" else key)
        named = {key: form.pop("name")} if key != "explorer" else {}
        if task not in form:
            names.inputs.declared.add("task")
            names.inputs.take("task", path)
        return {**named, task: TASK, **_plain(form, path, names)}

    return lower


def _with_arguments(key: str) -> Callable[[Json, Path_, Names], dict[str, Json]]:
    def lower(said: Json, path: Path_, names: Names) -> dict[str, Json]:
        form = _form(said, "name")
        return {key: form["name"], "arguments": names.value(form.get("arguments", {}), (*path, "arguments"))}

    return lower


def _switch(said: Json, path: Path_, names: Names) -> dict[str, Json]:
    cases = {case: _targets(to, (*path, "cases", case), names) for case, to in said["cases"].items()}
    on, at = said["value"], (*path, "value")
    return {
        "on": names.reference(on, at) if isinstance(on, str) else names.value(on, at),
        "cases": cases,
        "default": _targets(said.get("default", []), (*path, "default"), names),
    }


def _targets(said: Json, path: Path_, names: Names) -> list[str]:
    chosen = [said] if isinstance(said, str) else said
    found = (names.named(one, path) for one in chosen)
    return [one for one in found if one is not None]


def _map(said: Json, path: Path_, names: Names, body: Body) -> dict[str, Json]:
    over = said["over"]
    item = said.get("as", "item")
    steps, inside = body(said["steps"], (*path, "steps"), names, item)
    output = said.get("output", "")
    return {
        "over": names.reference(over, (*path, "over")) if isinstance(over, str) else names.value(over, (*path, "over")),
        "as": item,
        "steps": steps,
        "output": inside.reference(output, (*path, "output")) if isinstance(output, str) else output,
        "max_parallel": said.get("max_parallel"),
        "on_error": said.get("on_error", "fail"),
    }


def _reduce(said: Json, path: Path_, names: Names) -> dict[str, Json]:
    form = _form(said, "reducer")
    over: Any = form.pop("over", None)
    settings = _plain(form, path, names)
    if over is not None:
        at = (*path, "over")
        settings["over"] = names.reference(over, at) if isinstance(over, str) else names.value(over, at)
    return settings


def _http(said: Json, path: Path_, names: Names) -> dict[str, Json]:
    return {"method": "GET", **_plain(_form(said, "url"), path, names)}


def _script(said: Json, path: Path_, names: Names) -> dict[str, Json]:
    """Leave a script's text as it is: what it needs comes in through ``inputs``, nothing is pasted into code."""
    form = _form(said, "code")
    code = {"code": form.pop("code")} if "code" in form else {}
    return {"language": "python", **code, **_plain(form, path, names)}


def _wasm(said: Json, path: Path_, names: Names) -> dict[str, Json]:
    return _plain(_form(said, "module"), path, names)


def _workflow(said: Json, path: Path_, names: Names) -> dict[str, Json]:
    return {"ref": _plain(_form(said, "name"), path, names)["name"], "inputs": {}}


def _gate(said: Json, path: Path_, names: Names) -> dict[str, Json]:
    form = _plain(_form(said, "message"), path, names)
    timeout = optional_seconds(form.pop("timeout", None))
    return {"on_timeout": "fail", **form, "timeout": timeout}


_LOWER: Mapping[str, Callable[[Json, Path_, Names], dict[str, Json]]] = {
    "llm": _llm,
    "persona": _on_task("persona", "task"),
    "command": _on_task("command", "arguments"),
    "explore": _on_task("explorer", "task"),
    "tool": _with_arguments("tool"),
    "function": _with_arguments("function"),
    "switch": _switch,
    "reduce": _reduce,
    "http": _http,
    "script": _script,
    "wasm": _wasm,
    "workflow": _workflow,
    "gate": _gate,
}


def inside_map(names: Names, steps: Mapping[str, str], item: str) -> Names:
    """Return the names a map's body can speak of: its own steps, the item, and the inputs."""
    return replace(names, steps=steps, item=item)
