"""What runs a step: a job in, an outcome out; each kind is a module that loads when it is first needed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, Protocol

from agentops_kit.models.base import NO_USAGE, Usage

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

    from agentops_kit.workflows.spec import Json, Step, Workflow

MODULES = {
    "llm": "agentops_kit.workflows.steps.llm",
    "persona": "agentops_kit.workflows.steps.persona",
    "command": "agentops_kit.workflows.steps.command",
    "explore": "agentops_kit.workflows.steps.explore",
    "tool": "agentops_kit.workflows.steps.tool",
    "function": "agentops_kit.workflows.steps.function",
    "switch": "agentops_kit.workflows.steps.switch",
    "reduce": "agentops_kit.workflows.steps.reduce",
    "http": "agentops_kit.workflows.steps.http",
    "script": "agentops_kit.workflows.steps.script",
    "wasm": "agentops_kit.workflows.steps.wasm",
}
"""Kinds a runner executes; ``map``, ``workflow`` and ``gate`` are the engine's own."""

Failure = Literal[
    "rate_limited",
    "server",  # the other side's fault
    "connection",
    "timeout",
    "invalid",  # our request, or a setting: never tried again
    "refused",  # not allowed here
    "cost_cap",
    "exit_status",
    "cancelled",
    "diverged",  # a replay that asked something else
    "unclassified",
]


class StepFailed(Exception):
    """A step's try ended without an output; ``kind`` decides whether it is tried again."""

    def __init__(
        self, kind: Failure, message: str, *, outcome: Outcome | None = None, retry_after: float | None = None
    ) -> None:
        """Keep the kind, one sentence, what the try used all the same, and the seconds we were told to wait."""
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.outcome = outcome
        self.retry_after = retry_after


class StepWaits(Exception):
    """A step that cannot go on before a person did something; ``message`` says what, in a sentence or two.

    The run waits as at a gate and the step is tried again when it goes on; the try is not counted.
    """

    def __init__(self, message: str) -> None:
        """Keep what a person has to do."""
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class Outcome:
    """What a try gave; ``cost`` in US dollars, None when the price of what answered is not known."""

    output: Json
    usage: Usage = NO_USAGE
    cost: Decimal | None = Decimal(0)
    model: str = ""
    provider: str = ""
    details: Mapping[str, Any] | None = None


class Calls(Protocol):
    """Every call that leaves the process goes through here, so that it is recorded once and can be replayed."""

    async def call(self, kind: str, request: Json, act: Callable[[], Awaitable[Json]]) -> Json:
        """Return what ``act`` returns (JSON), recorded under the job's next number.

        In a replay ``act`` is not awaited: the record answers, and a request that differs from the
        recorded one raises ``StepFailed`` of kind ``diverged``.
        """
        ...


class Purse(Protocol):
    """The run's money: reserved before a call, so that calls at the same time cannot pass the cap."""

    async def left(self) -> Decimal | None:
        """Return what can still be reserved in US dollars, None when the run has no cap."""
        ...

    async def reserve(self, dollars: Decimal) -> Hold:
        """Return a hold on ``dollars``; raises ``StepFailed`` of kind ``cost_cap`` when the cap would be passed."""
        ...


class Hold(Protocol):
    """Money set aside for one call."""

    async def settle(self, dollars: Decimal | None) -> None:
        """Spend what the call really cost and free the rest; None (price not known) spends what was held."""
        ...


class Limiter(Protocol):
    """Limits on concurrency and rate that all runs of the database share."""

    async def slot(self, provider: str) -> Callable[[], Awaitable[None]]:
        """Wait for the right to call ``provider``; await what it returns when the call ended."""
        ...


@dataclass(frozen=True)
class Means:
    """What the place gives a step: folders, provider, switches; the same for every step of a run."""

    workspace: Path
    """The folder a step may read; scripts run in a copy or sandbox unless they are granted more."""
    provider: str = ""
    """The provider of steps that name none; "" takes the workflow's, then the environment's."""
    model: str = ""
    assistant: str = ""
    """The assistant that runs personas and commands (claude, codex, gemini); "" asks a model directly."""
    tenant: str = ""
    script: Path | None = None
    """What the scripted provider plays; None lets it answer by its built-in rule."""
    record: Path | None = None
    """Where every answer of a model is written down, to be played back as a script."""
    settings: Mapping[str, str] | None = None
    """The environment the providers read their keys from."""
    phases: bool = False
    """Whether research, plan, implement and quick act on the workspace's own runs: it is a repository with a commit."""
    phase_run: str = ""
    """The workspace's run that this one goes on with, where it did not begin one itself (a fork)."""


@dataclass(frozen=True)
class Job:
    """One try of one step (of one item, in a map).

    ``settings`` are the step's, rendered; ``outputs`` are those of the steps it needs, in file order;
    ``key`` is ``run:step[:item]``, equal for every try, for whoever can deduplicate by it.
    """

    run: str
    workflow: Workflow
    step: Step
    settings: Mapping[str, Json]
    inputs: Mapping[str, Json]
    outputs: Mapping[str, Json]
    key: str
    attempt: int
    item: int | None
    last: bool
    """Whether no try follows this one."""
    means: Means
    calls: Calls
    purse: Purse
    limiter: Limiter


class Runner(Protocol):
    """A kind's module: one coroutine function."""

    async def run(self, job: Job) -> Outcome:
        """Do the step; raises ``StepFailed``. Cancelling the task stops what it started."""
        ...


def load(kind: str) -> Runner:
    """Return a kind's module."""
    from importlib import import_module
    from typing import cast

    return cast("Runner", import_module(MODULES[kind]))
