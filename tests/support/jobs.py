"""A step's job without an engine: calls that are made and kept, a purse and limits in memory."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentops_kit.workflows.spec import Limits, Place, Policy, Step, Workflow
from agentops_kit.workflows.steps.base import Job, Means, StepFailed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from agentops_kit.workflows.spec import Json

PLACE = Place("flow.yaml", 1, 1)


@dataclass
class KeptCalls:
    """Makes every call and keeps it: kind, request and answer."""

    made: list[tuple[str, Json, Json]] = field(default_factory=list)

    async def call(self, kind: str, request: Json, act: Callable[[], Awaitable[Json]]) -> Json:
        answer = await act()
        self.made.append((kind, request, answer))
        return answer


@dataclass
class Money:
    """A purse with so much in it, None for no cap; ``spent`` and ``held`` in US dollars."""

    cap: Decimal | None = None
    spent: Decimal = Decimal(0)
    held: Decimal = Decimal(0)

    async def left(self) -> Decimal | None:
        await asyncio.sleep(0)
        return None if self.cap is None else self.cap - self.spent - self.held

    async def reserve(self, dollars: Decimal) -> Held:
        await asyncio.sleep(0)
        if self.cap is not None and self.spent + self.held + dollars > self.cap:
            raise StepFailed("cost_cap", "The cap would be passed.")
        self.held += dollars
        return Held(self, dollars)


@dataclass
class Held:
    """Money set aside in a ``Money``."""

    purse: Money
    dollars: Decimal
    settled: list[Decimal | None] = field(default_factory=list)

    async def settle(self, dollars: Decimal | None) -> None:
        self.settled.append(dollars)
        self.purse.held -= self.dollars
        self.purse.spent += self.dollars if dollars is None else dollars


@dataclass
class Slots:
    """Limits that never bind; ``asked`` names the providers, ``busy`` counts those that have a slot now."""

    asked: list[str] = field(default_factory=list)
    busy: int = 0

    async def slot(self, provider: str) -> Callable[[], Awaitable[None]]:
        self.asked.append(provider)
        self.busy += 1

        async def free() -> None:
            self.busy -= 1

        return free


def flow(*steps: Step, limits: Limits | None = None) -> Workflow:
    return Workflow("flow", "", steps, PLACE, "0" * 64, "agentops", limits=limits or Limits())


def step(id: str = "ask", *, kind: Any = "llm", policy: Policy | None = None, **settings: Json) -> Step:  # noqa: A002
    """Return a step; what is not its own field is one of its settings."""
    return Step(id, kind, settings, PLACE, policy=policy or Policy())


def job(
    one: Step | None = None,
    *,
    provider: str = "scripted",
    workspace: Path | None = None,
    environment: Mapping[str, str] | None = None,
    cap: str | None = None,
    **changes: Any,
) -> Job:
    """Return a job of one step; ``changes`` are further fields of ``Job``, ``cap`` is the purse in US dollars."""
    one = one or step(prompt="Say hello.", model="gpt-4o")
    means = Means(workspace or Path(), provider, settings=dict(environment or {}))
    made = Job(
        run="run-1",
        workflow=flow(one),
        step=one,
        settings=one.settings,
        inputs={},
        outputs={},
        key=f"run-1:{one.id}",
        attempt=1,
        item=None,
        last=True,
        means=means,
        calls=KeptCalls(),
        purse=Money(None if cap is None else Decimal(cap)),
        limiter=Slots(),
    )
    return replace(made, **changes)
