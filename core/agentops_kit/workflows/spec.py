"""What a workflow is once it is read: frozen values, the same for every dialect it may be written in."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

Json = Any
"""None, bool, int, float, str, list of Json or dict of str to Json."""

NOTHING: Mapping[str, Json] = MappingProxyType({})

Kind = Literal[
    "llm",  # one question to a model
    "persona",  # a persona's prompt, asked of a model or run in an assistant
    "command",  # a slash command's text, the same way
    "explore",  # a deterministic explorer: no model
    "tool",
    "function",
    "switch",
    "map",
    "reduce",
    "http",
    "script",
    "wasm",
    "workflow",
    "gate",  # waits for a person
]
When = Literal["succeeded", "failed", "settled", "passed"]
"""``settled`` holds however the other step ended, ``passed`` also when it was not taken (between phases)."""
OnCap = Literal["stop", "skip", "downgrade"]


class Place(NamedTuple):
    """Where in a file something is said; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        """Return ``file:line:column``."""
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True)
class After:
    """A need: one other step, in one end; ``settled`` holds however it ended (an optional need)."""

    step: str
    when: When = "succeeded"


@dataclass(frozen=True)
class Quorum:
    """A need: at least ``count`` of some needs; all of them when ``count`` is their number, any when it is 1."""

    count: int
    of: tuple[Need, ...]


Need = After | Quorum


@dataclass(frozen=True)
class Policy:
    """How a step is tried; seconds are wall time. ``retry_on`` names failure kinds of ``steps.base.Failure``."""

    attempts: int = 1
    """Most tries in all; 1 tries once."""
    first_wait: float = 1.0
    """Seconds before the second try; doubles each time up to ``longest_wait``, with full jitter."""
    longest_wait: float = 60.0
    retry_on: tuple[str, ...] = ("rate_limited", "server", "connection", "timeout", "unclassified")
    timeout: float | None = None
    """Seconds for one try; None for no limit."""
    optional: bool = False
    """A failure does not fail the run, and the steps after it go on without its output."""
    queue: str = ""
    """The capability a worker needs to run it; "" runs it where the run is."""
    fallback_model: str = ""
    """The model that answers the last try, or once the cost cap asks for a cheaper one."""
    quality: str = ""
    """As the file says; like ``sla_ms`` a note for readers, which nothing acts on."""
    sla_ms: int | None = None


@dataclass(frozen=True)
class Step:
    """One node: what it does (``settings`` hold templates, unrendered), after what, and on what condition."""

    id: str
    kind: Kind
    settings: Mapping[str, Json]
    place: Place
    needs: Need | None = None
    condition: str = ""
    policy: Policy = Policy()
    phase: str = ""


@dataclass(frozen=True)
class Phase:
    """A named stage; with gate ``person`` the next one waits for an approval."""

    name: str
    gate: Literal["person", "none"]
    steps: tuple[str, ...]


@dataclass(frozen=True)
class Limits:
    """What a whole run may use: ``cost_cap`` in US dollars, ``max_parallel`` steps at a time."""

    cost_cap: float | None = None
    on_cap: OnCap = "stop"
    max_parallel: int = 16
    timeout: float | None = None
    per_provider: Mapping[str, int] = field(default_factory=dict)
    """Most calls at a time to a provider, over every run that shares the database."""
    per_minute: Mapping[str, int] = field(default_factory=dict)
    """Most calls to a provider that start within sixty seconds, over every run that shares the database."""
    per_tenant: int | None = None
    """Most steps at a time of one tenant."""


@dataclass(frozen=True)
class Input:
    """A declared input; without a default it is required."""

    name: str
    default: Json = None
    required: bool = True
    description: str = ""


@dataclass(frozen=True)
class Workflow:
    """A workflow; ``steps`` are in the file's order, ``digest`` is the sha256 of the text it was read from."""

    name: str
    description: str
    steps: tuple[Step, ...]
    place: Place
    digest: str
    dialect: Literal["agentops", "agents", "nodes"]
    version: str = ""
    inputs: tuple[Input, ...] = ()
    outputs: Mapping[str, str] = field(default_factory=dict)
    """Name to template; empty means the outputs of the steps nothing depends on."""
    phases: tuple[Phase, ...] = ()
    limits: Limits = Limits()
    provider: str = ""
    """The provider and the model of steps that name none."""
    model: str = ""
