from __future__ import annotations

import asyncio

import pytest

from agentops_kit.workflows.engine.site import Slots


def test_a_lent_place_is_taken_by_another_and_comes_back_first() -> None:
    async def work() -> list[str]:
        slots, said = Slots(1), list[str]()

        async def lends() -> None:
            slots.take()
            async with slots.lent():
                said.append("lent")
                await asyncio.sleep(0.02)
            said.append("back")
            slots.give_back()

        async def borrows() -> None:
            await asyncio.sleep(0.01)
            said.append("free" if slots.free else "taken")
            slots.take()
            await asyncio.sleep(0.03)
            said.append("free" if slots.free else "taken")
            slots.give_back()

        await asyncio.gather(lends(), borrows())
        assert slots.free
        return said

    assert asyncio.run(work()) == ["lent", "free", "taken", "back"]


async def lend(slots: Slots, seconds: float) -> None:
    slots.take()
    try:
        async with slots.lent():
            await asyncio.sleep(seconds)
    finally:
        slots.give_back()


@pytest.mark.parametrize("wait", [0.005, 0.02])
def test_a_step_cancelled_while_it_waits_gives_no_place_twice(wait: float) -> None:
    async def work() -> bool:
        slots = Slots(1)
        lending = asyncio.ensure_future(lend(slots, 0.01))
        await asyncio.sleep(0)
        slots.take()
        await asyncio.sleep(wait)
        lending.cancel()
        await asyncio.wait({lending})
        slots.give_back()
        slots.take()
        free = slots.free
        slots.give_back()
        return slots.free and not free

    assert asyncio.run(work())


def test_steps_that_only_wait_are_dismissed() -> None:
    async def work() -> bool:
        slots = Slots(1)
        lending = asyncio.ensure_future(lend(slots, 30))
        await asyncio.sleep(0.01)
        slots.dismiss()
        await asyncio.wait({lending})
        return lending.cancelled() and slots.free

    assert asyncio.run(work())
