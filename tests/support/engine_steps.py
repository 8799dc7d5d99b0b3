"""A step kind for tests of the engine: what a step does is JSON in its ``code``.

``{"sleep": s}`` waits, ``{"log": file}`` appends the step's key, ``{"fail": kind}`` fails, ``{"fail_until": n}`` fails
tries before the n-th, ``{"wait_for": file}`` waits for a person until the file is there, ``{"cost": dollars}`` reserves
and spends, ``{"call": request}`` makes a recorded call, ``{"out": value}`` is what it gives (default: its key).
"""

from __future__ import annotations

import asyncio
import json
import os
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentops_kit.workflows.steps import base
from agentops_kit.workflows.steps.base import Outcome, StepFailed, StepWaits

if TYPE_CHECKING:
    from agentops_kit.workflows.spec import Json
    from agentops_kit.workflows.steps.base import Job


def install() -> None:
    """Let steps of kind script be done here."""
    base.MODULES["script"] = __name__


async def run(job: Job) -> Outcome:
    wish = {**json.loads(job.settings["code"]), **(job.settings.get("inputs") or {})}
    if "log" in wish:
        note(Path(wish["log"]), f"{job.key} {job.attempt} {os.getpid()}")
    _wait(wish, job)
    await asyncio.sleep(wish.get("sleep", 0))
    _fail(wish, job)
    called = await job.calls.call("test", wish["call"], lambda: _answer(wish)) if "call" in wish else None
    await asyncio.sleep(wish.get("then_sleep", 0))
    cost = await _spend(job, wish)
    return Outcome(called if called is not None else wish.get("out", job.key), cost=cost)


def _wait(wish: dict[str, Any], job: Job) -> None:
    if "wait_for" in wish and not Path(wish["wait_for"]).exists():
        raise StepWaits(f"{job.step.id} waits for {Path(wish['wait_for']).name}.")


def _fail(wish: dict[str, Any], job: Job) -> None:
    if "fail" in wish:
        raise StepFailed(wish["fail"], f"{job.step.id} was told to fail.", retry_after=wish.get("retry_after"))
    if job.attempt < wish.get("fail_until", 0):
        raise StepFailed("server", f"{job.step.id} fails at try {job.attempt}.")
    if "bug" in wish:
        raise KeyError(wish["bug"])


async def _answer(wish: dict[str, Any]) -> Json:
    if "call_fails" in wish:
        raise StepFailed(wish["call_fails"], "The other side failed.")
    if "log_call" in wish:
        note(Path(wish["log_call"]), "called")
    return {"answered": wish["call"]}


async def _spend(job: Job, wish: dict[str, Any]) -> Decimal:
    cost = Decimal(wish.get("cost", "0"))
    if not cost:
        return cost
    if job.last and "cheaper" in wish:
        cost = Decimal(wish["cheaper"])
    hold = await job.purse.reserve(cost)
    await asyncio.sleep(wish.get("spend_for", 0))
    await hold.settle(cost)
    return cost


def note(path: Path, line: str) -> None:
    """Append a line in one write, so that several processes may."""
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.write(handle, f"{line}\n".encode())
    os.close(handle)
