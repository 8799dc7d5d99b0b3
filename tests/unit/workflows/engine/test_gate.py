from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from agentops_kit.errors import GateClosed, InputInvalid
from agentops_kit.workflows.history.replay import Recorded
from agentops_kit.workflows.ledger import read
from tests.support import flows
from tests.support.flows import step

if TYPE_CHECKING:
    from agentops_kit.workflows.engine.engine import Engine
    from tests.support.clock import MovedClock

WEEK = 7 * 86_400.0
GATED = flows.text(step("a"), {"name": "ok", "gate": "Ship it?", "needs": "a"}, step("b", "ok"))


def timed(on_timeout: str) -> str:
    gate = {"name": "ok", "gate": {"message": "Ship it?", "timeout": "7d", "on_timeout": on_timeout}}
    return flows.text(gate, step("b", "ok"))


def test_a_gate_ends_the_segment_and_an_approval_lets_it_go_on(engine: Engine) -> None:
    run = flows.done(engine, GATED)
    assert (engine.get(run).status, engine.get(run).error) == ("waiting", "Ship it?")

    assert engine.approve(run, by="Ada", reason="fine") == "ok"

    assert engine.get(run).status == "queued"
    assert flows.drive(engine, run) == "succeeded"
    (gate,) = (row for row in read.steps(engine.ledger.engine, run) if row.kind == "gate")
    assert gate.output == {"approved": True, "by": "Ada", "reason": "fine"}
    assert "gate.approved" in flows.kinds(engine, run)


def test_a_rejected_gate_fails_the_run(engine: Engine) -> None:
    run = flows.done(engine, GATED)

    engine.approve(run, "ok", by="Ada", reason="too early", rejected=True)

    assert flows.drive(engine, run) == "failed"
    assert engine.get(run).error == "ok: Ada rejected it: too early" or "rejected" in str(
        [row.error for row in read.steps(engine.ledger.engine, run)]
    )
    assert flows.statuses(engine, run)["b"] == "skipped"


def test_an_approval_reaches_a_run_that_is_still_busy(engine: Engine) -> None:
    run = engine.submit(
        flows.request(flows.text({"name": "ok", "gate": "?"}, step("b", "ok"), step("c", does={"sleep": 3})))
    )

    async def approved() -> None:
        going = asyncio.ensure_future(flows.driven(engine, run))
        await flows.until(lambda: flows.statuses(engine, run).get("ok") == "waiting")
        engine.approve(run, by="Ada")
        await flows.until(lambda: flows.statuses(engine, run).get("b") == "succeeded")
        assert flows.statuses(engine, run)["c"] == "running"
        assert await going == "succeeded"

    asyncio.run(approved())


def test_an_approval_may_give_the_output(engine: Engine) -> None:
    run = flows.done(engine, flows.text({"name": "ok", "gate": "Which?"}, step("b", "ok", {"out": "{{ ok.output }}"})))

    engine.approve(run, by="Ada", output="this one")
    flows.drive(engine, run)

    assert engine.get(run).outputs == {"b": "this one"}


def test_a_gate_waits_seven_days_and_no_longer(engine: Engine, clock: MovedClock) -> None:
    run = flows.done(engine, timed("fail"))
    clock.seconds = WEEK - 60
    assert flows.drive(engine, run) == "waiting"

    clock.seconds = WEEK + 60
    assert flows.drive(engine, run) == "failed"

    assert engine.get(run).error == "ok: Nobody approved it in time."


def test_a_gate_that_approves_by_itself_does_so_after_seven_days(engine: Engine, clock: MovedClock) -> None:
    run = flows.done(engine, timed("approve"))
    assert engine.get(run).due == pytest.approx(clock.now() + WEEK, abs=30)

    clock.seconds = WEEK + 60
    assert flows.drive(engine, run) == "succeeded"


def test_an_approval_on_the_seventh_day_counts(engine: Engine, clock: MovedClock) -> None:
    run = flows.done(engine, timed("fail"))
    clock.seconds = WEEK - 60

    engine.approve(run, by="Ada")

    clock.seconds = 2 * WEEK
    assert flows.drive(engine, run) == "succeeded"


def test_a_gates_time_runs_out_while_the_run_is_busy(engine: Engine, clock: MovedClock) -> None:
    source = flows.text({"name": "ok", "gate": {"message": "?", "timeout": 60}}, step("c", does={"sleep": 3}))
    run = engine.submit(flows.request(source))

    async def late() -> None:
        going = asyncio.ensure_future(flows.driven(engine, run))
        await asyncio.sleep(0.3)
        clock.seconds = 120
        async with asyncio.timeout(20):
            while flows.statuses(engine, run)["ok"] != "failed":  # noqa: ASYNC110 - a row of a database
                await asyncio.sleep(0.05)
        assert flows.statuses(engine, run)["c"] == "running"
        await going

    asyncio.run(late())


def test_two_gates_are_told_apart(engine: Engine) -> None:
    run = flows.done(engine, flows.text({"name": "x", "gate": "X?"}, {"name": "y", "gate": "Y?"}))
    assert engine.get(run).error == "X? Y?"

    with pytest.raises(InputInvalid, match="Several gates"):
        engine.approve(run, by="Ada")
    with pytest.raises(GateClosed, match="No gate z"):
        engine.approve(run, "z", by="Ada")
    engine.approve(run, "y", by="Ada")
    assert flows.drive(engine, run) == "waiting"
    engine.approve(run, by="Ada")
    assert flows.drive(engine, run) == "succeeded"


def test_a_run_without_a_waiting_gate_says_so(engine: Engine) -> None:
    run = flows.done(engine, flows.text(step("a")))

    with pytest.raises(GateClosed, match="No gate of the run"):
        engine.approve(run, by="Ada")
    with pytest.raises(InputInvalid, match="There is no run"):
        engine.approve("none", by="Ada")


def test_a_replay_does_not_wait(engine: Engine) -> None:
    run = flows.done(engine, GATED)
    engine.approve(run, by="Ada")
    flows.drive(engine, run)

    again = engine.submit(flows.request(GATED, replay_of=run))

    assert flows.drive(engine, again, replay=Recorded(read.calls(engine.ledger.engine, run)).calls_for) == "succeeded"


def test_a_failure_is_told_the_same_after_another_segment(engine: Engine) -> None:
    run = flows.done(engine, flows.text({"name": "x", "gate": "X?"}, {"name": "y", "gate": "Y?"}))
    engine.approve(run, "x", by="Ada", rejected=True, reason="no good")
    assert flows.drive(engine, run) == "waiting"
    engine.approve(run, "y", by="Ada")

    assert flows.drive(engine, run) == "failed"

    assert engine.get(run).error == "x: Ada rejected it: no good"
