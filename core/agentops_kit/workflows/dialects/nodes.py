"""The dialect of ``nodes`` and ``edges``, also nested under ``dag``; references are bare or in ``{{ }}``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from agentops_kit.workflows import assemble, needs
from agentops_kit.workflows.assemble import Draft
from agentops_kit.workflows.dialects import configs
from agentops_kit.workflows.dialects.parts import Parts
from agentops_kit.workflows.duration import optional_seconds, seconds
from agentops_kit.workflows.frontier import needed
from agentops_kit.workflows.names import Inputs, Names
from agentops_kit.workflows.spec import After, Input, Limits, Policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from agentops_kit.workflows.log import Log
    from agentops_kit.workflows.source import Path_
    from agentops_kit.workflows.spec import Json, Kind, Need, Step

_CENTS = 100


def read(values: Mapping[str, Json], log: Log) -> Parts:
    """Return the parts of a workflow whose shape has been checked."""
    base: Path_ = ("dag",) if "dag" in values else ()
    graph: Mapping[str, Json] = values["dag"] if base else values
    policy: Mapping[str, Json] = values.get("policy") or {}
    declared = _declared(values.get("inputs"))
    inputs = Inputs({one.name for one in declared}, closed=False)
    names = Names(log, _ids(graph, base, log), inputs, bare_inputs=True, fields=True, lenient=True)
    drafts = _drafts(graph, base, names, policy)
    outputs = {name: names.reference(said, ("outputs", name)) for name, said in (values.get("outputs") or {}).items()}
    known = {one.name for one in declared}
    return Parts(
        steps=assemble.steps(drafts, log),
        inputs=(*declared, *(Input(name) for name in inputs.read if name not in known)),
        outputs=outputs,
        limits=_limits(policy),
    )


def body(graph: Mapping[str, Json], path: Path_, names: Names) -> tuple[Step, ...]:
    """Return the steps a map repeats."""
    inside = replace(names, steps={**names.steps, **_ids(graph, path, names.log)}, item="item")
    return assemble.steps(_drafts(graph, path, inside, {}), names.log)


def _ids(graph: Mapping[str, Json], base: Path_, log: Log) -> dict[str, str]:
    found = [(node["id"], (*base, "nodes", number, "id")) for number, node in enumerate(graph["nodes"])]
    assemble.doubles(found, "node", log)
    return {name: name for name, _ in found}


def _drafts(graph: Mapping[str, Json], base: Path_, names: Names, policy: Mapping[str, Json]) -> list[Draft]:
    after = _edges(graph.get("edges") or [], (*base, "edges"), names)
    found: list[Draft] = []
    for number, node in enumerate(graph["nodes"]):
        path = (*base, "nodes", number)
        made = _draft(node, path, names, policy)
        edges = after.get(node["id"], [])
        need = needs.every([one for one, _ in edges])
        made = replace(made, needs=need, needs_path=edges[0][1] if edges else path)
        found.extend((made, *_chosen_workflows(node, made, path)))
    return assemble.after_switches(_behind_choices(found))


def _edges(said: Sequence[Mapping[str, Json]], path: Path_, names: Names) -> dict[str, list[tuple[Need, Path_]]]:
    """Return what each node comes after, with the place of the edge that says so."""
    after: dict[str, list[tuple[Need, Path_]]] = {}
    for number, edge in enumerate(said):
        for source in _texts(edge["from"]):
            first = names.named(source, (*path, number, "from"))
            for target in _texts(edge["to"]):
                second = names.named(target, (*path, number, "to"))
                if first and second:
                    after.setdefault(second, []).append((After(first), (*path, number)))
    return after


def _texts(said: Json) -> list[str]:
    return [said] if isinstance(said, str) else said


def _draft(node: Mapping[str, Json], path: Path_, names: Names, policy: Mapping[str, Json]) -> Draft:
    config: Mapping[str, Json] = node.get("config") or {}
    kind = cast("Kind", "workflow" if node["type"] == "subdag" else node["type"])
    settings = configs.settings_of(kind, node, path, names, body)
    said, at = _condition(node, config, path)
    return Draft(
        node["id"],
        kind,
        settings,
        path,
        condition=names.expression(said, at) if said else "",
        policy=_policy(node, policy),
    )


def _condition(node: Mapping[str, Json], config: Mapping[str, Json], path: Path_) -> tuple[str, Path_]:
    if "condition" in node:
        return _as_text(node["condition"]), (*path, "condition")
    return _as_text(config.get("condition", "")), (*path, "config", "condition")


def _as_text(said: Json) -> str:
    return str(said).lower() if isinstance(said, bool) else str(said)


def _policy(node: Mapping[str, Json], whole: Mapping[str, Json]) -> Policy:
    """``max_retries: 2`` allows two tries after the first; ``retries: {max_attempts: 3}`` allows three in all."""
    own: Mapping[str, Json] = node.get("policy") or {}
    form = node.get("retries", own.get("retries", own.get("max_retries", whole.get("max_retries", 0))))
    attempts: Mapping[str, Json] = form if isinstance(form, dict) else {"max_attempts": form + 1}
    plain = Policy()
    milliseconds = own.get("timeout_ms")
    return Policy(
        attempts=int(attempts.get("max_attempts", 3)),
        first_wait=seconds(attempts.get("backoff", plain.first_wait)),
        longest_wait=seconds(attempts.get("max_backoff", plain.longest_wait)),
        timeout=milliseconds / 1000 if milliseconds else optional_seconds(own.get("timeout")),
        optional=bool(own.get("optional")),
        fallback_model=own.get("fallback_model", ""),
        quality=own.get("quality", whole.get("quality", "")),
        sla_ms=own.get("sla_ms"),
    )


def _chosen_workflows(node: Mapping[str, Json], made: Draft, path: Path_) -> Iterator[Draft]:
    """Yield a step for each workflow that a case of a switch runs itself."""
    if made.kind == "switch":
        for case, ref in configs.workflows_of(node.get("config") or {}):
            step = f"{made.id}/{case}"
            yield Draft(step, "workflow", {"ref": ref, "inputs": {}}, path, After(made.id), path, policy=made.policy)


def _behind_choices(drafts: Sequence[Draft]) -> list[Draft]:
    """Let what comes after a switch come after the workflows it runs as well."""
    run_by: dict[str, list[Need]] = {}
    for draft in drafts:
        if "/" in draft.id:
            run_by.setdefault(draft.id.split("/")[0], []).append(After(draft.id, "passed"))
    if not run_by:
        return list(drafts)
    return [draft if "/" in draft.id else _with_choices(draft, run_by) for draft in drafts]


def _with_choices(draft: Draft, run_by: Mapping[str, list[Need]]) -> Draft:
    more = [need for name in needed(draft.needs) for need in run_by.get(name, ())]
    return replace(draft, needs=needs.every(assemble.beside(draft.needs, more))) if more else draft


def _declared(said: Json) -> tuple[Input, ...]:
    if isinstance(said, list):
        return tuple(Input(name) for name in dict.fromkeys(said))
    return tuple(_input(name, one) for name, one in (said or {}).items())


def _input(name: str, said: Any) -> Input:
    form: Mapping[str, Any] = said if isinstance(said, dict) else {}
    required = bool(form.get("required", "default" not in form))
    return Input(name, form.get("default"), required, str(form.get("description", "")))


def _limits(policy: Mapping[str, Json]) -> Limits:
    cents = policy.get("budget_cents")
    return Limits(
        cost_cap=None if cents is None else cents / _CENTS,
        max_parallel=int(policy.get("max_parallelism", Limits.max_parallel)),
        timeout=optional_seconds(policy.get("timeout")),
    )
