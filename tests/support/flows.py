"""Workflows and runs for tests of the engine."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from agentops_kit.workflows.engine import orders
from agentops_kit.workflows.engine.engine import Engine, Request
from agentops_kit.workflows.engine.segment import Segment
from agentops_kit.workflows.ledger import read
from agentops_kit.workflows.load import load
from agentops_kit.workflows.steps.base import Means

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops_kit.workflows.engine.clock import Clock


def step(name: str, needs: Any = None, does: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """Return a step of the test kind; what it ``does`` with templates in it becomes its inputs."""
    wish = does or {}
    filled = {key: value for key, value in wish.items() if isinstance(value, str) and "{{" in value}
    code = json.dumps({key: value for key, value in wish.items() if key not in filled})
    made = {"name": name, "script": {"language": "python", "code": code}, **more}
    made |= {"inputs": filled} if filled else {}
    return {**made, "needs": needs} if needs is not None else made


def text(*steps: dict[str, Any], **top: Any) -> str:
    """Return a workflow's text."""
    return yaml.safe_dump({"name": "flow", **top, "steps": list(steps)}, sort_keys=False)


def request(source: str, **more: Any) -> Request:
    """Return a wish for a run of a workflow's text."""
    return Request(load(source, "flow.yaml"), source, more.pop("means", Means(workspace=Path())), **more)


def opened(place: Path | str, clock: Clock | None = None) -> Engine:
    """Open a database of runs."""
    return Engine.open(place, clock)


def drive(engine: Engine, run: str, **more: Any) -> str:
    """Do a run's next segment without DBOS, which only hands it out, and return the status it has then."""
    return asyncio.run(driven(engine, run, **more))


async def driven(engine: Engine, run: str, **more: Any) -> str:
    """Do a run's next segment in the loop that is running."""
    engine.be_present()
    epoch = orders.take_over(engine.ledger, run)
    assert epoch is not None
    return await Segment(engine.ledger, run, epoch, **more).go()


def done(engine: Engine, source: str, **more: Any) -> str:
    """Submit a workflow, do it, and return the run's id."""
    run = engine.submit(request(source, **more))
    drive(engine, run)
    return run


def statuses(engine: Engine, run: str) -> dict[str, str]:
    """Return the status of each of a run's steps and items."""
    return {str(row.key): row.status for row in read.steps(engine.ledger.engine, run)}


def kinds(engine: Engine, run: str) -> list[str]:
    """Return the kinds of a run's events, in order."""
    return [event.kind for event in read.events(engine.ledger.engine, run)]


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    while not holds():  # noqa: ASYNC110 - what other processes and files do sets no event
        await asyncio.sleep(0.01)


def lines(path: Path) -> list[str]:
    """Return a log's lines, none while it is not there."""
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []
