"""The shapes of an index and of a scenario as YAML; made of pydantic models, so import it inside a function."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from agentops_kit.content.schema import Name, Names, Text, Texts  # noqa: TC001 - pydantic reads them


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Entry(_Strict):
    """A profile in an index: a folder of the index itself, or an https or ssh address."""

    description: Text
    version: Text
    source: Text
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    """The digest that `agentops profile pack` prints; when it is given, nothing else is taken."""


class Index(_Strict):
    """``index.yaml``: profiles by name."""

    apiVersion: Literal["agentops.kit/v1"]  # noqa: N815 - the key as written in YAML
    kind: Literal["ProfileIndex"]
    profiles: dict[Name, Entry] = {}


Answer = Literal["allowed", "denied"]


def _one_act(value: object) -> object:
    """Turn ``{run: ls, expect: allowed}`` into the act's kind and what it is done to."""
    if not isinstance(value, dict):
        return value
    kinds = [kind for kind in ("write", "edit", "read", "run", "tool", "type") if kind in value]
    if len(kinds) != 1:
        return {**value, "kind": None}
    rest = {key: one for key, one in value.items() if key != kinds[0]}
    return {**rest, "kind": kinds[0], "on": value[kinds[0]]}


class Act(_Strict):
    """One thing the scripted model tries, or the person types, and what the hook has to answer."""

    kind: Literal["write", "edit", "read", "run", "tool", "type"]
    on: Text
    input: dict[str, object] = {}
    """Arguments of a ``tool``."""
    expect: Answer | None = None
    because: str = ""


class Expect(_Strict):
    """What the prompt leads to."""

    route: Texts = ()
    not_route: Texts = ()
    confidence: Annotated[float, Field(ge=0, le=1)] = 0
    says: Texts = ()
    never_says: Texts = ()
    grants: Texts = ()
    never_grants: Texts = ()


class Scenario(_Strict):
    """``scenarios/<name>.yaml``: a prompt, what it leads to, and what a model may then do."""

    name: Name
    description: Text
    prompt: Text
    expect: Expect = Expect()
    files: dict[str, str] = {}
    phase: Literal["none", "research", "plan", "implement", "quick"] = "none"
    plan: Texts = ()
    model: tuple[Annotated[Act, BeforeValidator(_one_act)], ...] = ()
    checks: Names | None = None
    changed: Texts = ()
