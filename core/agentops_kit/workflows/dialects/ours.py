"""Our own dialect: ``steps``, or ``phases`` of steps with gates between them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentops_kit.workflows import assemble, needs
from agentops_kit.workflows.assemble import Draft
from agentops_kit.workflows.dialects import kinds
from agentops_kit.workflows.dialects.parts import Parts
from agentops_kit.workflows.duration import optional_seconds, seconds
from agentops_kit.workflows.frontier import needed, targets
from agentops_kit.workflows.names import Inputs, Names
from agentops_kit.workflows.problems import Problem
from agentops_kit.workflows.spec import After, Input, Limits, Phase, Policy
from agentops_kit.workflows.template import references

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agentops_kit.workflows.log import Log
    from agentops_kit.workflows.source import Path_
    from agentops_kit.workflows.spec import Json, Need, Step

_RESERVED = frozenset(("inputs", "item", "index", "run", "steps"))
_OUTER = ("map", "workflow")
"""Kinds that are done by the steps inside them."""
_STEPLESS = frozenset(("tool", "http", "script", "wasm", "command", "gate", "workflow", "function", "persona"))
"""Kinds that do something beside giving an output, so that nobody has to read it."""


def read(values: Mapping[str, Json], log: Log) -> Parts:
    """Return the parts of a workflow whose shape has been checked."""
    declared = _declared(values.get("inputs"))
    inputs = Inputs({one.name for one in declared}, closed="inputs" in values)
    if "phases" in values:
        drafts, phases, names = _phased(values["phases"], inputs, log)
    else:
        names = Names(log, _ids(values["steps"], ("steps",), log), inputs)
        drafts, phases = _drafts(values["steps"], ("steps",), names), ()
    outputs = {name: names.reference(said, ("outputs", name)) for name, said in (values.get("outputs") or {}).items()}
    _check_outputs(outputs, log)
    steps = assemble.steps(drafts, log)
    _warn(steps, outputs, inputs, log)
    return Parts(
        steps=steps,
        inputs=(*declared, *_read_too(declared, inputs)),
        outputs=outputs,
        phases=phases,
        limits=_limits(values.get("limits") or {}),
        provider=values.get("provider", ""),
        model=values.get("model", ""),
    )


def body(said: Sequence[dict[str, Json]], path: Path_, names: Names, item: str) -> tuple[tuple[Step, ...], Names]:
    """Return the steps a map repeats, and the names they can speak of."""
    inside = kinds.inside_map(names, {**names.steps, **_ids(said, path, names.log)}, item)
    return assemble.steps(_drafts(said, path, inside), names.log), inside


# -- steps ---------------------------------------------------------------------------------------


def _ids(said: Sequence[dict[str, Json]], path: Path_, log: Log) -> dict[str, str]:
    found = [(step["name"], (*path, number, "name")) for number, step in enumerate(said)]
    assemble.doubles(found, "step", log)
    for name, at in found:
        if name in _RESERVED:
            log.problem(at, f"`{name}` means something else in templates.", "Give the step another name.")
    return {name: name for name, _ in found}


def _drafts(said: Sequence[dict[str, Json]], path: Path_, names: Names, phase: str = "") -> list[Draft]:
    drafts = [_draft(step, (*path, number), names, phase) for number, step in enumerate(said)]
    return assemble.after_switches(drafts)


def _draft(step: Mapping[str, Json], path: Path_, names: Names, phase: str) -> Draft:
    at = (*path, "needs")
    need = needs.read(step["needs"], at, names.named, names.log) if "needs" in step else None
    condition = step.get("if", "")
    kind = kinds.kind_of(step)
    for key in ("retries", "timeout"):
        if key in step and kind in _OUTER:
            told = f"`{key}` does nothing on a {kind} step."
            names.log.problem((*path, key), told, "Say it at the steps inside.")
    return Draft(
        names.steps[step["name"]],
        kind,
        kinds.settings_of(step, path, names, body),
        path,
        need,
        at,
        names.expression(_as_text(condition), (*path, "if")) if condition != "" else "",
        _policy(step),
        phase,
    )


def _as_text(condition: Json) -> str:
    return str(condition).lower() if isinstance(condition, bool) else str(condition)


def _policy(step: Mapping[str, Json]) -> Policy:
    """``retries: 2`` allows two tries after the first one."""
    said = step.get("retries", 0)
    form: Mapping[str, Json] = said if isinstance(said, dict) else {"times": said}
    plain = Policy()
    return Policy(
        attempts=int(form["times"]) + 1,
        first_wait=seconds(form.get("wait", plain.first_wait)),
        longest_wait=seconds(form.get("longest_wait", plain.longest_wait)),
        retry_on=tuple(form.get("only", plain.retry_on)),
        timeout=optional_seconds(step.get("timeout")),
        optional=bool(step.get("optional")),
        queue=step.get("queue", ""),
        fallback_model=form.get("fallback_model", ""),
        quality=step.get("quality", ""),
        sla_ms=step.get("sla_ms"),
    )


# -- phases --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Stage:
    """A phase while it is read."""

    said: Mapping[str, Json]
    path: Path_
    ids: Mapping[str, str]


def _phased(said: Sequence[dict[str, Json]], inputs: Inputs, log: Log) -> tuple[list[Draft], tuple[Phase, ...], Names]:
    assemble.doubles(((phase["name"], ("phases", n, "name")) for n, phase in enumerate(said)), "phase", log)
    stages = [_stage(phase, number, log) for number, phase in enumerate(said)]
    spoken = _everywhere(stages)
    drafts: list[Draft] = []
    phases: list[Phase] = []
    barrier: tuple[Need, ...] = ()
    for stage in stages:
        names = Names(log, {**spoken, **stage.ids}, inputs)
        name = stage.said["name"]
        own = [
            _behind(one, barrier, stage) for one in _drafts(stage.said["steps"], (*stage.path, "steps"), names, name)
        ]
        ends = tuple(After(one, "passed") for one in _ends(own))
        gate = stage.said.get("gate", "person")
        if gate == "person":
            own.append(_gate(name, stage.path, ends))
            ends = (After(own[-1].id),)
        barrier = ends
        drafts.extend(own)
        phases.append(Phase(name, gate, tuple(one.id for one in own)))
    return drafts, tuple(phases), Names(log, spoken, inputs)


def _stage(phase: Mapping[str, Json], number: int, log: Log) -> _Stage:
    path: Path_ = ("phases", number)
    bare = _ids(phase["steps"], (*path, "steps"), log)
    if phase.get("gate", "person") == "person" and "gate" in bare:
        log.problem(path, "a step is named `gate`, as the phase's own gate is.", "Give the step another name.")
    return _Stage(phase, path, {name: f"{phase['name']}/{name}" for name in bare})


def _everywhere(stages: Sequence[_Stage]) -> dict[str, str]:
    """Return what can be said from anywhere: full ids, and names that stand in one phase only."""
    ids = [one for stage in stages for one in stage.ids.values()]
    times = Counter(name for stage in stages for name in stage.ids)
    unique = {name: full for stage in stages for name, full in stage.ids.items() if times[name] == 1}
    return {**{one: one for one in ids}, **unique}


def _behind(draft: Draft, barrier: tuple[Need, ...], stage: _Stage) -> Draft:
    """Let a step that waits for nothing in its own phase come after the phase before."""
    from dataclasses import replace

    if not barrier or set(needed(draft.needs)) & set(stage.ids.values()):
        return draft
    return replace(draft, needs=needs.every(assemble.beside(draft.needs, barrier)))


def _ends(drafts: Sequence[Draft]) -> tuple[str, ...]:
    followed = {name for draft in drafts for name in (*needed(draft.needs), *draft.read)}
    return tuple(draft.id for draft in drafts if draft.id not in followed)


def _gate(phase: str, path: Path_, ends: tuple[Need, ...]) -> Draft:
    settings = {"message": f"Approve the phase {phase}.", "phase": phase, "timeout": None, "on_timeout": "fail"}
    return Draft(f"{phase}/gate", "gate", settings, path, needs.every(ends), path, phase=phase)


# -- inputs, outputs, limits ---------------------------------------------------------------------


def _declared(said: Json) -> tuple[Input, ...]:
    if isinstance(said, list):
        return tuple(Input(name) for name in dict.fromkeys(said))
    return tuple(_input(name, one) for name, one in (said or {}).items())


def _input(name: str, said: Json) -> Input:
    if not isinstance(said, dict):
        return Input(name, said, required=False)
    required = said.get("required", "default" not in said)
    return Input(name, said.get("default"), required, said.get("description", ""))


def _read_too(declared: Sequence[Input], inputs: Inputs) -> tuple[Input, ...]:
    known = {one.name for one in declared}
    return tuple(Input(name) for name in inputs.read if name not in known)


def _limits(said: Mapping[str, Json]) -> Limits:
    return Limits(
        cost_cap=said.get("cost_cap"),
        on_cap=said.get("on_cap", "stop"),
        max_parallel=int(said.get("max_parallel", Limits.max_parallel)),
        timeout=optional_seconds(said.get("timeout")),
        per_provider=dict(said.get("per_provider") or {}),
        per_minute=dict(said.get("per_minute") or {}),
        per_tenant=said.get("per_tenant"),
    )


def _check_outputs(outputs: Mapping[str, str], log: Log) -> None:
    for name, template in outputs.items():
        if not any(True for _ in references(template)):
            log.problem(("outputs", name), f"the output `{name}` reads nothing.", "Write it like `{{ step.output }}`.")


def _warn(steps: Sequence[Step], outputs: Mapping[str, str], inputs: Inputs, log: Log) -> None:
    read = {one.name for template in outputs.values() for one in references(template)}
    chosen = {name for step in steps if step.kind == "switch" for name in targets(step.settings)}
    followed = chosen | {name for step in steps for name in needed(step.needs)}
    for step in steps if outputs else ():
        if step.id not in read | followed and step.kind not in _STEPLESS:
            log.warnings.append(_unread(step))
    for name in inputs.declared - inputs.read.keys():
        log.doubt(("inputs", name), f"nothing reads the input `{name}`.", "Read it, or take it out.")


def _unread(step: Step) -> Problem:
    return Problem(step.place, f"nobody reads the output of `{step.id}`.", "Name it in `outputs`, or take it out.")
