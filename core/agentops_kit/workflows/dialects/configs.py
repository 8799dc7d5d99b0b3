"""A node's ``config`` and ``inputs``, brought to the one form its runner reads."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from agentops_kit.workflows.names import Names
    from agentops_kit.workflows.source import Path_
    from agentops_kit.workflows.spec import Json, Kind, Step

    Body = Callable[[Mapping[str, Json], Path_, Names], tuple[Step, ...]]
    """Reads the graph a map repeats, which stands at a path, and returns its steps."""

_PROMPT_REF = re.compile(r"[\w.-]+@[\w.-]+")
_KNOWN: Mapping[str, tuple[str, ...]] = {
    "llm": ("prompt", "prompt_ref", "model", "provider", "system", "temperature", "max_tokens", "output"),
    "tool": ("tool_name", "tool", "tool_args"),
    "function": ("function_name", "function", "function_args"),
    "switch": ("switch_on", "cases", "default_case", "default"),
    "map": ("iterate_over", "map_over", "over", "sub_dag", "max_parallelism", "max_parallel"),
    "reduce": ("reduce_from", "over", "reducer", "function", "prompt", "prompt_ref", "model", "provider"),
    "http": ("url", "method", "headers", "query", "body"),
    "script": ("language", "code", "script", "source", "file"),
    "wasm": ("module", "wasm_module", "function", "arguments"),
    "workflow": ("workflow", "workflow_name", "ref", "name"),
}
_EVERYWHERE = ("inputs", "condition")


def settings_of(kind: Kind, node: Mapping[str, Json], path: Path_, names: Names, body: Body) -> dict[str, Json]:
    """Return a node's settings in the normal form of its kind, references resolved.

    ``body`` reads the graph a map repeats.
    """
    config: Mapping[str, Json] = node.get("config") or {}
    at = (*path, "config")
    _warn_of_typos(kind, config, at, names)
    inputs = _inputs(node, config, path, names)
    names = names.within(inputs)
    rest = {key: value for key, value in config.items() if key not in {*_KNOWN[kind], *_EVERYWHERE}}
    others = values(rest, at, names)
    lowered: dict[str, Json] = _LOWER[kind](node, path, names, inputs, others)
    return {**lowered, "steps": _repeated(node, path, names, body)} if kind == "map" else lowered


def _warn_of_typos(kind: Kind, config: Mapping[str, Json], at: Path_, names: Names) -> None:
    known = (*_KNOWN[kind], *_EVERYWHERE)
    for key in config:
        close = [] if key in known else difflib.get_close_matches(key, known, 1, 0.8)
        if close:
            names.log.doubt((*at, key), f"`{key}` is handed on as it is.", f"Did you mean `{close[0]}`?")


def values(said: Json, path: Path_, names: Names) -> Any:
    """Return a value whose texts may be bare references to known nodes."""
    if isinstance(said, str):
        return names.reference(said, path, strict=False)
    if isinstance(said, dict):
        return {key: values(one, (*path, key), names) for key, one in said.items()}
    if isinstance(said, list):
        return [values(one, (*path, number), names) for number, one in enumerate(said)]
    return said


def _inputs(node: Mapping[str, Json], config: Mapping[str, Json], path: Path_, names: Names) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for said, at in ((config.get("inputs"), (*path, "config", "inputs")), (node.get("inputs"), (*path, "inputs"))):
        if isinstance(said, dict):
            found |= {name: _input(one, (*at, name), names) for name, one in said.items()}
    return found


def _input(said: Json, path: Path_, names: Names) -> Json:
    if isinstance(said, dict) and set(said) == {"from"} and isinstance(said["from"], str):
        return names.reference(said["from"], (*path, "from"))
    if isinstance(said, dict) and set(said) == {"value"}:
        return values(said["value"], (*path, "value"), names)
    return names.reference(said, path) if isinstance(said, str) else values(said, path, names)


def _config(node: Mapping[str, Json]) -> Mapping[str, Json]:
    config: Mapping[str, Json] = node.get("config") or {}
    return config


def _first(node: Mapping[str, Json], *keys: str) -> tuple[str, Json]:
    """Return the first of some keys that a config has, with its value; the first key and None without one."""
    config = _config(node)
    return next(((key, config[key]) for key in keys if key in config), (keys[0], None))


def _wanted(node: Mapping[str, Json], path: Path_, names: Names, *keys: str) -> str:
    """Return the text of the first of some keys; a problem when there is none."""
    key, said = _first(node, *keys)
    if isinstance(said, str) and said:
        return names.text(said, (*path, "config", key))
    names.log.problem(path, f"the node `{node['id']}` lacks `{keys[0]}` in its config.", f"Add `{keys[0]}:`.")
    return ""


def _llm(
    node: Mapping[str, Json], path: Path_, names: Names, inputs: dict[str, Json], others: dict[str, Json]
) -> dict[str, Json]:
    config, policy = _config(node), node.get("policy") or {}
    asked = {key: config[key] for key in ("model", "provider", "system", "temperature", "output") if key in config}
    if "temperature" in policy:
        asked.setdefault("temperature", policy["temperature"])
    limit = config.get("max_tokens", policy.get("max_tokens"))
    if limit is not None:
        asked["max_tokens"] = limit
    prompt = config.get("prompt")
    if "prompt_ref" in config or (isinstance(prompt, str) and _PROMPT_REF.fullmatch(prompt)):
        key = "prompt_ref" if "prompt_ref" in config else "prompt"
        question = {"prompt_ref": _wanted(node, path, names, key)}
    else:
        question = {"prompt": _wanted(node, path, names, "prompt", "prompt_ref")}
    return {**others, **asked, **question, "inputs": inputs, "context": not inputs, "single": False}


def _called(name: str, *keys: str, arguments: str) -> Any:
    def lower(
        node: Mapping[str, Json], path: Path_, names: Names, inputs: dict[str, Json], others: dict[str, Json]
    ) -> dict[str, Json]:
        said = values(_config(node).get(arguments) or {}, (*path, "config", arguments), names)
        given = said if isinstance(said, dict) else {"value": said}
        return {name: _wanted(node, path, names, *keys), "arguments": {**others, **given, **inputs}}

    return lower


def _switch(
    node: Mapping[str, Json], path: Path_, names: Names, inputs: dict[str, Json], others: dict[str, Json]
) -> dict[str, Json]:
    key, on = _first(node, "switch_on")
    if on is None:
        names.log.problem(path, f"the node `{node['id']}` lacks `switch_on` in its config.", "Add `switch_on:`.")
    default_key, default = _first(node, "default_case", "default")
    at = (*path, "config")
    return {
        **others,
        "inputs": inputs,
        "on": names.reference(on, (*at, key)) if isinstance(on, str) else on,
        "cases": {case: _targets(to, node["id"], case, where, names) for case, to, where in _cases(node, path, names)},
        "default": _targets(default, node["id"], "default", (*at, default_key), names),
    }


def _cases(node: Mapping[str, Json], path: Path_, names: Names) -> Iterator[tuple[str, Json, Path_]]:
    said, at = _config(node).get("cases"), (*path, "config", "cases")
    if isinstance(said, dict):
        yield from ((str(case), to, (*at, case)) for case, to in said.items())
    elif isinstance(said, list) and all(isinstance(one, dict) for one in said):
        for number, one in enumerate(said):
            case = next((one[key] for key in ("condition", "value", "when", "case") if key in one), "")
            to = next((one[key] for key in ("action", "next", "to", "then", "goto") if key in one), None)
            yield str(case), to, (*at, number)
    else:
        message = f"the node `{node['id']}` lacks `cases` in its config."
        names.log.problem(path, message, "Add `cases:` with a node for each value.")


def _targets(to: Json, switch: str, case: str, path: Path_, names: Names) -> list[str]:
    if isinstance(to, dict):
        if _workflow_in(to):
            return [f"{switch}/{case}"]
        to = next((to[key] for key in ("node", "next", "to") if key in to), None)
    chosen = [to] if isinstance(to, str) else to if isinstance(to, list) else []
    found = (names.named(str(one), path) for one in chosen if one != "end" or "end" in names.steps)
    return [one for one in found if one is not None]


def _workflow_in(action: Mapping[str, Json]) -> str:
    said = action.get("workflow")
    return said if isinstance(said, str) else ""


def workflows_of(config: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    """Yield the cases of a switch that run a workflow themselves, with its name."""
    said = config.get("cases")
    listed = (
        said.items() if isinstance(said, dict) else ((one.get("condition"), one.get("action")) for one in said or ())
    )
    for case, action in (*listed, ("default", config.get("default_case", config.get("default")))):
        if isinstance(action, dict) and _workflow_in(action):
            yield str(case), _workflow_in(action)


def _map(
    node: Mapping[str, Json], path: Path_, names: Names, inputs: dict[str, Json], others: dict[str, Json]
) -> dict[str, Json]:
    config = _config(node)
    key, over = _first(node, "iterate_over", "map_over", "over")
    if over is None:
        message = f"the node `{node['id']}` lacks `iterate_over` in its config."
        names.log.problem(path, message, "Add `iterate_over:` with a reference to a list.")
    return {
        **others,
        "inputs": inputs,
        "over": names.reference(over, (*path, "config", key)) if isinstance(over, str) else over,
        "as": "item",
        "output": "",
        "max_parallel": config.get("max_parallelism", config.get("max_parallel")),
        "on_error": "fail",
    }


def _repeated(node: Mapping[str, Json], path: Path_, names: Names, body: Body) -> tuple[Step, ...]:
    """Return the steps a map repeats: the node's own ``nodes``, or the ``sub_dag`` of its config."""
    if "nodes" in node:
        return body(node, path, names)
    graph = _config(node).get("sub_dag")
    if graph is None:
        names.log.problem(path, f"the node `{node['id']}` lacks `sub_dag` in its config.", "Add it with its `nodes:`.")
        return ()
    return body(graph, (*path, "config", "sub_dag"), names)


def _reduce(
    node: Mapping[str, Json], path: Path_, names: Names, inputs: dict[str, Json], others: dict[str, Json]
) -> dict[str, Json]:
    config = _config(node)
    key, over = _first(node, "reduce_from", "over")
    asked = {name: config[name] for name in ("prompt_ref", "model", "provider") if name in config}
    if isinstance(config.get("prompt"), str):
        asked["prompt"] = names.text(config["prompt"], (*path, "config", "prompt"))
    said = {} if over is None else {"over": values(over, (*path, "config", key), names)}
    reducer = _first(node, "reducer", "function")[1] or (
        "llm" if {"prompt", "prompt_ref"} & asked.keys() else "collect"
    )
    return {**others, **asked, **said, "inputs": inputs, "reducer": reducer}


def _http(
    node: Mapping[str, Json], path: Path_, names: Names, inputs: dict[str, Json], others: dict[str, Json]
) -> dict[str, Json]:
    config, at = _config(node), (*path, "config")
    said = {key: values(config[key], (*at, key), names) for key in ("headers", "query", "body") if key in config}
    method = str(config.get("method", "GET")).upper()
    return {**others, "inputs": inputs, "method": method, "url": _wanted(node, path, names, "url"), **said}


def _script(
    node: Mapping[str, Json], path: Path_, names: Names, inputs: dict[str, Json], others: dict[str, Json]
) -> dict[str, Json]:
    config = _config(node)
    found = {"language": config.get("language", "python"), "inputs": inputs, **others}
    if isinstance(config.get("file"), str):
        return {**found, "file": config["file"]}
    key, code = _first(node, "code", "script", "source")
    if not isinstance(code, str):
        names.log.problem(path, f"the node `{node['id']}` lacks `code` in its config.", "Add `code:` or `file:`.")
    del key
    return {**found, "code": code}


def _wasm(
    node: Mapping[str, Json], path: Path_, names: Names, inputs: dict[str, Json], others: dict[str, Json]
) -> dict[str, Json]:
    config, at = _config(node), (*path, "config")
    said = {key: values(config[key], (*at, key), names) for key in ("function", "arguments") if key in config}
    return {**others, "inputs": inputs, "module": _wanted(node, path, names, "module", "wasm_module"), **said}


def _workflow(
    node: Mapping[str, Json], path: Path_, names: Names, inputs: dict[str, Json], others: dict[str, Json]
) -> dict[str, Json]:
    ref = _wanted(node, path, names, "workflow", "workflow_name", "ref", "name")
    return {**others, "ref": ref, "inputs": inputs}


_LOWER: Mapping[str, Any] = {
    "llm": _llm,
    "tool": _called("tool", "tool_name", "tool", arguments="tool_args"),
    "function": _called("function", "function_name", "function", arguments="function_args"),
    "switch": _switch,
    "map": _map,
    "reduce": _reduce,
    "http": _http,
    "script": _script,
    "wasm": _wasm,
    "workflow": _workflow,
}
