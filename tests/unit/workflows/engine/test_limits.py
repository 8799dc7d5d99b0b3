from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest

from agentops_kit.workflows.engine.limits import NoLimiter, RunLimiter
from agentops_kit.workflows.ledger import leases
from agentops_kit.workflows.spec import Limits
from agentops_kit.workflows.steps.base import Means
from tests.support import flows
from tests.support.flows import step

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.workflows.engine.engine import Engine
    from tests.support.clock import MovedClock


def test_a_provider_is_called_by_no_more_than_allowed(engine: Engine) -> None:
    limiter = RunLimiter(engine.ledger, Limits(per_provider={"p": 2}), "")
    now, most = 0, 0

    async def call() -> None:
        nonlocal now, most
        release = await limiter.slot("p")
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.02)
        now -= 1
        await release()

    async def every() -> None:
        await asyncio.gather(*(call() for _ in range(8)))

    asyncio.run(every())
    assert most == 2


def test_no_more_calls_begin_within_a_minute_than_allowed(engine: Engine, clock: MovedClock) -> None:
    limiter = RunLimiter(engine.ledger, Limits(per_minute={"p": 3}, per_provider={"p": 9}), "")

    async def calls() -> None:
        for _ in range(3):
            await (await limiter.slot("p"))()
        waiting = asyncio.ensure_future(limiter.slot("p"))
        await asyncio.sleep(0.2)
        assert not waiting.done()
        clock.seconds = 61
        await (await asyncio.wait_for(waiting, 3))()

    asyncio.run(calls())


def test_a_wait_that_is_cancelled_gives_its_place_back(engine: Engine) -> None:
    limiter = RunLimiter(engine.ledger, Limits(per_minute={"p": 1}, per_provider={"p": 1}), "")

    async def calls() -> None:
        await (await limiter.slot("p"))()
        waiting = asyncio.ensure_future(limiter.slot("p"))
        await asyncio.sleep(0.1)
        waiting.cancel()
        await asyncio.wait({waiting})

    asyncio.run(calls())
    assert leases.take(engine.ledger.engine, "provider p", "me", "w", 1, 0.0)


def test_a_place_taken_while_its_wait_is_cancelled_is_given_back(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    limiter = RunLimiter(engine.ledger, Limits(per_provider={"p": 1}), "")
    taking, go_on, take = threading.Event(), threading.Event(), leases.take

    def slowly(*values: Any) -> bool:
        taking.set()
        go_on.wait(5)
        return take(*values)

    async def calls() -> None:
        monkeypatch.setattr(leases, "take", slowly)
        waiting = asyncio.ensure_future(limiter.slot("p"))
        await asyncio.to_thread(taking.wait, 5)
        waiting.cancel()
        await asyncio.sleep(0)
        go_on.set()
        await asyncio.wait({waiting})
        assert waiting.cancelled()

    asyncio.run(calls())
    assert take(engine.ledger.engine, "provider p", "me", "w", 1, 0.0)


def test_what_is_not_limited_does_not_wait(engine: Engine) -> None:
    async def calls() -> None:
        await (await RunLimiter(engine.ledger, Limits(), "").slot("p"))()
        await (await NoLimiter().slot("p"))()
        await (await NoLimiter().tenant_slot())()

    asyncio.run(asyncio.wait_for(calls(), 5))


def test_a_tenant_has_no_more_steps_at_a_time_than_allowed(engine: Engine, tmp_path: Path) -> None:
    source = flows.text(*(step(f"s{n}", does={"sleep": 0.05}) for n in range(4)), limits={"per_tenant": 1})

    run = flows.done(engine, source, means=Means(workspace=tmp_path, tenant="acme"))

    from agentops_kit.workflows.ledger import read

    tries = sorted((one.started, one.finished) for one in read.attempts(engine.ledger.engine, run))
    assert engine.get(run).status == "succeeded"
    assert len(tries) == 4


def test_the_places_of_the_dead_are_freed(engine: Engine) -> None:
    database = engine.ledger.engine
    assert leases.take(database, "n", "a", "dead", 1, 0.0)
    assert not leases.take(database, "n", "b", "w", 1, 0.0)

    with database.begin() as connection:
        leases.abandon(connection, ["dead"])

    assert leases.take(database, "n", "b", "w", 1, 0.0)


@pytest.mark.parametrize(("at", "wait"), [(1.0, 59.0), (60.0, 0.0)])
def test_a_start_waits_for_the_minute_to_pass(engine: Engine, at: float, wait: float) -> None:
    assert leases.start(engine.ledger.engine, "n", 1, 0.0) == 0.0

    assert leases.start(engine.ledger.engine, "n", 1, at) == wait
