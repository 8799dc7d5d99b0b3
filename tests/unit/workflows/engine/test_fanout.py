from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from agentops_kit.workflows.engine import fanout
from agentops_kit.workflows.history.replay import Recorded
from agentops_kit.workflows.ledger import read
from tests.support import flows
from tests.support.flows import step

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.workflows.engine.engine import Engine


def mapped(name: str, over: Any, *body: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": name, "map": {"over": over, "steps": list(body), **more}}


def test_results_come_in_the_lists_order(engine: Engine) -> None:
    source = flows.text(mapped("m", "inputs.list", step("x", does={"out": "{{ item }}!"})), inputs={"list": {}})

    run = flows.done(engine, source, inputs={"list": list(range(300))})

    assert engine.get(run).outputs == {"m": [f"{n}!" for n in range(300)]}
    assert flows.statuses(engine, run)["m/x[299]"] == "succeeded"


def test_a_body_of_several_steps_gives_what_the_map_says(engine: Engine) -> None:
    body = (step("x", does={"out": "{{ index }}"}), step("y", "x", {"out": "{{ x.output }}{{ item }}"}))
    source = flows.text(
        mapped("plain", ["a", "b"], *body), {**mapped("said", ["a"], *body, output="x.output"), "needs": "plain"},
        outputs={"plain": "{{ plain.output }}", "said": "{{ said.output }}"},
    )  # fmt: skip

    run = flows.done(engine, source)

    assert engine.get(run).outputs == {"plain": ["0a", "1b"], "said": [0]}


def test_a_body_with_two_ends_gives_both(engine: Engine) -> None:
    source = flows.text(mapped("m", [1], step("x", does={"out": "x"}), step("y", does={"out": "y"})))

    assert engine.get(flows.done(engine, source)).outputs == {"m": [{"x": "x", "y": "y"}]}


def test_maps_inside_maps_have_rows_of_their_own(engine: Engine) -> None:
    inner = mapped("in", "item", step("x", does={"out": "{{ item }}"}))
    source = flows.text(mapped("out", [[1, 2], [3]], inner))

    run = flows.done(engine, source)

    assert engine.get(run).outputs == {"out": [[1, 2], [3]]}
    assert {"out/in[0]", "out[0]/in/x[1]", "out[1]/in/x[0]"} <= flows.statuses(engine, run).keys()


def test_the_first_failed_item_ends_the_map(engine: Engine) -> None:
    body = step("x", does={"fail": "invalid"})
    source = flows.text(mapped("m", list(range(50)), body), limits={"max_parallel": 2})

    run = flows.done(engine, source)

    assert engine.get(run).status == "failed"
    assert engine.get(run).error.startswith("m: ")
    assert "items failed: item 0: x was told to fail." in engine.get(run).error
    assert len(flows.statuses(engine, run)) < 6


def test_failed_items_are_collected_when_the_map_says_so(engine: Engine) -> None:
    body = [step("x", does={"fail": "invalid"}, **{"if": "item == 2"}), step("y", {"optional": "x"}, {"out": 1})]
    source = flows.text(mapped("m", [1, 2], body[0], on_error="collect"))

    run = flows.done(engine, source)

    assert engine.get(run).outputs == {"m": [None, {"error": "x was told to fail."}]}


@pytest.mark.parametrize("over", [[], {}, "[]"])
def test_nothing_to_go_over_gives_nothing(engine: Engine, over: Any) -> None:
    source = flows.text(mapped("m", "inputs.list", step("x")), inputs={"list": {}})

    assert engine.get(flows.done(engine, source, inputs={"list": over})).outputs == {"m": []}


def test_what_is_no_list_is_said(engine: Engine) -> None:
    source = flows.text(mapped("m", "inputs.list", step("x")), inputs={"list": {}})

    assert (
        engine.get(flows.done(engine, source, inputs={"list": 7})).error == "m: `over` has to be a list, and it is int."
    )


def test_lists_may_be_texts_and_mappings() -> None:
    assert fanout.listed("[1, 2]") == [1, 2]
    assert fanout.listed("one") is None
    assert fanout.listed({"a": 1}) == [{"key": "a", "value": 1}]


def test_a_map_opens_no_more_items_than_it_may(engine: Engine) -> None:
    source = flows.text(mapped("m", list(range(8)), step("x", does={"sleep": 0.03}), max_parallel=2))

    run = flows.done(engine, source)

    times = [(row.started, row.finished) for row in read.steps(engine.ledger.engine, run) if row.key.item is not None]
    assert max(sum(began <= at < ended for began, ended in times) for at, _ in times) <= 2


def test_items_that_are_done_stay_done(engine: Engine, tmp_path: Path) -> None:
    log = tmp_path / "log"
    body = step("x", does={"log": str(log), "sleep": 0.05, "out": "{{ item }}"})
    source = flows.text(mapped("m", list(range(40)), body), limits={"max_parallel": 4})
    run = engine.submit(flows.request(source))

    async def paused() -> None:
        going = asyncio.ensure_future(flows.driven(engine, run))
        await flows.until(lambda: len(flows.lines(log)) >= 15)
        engine.pause(run)
        assert await going == "paused"

    asyncio.run(paused())
    assert flows.drive(engine, run) == "succeeded"

    assert len(log.read_text().splitlines()) == 40
    assert engine.get(run).outputs == {"m": list(range(40))}


def test_items_that_had_begun_are_ended_although_one_failed(engine: Engine) -> None:
    body = ({"name": "ok", "gate": "Fine?"}, step("x", "ok"))
    run = flows.done(engine, flows.text(mapped("m", [1, 2, 3], *body), limits={"max_parallel": 8}))
    for item, rejected in ((0, True), (1, False), (2, False)):
        engine.approve(run, f"m/ok[{item}]", by="Ada", rejected=rejected)

    assert flows.drive(engine, run) == "failed"

    statuses = flows.statuses(engine, run)
    assert [statuses[f"m/x[{item}]"] for item in range(3)] == ["skipped", "succeeded", "succeeded"]


def test_a_replay_begins_the_items_that_had_begun(engine: Engine) -> None:
    body = step("x", does={"call": {"q": 1}}, **{"if": "item < 3"})
    bad = step("y", "x", {"fail": "invalid"}, **{"if": "item == 1"})
    source = flows.text(mapped("m", list(range(30)), body, bad), limits={"max_parallel": 2})
    first = flows.done(engine, source)
    calls = read.calls(engine.ledger.engine, first)
    (begun,) = (one.answer for one in calls if one.kind == "items")

    second = engine.submit(flows.request(source, replay_of=first))
    flows.drive(engine, second, replay=Recorded(calls).calls_for)
    other = [replace(one, request={"o": 1}) if one.kind == "items" else one for one in calls]
    third = engine.submit(flows.request(source, replay_of=first))
    flows.drive(engine, third, replay=Recorded(other).calls_for)

    assert begun < 30
    assert flows.statuses(engine, second) == flows.statuses(engine, first)
    assert "The replay asks otherwise" in engine.get(third).error
