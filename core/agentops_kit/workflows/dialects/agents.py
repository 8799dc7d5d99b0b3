"""The dialect of ``agents`` with ``depends_on`` and ``policies``: every agent is one question to a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.workflows import assemble, needs
from agentops_kit.workflows.assemble import Draft
from agentops_kit.workflows.duration import optional_seconds
from agentops_kit.workflows.names import Inputs, Names
from agentops_kit.workflows.spec import Input, Limits, Policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agentops_kit.workflows.dialects.parts import Parts
    from agentops_kit.workflows.log import Log
    from agentops_kit.workflows.spec import Json, Need

_ASKED = ("model", "provider", "system", "temperature", "max_tokens")


def read(values: Mapping[str, Json], log: Log) -> Parts:
    """Return the parts of a workflow whose shape has been checked."""
    from agentops_kit.workflows.dialects.parts import Parts

    agents: list[dict[str, Json]] = values["agents"]
    policies: Mapping[str, Json] = values.get("policies") or {}
    assemble.doubles(((agent["name"], ("agents", n, "name")) for n, agent in enumerate(agents)), "agent", log)
    names = Names(log, {agent["name"]: agent["name"] for agent in agents}, Inputs(set(), closed=False), lenient=True)
    drafts = [_draft(agent, number, policies, names) for number, agent in enumerate(agents)]
    return Parts(
        steps=assemble.steps(drafts, log),
        inputs=tuple(Input(name) for name in names.inputs.read),
        limits=_limits(policies),
    )


def _limits(policies: Mapping[str, Json]) -> Limits:
    return Limits(
        cost_cap=policies.get("cost_cap"),
        on_cap=policies.get("on_cap", "stop"),
        max_parallel=int(policies.get("max_parallel", Limits.max_parallel)),
    )


def _draft(agent: Mapping[str, Json], number: int, policies: Mapping[str, Json], names: Names) -> Draft:
    path = ("agents", number)
    said = agent.get("depends_on")
    need: Need | None = None
    if said is not None:
        need = needs.read(said, (*path, "depends_on"), names.named, names.log)
    asked = {key: value for key in _ASKED if (value := agent.get(key, policies.get(key))) is not None}
    condition = agent.get("condition", "")
    return Draft(
        agent["name"],
        "llm",
        {
            **asked,
            "prompt": names.text(agent["task"], (*path, "task")),
            "context": True,
            "single": isinstance(said, str),
        },
        path,
        need,
        (*path, "depends_on"),
        names.expression(str(condition), (*path, "condition")) if condition != "" else "",
        _policy(agent, policies),
    )


def _policy(agent: Mapping[str, Json], policies: Mapping[str, Json]) -> Policy:
    """``retries: 2`` allows two tries after the first one."""
    return Policy(
        attempts=int(agent.get("retries", policies.get("retries", 0))) + 1,
        timeout=optional_seconds(agent.get("timeout", policies.get("timeout"))),
        optional=bool(agent.get("optional")),
        fallback_model=agent.get("fallback_model", policies.get("fallback_model", "")),
    )
