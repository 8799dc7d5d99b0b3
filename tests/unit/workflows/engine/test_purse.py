from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.workflows.engine.purse import OpenPurse, RunPurse
from agentops_kit.workflows.ledger import budget, read
from agentops_kit.workflows.ledger.money import dollars, known, units
from agentops_kit.workflows.steps.base import StepFailed
from tests.support import flows
from tests.support.flows import step

if TYPE_CHECKING:
    from agentops_kit.workflows.engine.engine import Engine


def test_fifty_callers_at_once_never_pass_the_cap(engine: Engine) -> None:
    source = flows.text(
        *(step(f"s{n}", does={"cost": "0.03", "spend_for": 0.01}) for n in range(50)),
        limits={"max_parallel": 50, "cost_cap": 1.0},
    )

    run = flows.done(engine, source)

    spent = sum((one.cost or Decimal(0) for one in read.attempts(engine.ledger.engine, run)), Decimal(0))
    state = budget.state(engine.ledger.engine, run)
    assert engine.get(run).status == "cost_capped"
    assert spent == Decimal("0.99")
    assert state is not None
    assert (state.held, state.spent, state.left) == (0, units(spent), 10_000_000)
    assert engine.get(run).cost == spent


def test_a_step_that_would_pass_the_cap_is_skipped_when_the_file_says_so(engine: Engine) -> None:
    source = flows.text(
        step("a", does={"cost": "0.6"}), step("b", "a", {"cost": "0.6"}), step("c", "a", {"cost": "0.3"}),
        limits={"cost_cap": 1, "on_cap": "skip"},
    )  # fmt: skip

    run = flows.done(engine, source)

    assert flows.statuses(engine, run) == {"a": "succeeded", "b": "skipped", "c": "succeeded"}
    assert engine.get(run).status == "succeeded"


def test_a_cheaper_model_is_tried_when_the_file_says_so(engine: Engine) -> None:
    cheap = {"cost": "0.6", "cheaper": "0.2"}
    source = flows.text(
        step("a", does={"cost": "0.7"}), step("b", "a", cheap, retries={"times": 0, "fallback_model": "small"}),
        limits={"cost_cap": 1, "on_cap": "downgrade"},
    )  # fmt: skip

    run = flows.done(engine, source)

    assert engine.get(run).status == "succeeded"
    assert engine.get(run).cost == Decimal("0.9")


def test_a_run_whose_cheaper_model_is_too_dear_as_well_is_capped(engine: Engine) -> None:
    source = flows.text(
        step("a", does={"cost": "0.7"}),
        step("b", "a", {"cost": "0.6", "cheaper": "0.5"}, retries={"times": 0, "fallback_model": "small"}),
        step("c", "b"),
        limits={"cost_cap": 1, "on_cap": "downgrade"},
    )

    run = flows.done(engine, source)

    assert engine.get(run).status == "cost_capped"
    assert flows.statuses(engine, run)["b"] == "cost_capped"


def test_what_a_dead_process_held_counts_as_spent(engine: Engine) -> None:
    run = engine.submit(flows.request(flows.text(step("a"), limits={"cost_cap": 1})))
    held = budget.hold(engine.ledger.engine, run, "gone", units(Decimal("0.4")), 0.0)
    assert held is not None

    with engine.ledger.engine.begin() as connection:
        budget.abandon(connection, ["gone"])
    budget.settle(engine.ledger.engine, held, 0)

    state = budget.state(engine.ledger.engine, run)
    assert state == budget.State(units(Decimal(1)), 0, units(Decimal("0.4")))


def test_a_purse_says_what_is_left(engine: Engine) -> None:
    run = engine.submit(flows.request(flows.text(step("a"), limits={"cost_cap": 1})))
    purse = RunPurse(engine.ledger, run)

    async def spend() -> Decimal | None:
        hold = await purse.reserve(Decimal("0.4"))
        await hold.settle(None)
        with pytest.raises(StepFailed, match=r"does not leave the 0\.7 dollars"):
            await purse.reserve(Decimal("0.7"))
        return await purse.left()

    assert asyncio.run(spend()) == Decimal("0.6")
    assert asyncio.run(RunPurse(engine.ledger, "none").left()) is None


def test_a_purse_without_a_cap_is_open() -> None:
    async def spend() -> Decimal | None:
        hold = await OpenPurse().reserve(Decimal(9))
        await hold.settle(Decimal(9))
        return await OpenPurse().left()

    assert asyncio.run(spend()) is None


@given(st.decimals(min_value=0, max_value=10**6, places=12))
def test_money_is_never_rounded_down(amount: Decimal) -> None:
    kept = dollars(units(amount))

    assert kept is not None
    assert amount <= kept < amount + Decimal("1e-9")
    assert known(None) is None is dollars(None)
