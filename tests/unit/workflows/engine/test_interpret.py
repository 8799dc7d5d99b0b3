from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from typing import TYPE_CHECKING

import pytest

from agentops_kit.errors import Busy, InputInvalid
from agentops_kit.workflows.engine import orders
from agentops_kit.workflows.engine.segment import Segment
from agentops_kit.workflows.history import held
from agentops_kit.workflows.ledger import read
from tests.support import flows
from tests.support.flows import step

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.workflows.engine.engine import Engine


def test_steps_see_what_they_need_and_the_run_gives_its_last(engine: Engine) -> None:
    run = flows.done(engine, flows.text(step("a", does={"out": 1}), step("b", "a", {"out": "{{ a.output }}"})))

    found = engine.get(run)
    assert (found.status, found.outputs, found.error) == ("succeeded", {"b": 1}, "")
    assert flows.statuses(engine, run) == {"a": "succeeded", "b": "succeeded"}


def test_outputs_are_what_the_file_says(engine: Engine) -> None:
    source = flows.text(step("a", does={"out": {"x": [1, 2]}}), step("b", "a"), outputs={"sum": "{{ a.output.x }}"})

    assert engine.get(flows.done(engine, source)).outputs == {"sum": [1, 2]}


def test_no_barrier_between_steps_that_do_not_need_each_other(engine: Engine) -> None:
    source = flows.text(step("slow", does={"sleep": 0.6}), step("fast"), step("next", "fast"))

    run = flows.done(engine, source)

    rows = {str(row.key): row for row in read.steps(engine.ledger.engine, run)}
    assert rows["next"].finished < rows["slow"].finished


def test_no_more_steps_at_a_time_than_allowed(engine: Engine, tmp_path: Path) -> None:
    source = flows.text(*(step(f"s{n}", does={"sleep": 0.1}) for n in range(6)), limits={"max_parallel": 3})

    run = flows.done(engine, source)

    times = [(row.started, row.finished) for row in read.steps(engine.ledger.engine, run)]
    assert max(sum(began <= at < ended for began, ended in times) for at, _ in times) == 3


def test_a_failure_skips_what_needs_it_with_the_reason(engine: Engine) -> None:
    run = flows.done(engine, flows.text(step("a", does={"fail": "invalid"}), step("b", "a"), step("c", "b"), step("d")))

    rows = {str(row.key): row for row in read.steps(engine.ledger.engine, run)}
    assert flows.statuses(engine, run) == {"a": "failed", "b": "skipped", "c": "skipped", "d": "succeeded"}
    assert "a failed" in rows["b"].reason
    assert "a failed" in rows["c"].reason
    found = engine.get(run)
    assert (found.status, found.error) == ("failed", "a: a was told to fail.")


def test_a_condition_that_does_not_hold_skips_the_step(engine: Engine) -> None:
    run = flows.done(engine, flows.text(step("a", does={"out": 1}), {**step("b", "a"), "if": "a.output == 2"}))

    rows = read.steps(engine.ledger.engine, run)
    assert [(row.status, row.reason) for row in rows] == [
        ("succeeded", ""),
        ("skipped", "its condition does not hold"),
    ]
    assert engine.get(run).status == "succeeded"


def test_reading_what_an_output_lacks_fails_the_step(engine: Engine) -> None:
    run = flows.done(engine, flows.text(step("a", does={"out": {}}), step("b", "a", {"out": "{{ a.output.x }}"})))

    rows = {str(row.key): row for row in read.steps(engine.ledger.engine, run)}
    assert rows["b"].status == "failed"
    assert "a.output.x" in rows["b"].error


def test_a_bug_in_a_step_is_its_failure_and_not_the_engines(engine: Engine) -> None:
    run = flows.done(engine, flows.text(step("a", does={"bug": "name"})))

    assert engine.get(run).error == "a: KeyError: 'name'"


def test_a_step_that_takes_too_long_is_stopped(engine: Engine) -> None:
    began = time.monotonic()
    run = flows.done(engine, flows.text(step("a", does={"sleep": 30}, timeout=0.2)))

    assert time.monotonic() - began < 5
    assert engine.get(run).error == "a: It took longer than 0.2 seconds."


def test_a_run_that_takes_too_long_fails_and_leaves_nothing_open(engine: Engine) -> None:
    run = flows.done(engine, flows.text(step("a", does={"sleep": 30}), step("b", "a"), limits={"timeout": 0.3}))

    assert (engine.get(run).status, engine.get(run).error) == ("failed", "It took longer than 0.3 seconds.")
    assert flows.statuses(engine, run) == {"a": "cancelled"}


def test_tries_are_counted_and_kept(engine: Engine) -> None:
    source = flows.text(step("a", does={"fail_until": 3}, retries={"times": 2, "wait": 0.01}))

    run = flows.done(engine, source)

    tries = read.attempts(engine.ledger.engine, run)
    assert [(one.attempt, one.status, one.failure) for one in tries] == [
        (1, "failed", "server"),
        (2, "failed", "server"),
        (3, "succeeded", ""),
    ]
    assert all(one.wait is not None and one.wait <= 0.02 for one in tries[:2])
    assert flows.kinds(engine, run).count("step.retry") == 2


def test_a_step_that_waits_for_its_next_try_lends_its_place(engine: Engine) -> None:
    source = flows.text(
        step("a", does={"fail_until": 2, "fail": "server", "retry_after": 0.5}, retries={"times": 1, "wait": 0.5}),
        step("b"),
        limits={"max_parallel": 1},
    )

    run = flows.done(engine, source)

    rows = {str(row.key): row for row in read.steps(engine.ledger.engine, run)}
    assert rows["b"].finished < rows["a"].finished


def test_what_cannot_get_better_is_not_tried_again(engine: Engine) -> None:
    run = flows.done(engine, flows.text(step("a", does={"fail": "invalid"}, retries=5)))

    assert [one.status for one in read.attempts(engine.ledger.engine, run)] == ["failed"]


def test_the_same_key_is_the_same_run(engine: Engine) -> None:
    source = flows.text(step("a"))
    first = engine.submit(flows.request(source, key="k", inputs={"x": 1}))

    assert engine.submit(flows.request(source, key="k", inputs={"x": 1})) == first
    with pytest.raises(InputInvalid, match="another workflow or input"):
        engine.submit(flows.request(source, key="k", inputs={"x": 2}))
    assert len(read.runs(engine.ledger.engine)) == 1


def test_an_id_that_is_taken_is_refused(engine: Engine) -> None:
    engine.submit(flows.request(flows.text(step("a")), id="mine"))

    with pytest.raises(InputInvalid, match="There is a run mine already"):
        engine.submit(flows.request(flows.text(step("b")), id="mine"))


def test_inputs_are_completed_and_missed(engine: Engine) -> None:
    source = flows.text(step("a", does={"out": "{{ inputs.x }} {{ inputs.y }}"}), inputs={"x": {}, "y": {"default": 2}})

    assert engine.get(flows.done(engine, source, inputs={"x": 1})).outputs == {"a": "1 2"}
    with pytest.raises(InputInvalid, match="needs the input x"):
        engine.submit(flows.request(source))


def test_what_is_done_is_not_done_again(engine: Engine, tmp_path: Path) -> None:
    log = tmp_path / "log"
    source = flows.text(step("a", does={"log": str(log)}), step("b", "a", {"log": str(log), "sleep": 30}))
    run = engine.submit(flows.request(source))

    async def interrupt() -> str:
        engine.be_present()
        segment = Segment(engine.ledger, run, orders.take_over(engine.ledger, run) or 0)
        going = asyncio.ensure_future(segment.go())
        await flows.until(lambda: any(":b 1" in line for line in flows.lines(log)))
        segment.interrupt()
        return await going

    assert asyncio.run(interrupt()) == "paused"
    assert engine.get(run).error == "It was interrupted."
    log.write_text("")
    with engine.ledger.engine.begin() as connection:
        connection.exec_driver_sql("""UPDATE steps SET output = '"kept"' WHERE step = 'a'""")

    async def again() -> None:
        going = asyncio.ensure_future(flows.driven(engine, run))
        await flows.until(lambda: any(":b 1" in line for line in flows.lines(log)))
        engine.cancel(run, "enough")
        assert await going == "cancelled"

    asyncio.run(again())
    assert "a 1" not in log.read_text()
    assert [one.status for one in read.attempts(engine.ledger.engine, run)] == ["succeeded"]
    assert engine.get(run).status == "cancelled"


def test_a_run_that_is_being_done_is_busy(engine: Engine) -> None:
    run = engine.submit(flows.request(flows.text(step("a", does={"sleep": 30}))))

    async def twice() -> None:
        going = asyncio.ensure_future(flows.driven(engine, run))
        await asyncio.sleep(0.3)
        with pytest.raises(Busy, match="being done by the process"):
            orders.take_over(engine.ledger, run)
        engine.cancel(run)
        await going

    asyncio.run(twice())


def test_a_cancel_stops_running_steps_within_half_a_second(engine: Engine) -> None:
    run = engine.submit(flows.request(flows.text(*(step(f"s{n}", does={"sleep": 30}) for n in range(20)))))

    async def cancelled() -> float:
        going = asyncio.ensure_future(flows.driven(engine, run))
        await asyncio.sleep(0.4)
        began = time.monotonic()
        assert engine.cancel(run) == "running"
        assert await going == "cancelled"
        return time.monotonic() - began

    assert asyncio.run(cancelled()) < 0.5
    assert set(flows.statuses(engine, run).values()) == {"cancelled"}
    assert engine.cancel(run) == "cancelled"


def test_a_pause_ends_what_runs_and_a_resume_does_the_rest(engine: Engine) -> None:
    run = engine.submit(flows.request(flows.text(step("a", does={"sleep": 0.5}), step("b", "a"))))

    async def paused() -> None:
        going = asyncio.ensure_future(flows.driven(engine, run))
        await asyncio.sleep(0.2)
        engine.pause(run)
        assert await going == "paused"

    asyncio.run(paused())
    assert flows.statuses(engine, run) == {"a": "succeeded"}
    assert engine.resume(run) == "queued"
    assert flows.drive(engine, run) == "succeeded"


def test_a_run_that_only_waits_in_line_is_paused_and_cancelled_at_once(engine: Engine) -> None:
    run = engine.submit(flows.request(flows.text(step("a"))))

    assert engine.pause(run) == "paused"
    assert engine.pause(run) == "paused"
    assert engine.cancel(run) == "cancelled"
    with pytest.raises(InputInvalid, match="is over: cancelled"):
        engine.resume(run)


def test_a_retry_does_only_what_failed_and_what_was_skipped_for_it(engine: Engine, tmp_path: Path) -> None:
    log, ready = tmp_path / "log", {"log": str(tmp_path / "log")}
    source = flows.text(step("a", does=ready), step("b", "a", {"fail": "invalid"}), step("c", "b", ready))
    run = flows.done(engine, source)
    with pytest.raises(InputInvalid, match="over: failed"):
        engine.resume(run)
    with engine.ledger.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE executions SET source = replace(source, 'fail', 'fine')")

    assert engine.retry(run) == "queued"

    assert flows.drive(engine, run) == "succeeded"
    assert [line.split(":")[1].split()[0] for line in log.read_text().splitlines()] == ["a", "c"]
    with pytest.raises(InputInvalid, match="nothing to do again"):
        engine.retry(run)


def test_a_fork_keeps_what_it_is_told_to(engine: Engine, tmp_path: Path) -> None:
    log = {"log": str(tmp_path / "log")}
    source = flows.text(step("a", does=log), step("b", "a", {**log, "out": "{{ inputs.x }}"}), inputs={"x": {}})
    first = flows.done(engine, source, inputs={"x": 1})
    past = held.load(engine.ledger.engine, first)

    second = flows.done(engine, source, inputs={"x": 2}, fork_of=first, kept=frozenset({"a"}), past=past)

    assert engine.get(second).outputs == {"b": 2}
    assert len((tmp_path / "log").read_text().splitlines()) == 3


def test_a_replay_asks_nobody(engine: Engine, tmp_path: Path) -> None:
    from agentops_kit.workflows.history.replay import Recorded

    source = flows.text(step("a", does={"call": {"q": 1}, "log_call": str(tmp_path / "log")}))
    first = flows.done(engine, source)
    record = Recorded(read.calls(engine.ledger.engine, first))

    second = engine.submit(flows.request(source, replay_of=first))
    flows.drive(engine, second, replay=record.calls_for)

    assert engine.get(second).outputs == engine.get(first).outputs == {"a": {"answered": {"q": 1}}}
    assert (tmp_path / "log").read_text() == "called\n"


def test_a_step_that_waits_for_a_person_is_tried_again(engine: Engine, tmp_path: Path) -> None:
    run = engine.submit(flows.request(flows.text(step("a", does={"wait_for": str(tmp_path / "yes")}), step("b"))))

    assert flows.drive(engine, run) == "waiting"
    assert engine.get(run).error == "a waits for yes."
    assert flows.drive(engine, run) == "waiting"
    (tmp_path / "yes").touch()
    assert flows.drive(engine, run) == "succeeded"
    assert [str(one.key) for one in read.attempts(engine.ledger.engine, run)] == ["b", "a"]


def test_drive_goes_through_dbos_and_tells_what_happens(engine: Engine) -> None:
    heard: list[str] = []
    run = engine.submit(flows.request(flows.text(step("a"), step("b", "a", {"sleep": 0.3}))))

    end = engine.drive(run, on_event=lambda event: heard.append(f"{event.kind} {event.step}".strip()))

    assert (end.status, end.exit_status, end.outputs) == ("succeeded", 0, {"b": f"{run}:b"})
    assert heard == [
        "run.started",
        "step.started a",
        "step.succeeded a",
        "step.started b",
        "step.succeeded b",
        "run.succeeded",
    ]
    assert engine.drive(run) == end


def test_a_switch_chooses_what_runs_and_a_resume_remembers_it(engine: Engine) -> None:
    from agentops_kit.workflows.steps import base

    base.MODULES.setdefault("switch", "agentops_kit.workflows.steps.switch")
    switch = {"name": "s", "switch": {"value": "inputs.x", "cases": {"1": "one", "2": "two"}}}
    gate = {"name": "ok", "gate": "Go?", "needs": "s"}
    source = flows.text(switch, step("one", "s"), step("two", "s"), gate, inputs={"x": {}})
    run = flows.done(engine, source, inputs={"x": "1"})

    engine.approve(run, by="Ada")
    flows.drive(engine, run)

    assert flows.statuses(engine, run) == {"s": "succeeded", "one": "succeeded", "two": "skipped", "ok": "succeeded"}


def test_a_pause_does_not_wait_for_the_next_try(engine: Engine) -> None:
    source = flows.text(
        step("a", does={"fail_until": 2}, retries={"times": 1, "wait": 50}), step("b", does={"sleep": 0.2})
    )
    run = engine.submit(flows.request(source))

    async def paused() -> float:
        going = asyncio.ensure_future(flows.driven(engine, run))
        await flows.until(lambda: "step.retry" in flows.kinds(engine, run))
        began = time.monotonic()
        engine.pause(run)
        assert await going == "paused"
        return time.monotonic() - began

    assert asyncio.run(paused()) < 5


def test_calls_of_a_try_that_was_cut_off_are_not_made_again(engine: Engine, tmp_path: Path) -> None:
    log, calls = tmp_path / "log", tmp_path / "calls"
    does = {"call": {"q": 1}, "log_call": str(calls), "log": str(log), "then_sleep": 0.5}
    run = engine.submit(flows.request(flows.text(step("a", does=does))))

    async def cut_off() -> None:
        going = asyncio.ensure_future(flows.driven(engine, run))
        await flows.until(lambda: bool(read.calls(engine.ledger.engine, run)))
        going.cancel()
        await asyncio.wait({going})

    asyncio.run(cut_off())
    with engine.ledger.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE executions SET worker = ''")

    assert flows.drive(engine, run) == "succeeded"
    assert (len(flows.lines(log)), len(flows.lines(calls))) == (2, 1)
    assert [one.status for one in read.attempts(engine.ledger.engine, run)] == ["interrupted", "succeeded"]


def test_a_failed_call_is_recorded_too(engine: Engine) -> None:
    run = flows.done(engine, flows.text(step("a", does={"call": {"q": 1}, "call_fails": "server"})))

    (call,) = read.calls(engine.ledger.engine, run)
    assert call.failed == ("server", "The other side failed.")


def test_a_kind_whose_package_is_missing_fails_its_step(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    from agentops_kit.workflows.steps import base

    monkeypatch.setitem(base.MODULES, "script", "no_such_package.steps")

    run = flows.done(engine, flows.text(step("a")))

    assert engine.get(run).error == "a: Steps of kind script need the package no_such_package, which is missing."


def test_an_interrupt_pauses_the_run(engine: Engine, tmp_path: Path) -> None:
    log = tmp_path / "log"
    run = engine.submit(flows.request(flows.text(step("a", does={"log": str(log), "sleep": 30}))))
    before = signal.getsignal(signal.SIGINT)

    def interrupt() -> None:
        while not flows.lines(log):
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    end = engine.drive(run)
    thread.join()

    assert (end.status, end.interrupted, end.exit_status) == ("paused", True, 130)
    assert signal.getsignal(signal.SIGINT) is before


def test_a_segment_of_somebody_else_is_refused(engine: Engine) -> None:
    run = engine.submit(flows.request(flows.text(step("a"))))

    assert asyncio.run(engine.segment(run, 7)) == "fenced"
    assert asyncio.run(Segment(engine.ledger, run, 7).go()) == "fenced"


def test_a_run_that_is_taken_over_while_it_runs_stops(engine: Engine) -> None:
    run = engine.submit(flows.request(flows.text(step("a", does={"sleep": 30}))))

    async def taken() -> str:
        going = asyncio.ensure_future(flows.driven(engine, run))
        await flows.until(lambda: flows.statuses(engine, run) == {"a": "running"})
        with engine.ledger.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE executions SET epoch = epoch + 1")
        return await going

    assert asyncio.run(taken()) == "fenced"


def test_a_part_of_a_run_cannot_be_controlled_alone(engine: Engine) -> None:
    source = flows.text({"name": "sub", "workflow": "child"})
    run = flows.done(engine, source, sources={"child": flows.text(step("x"))})

    for order in (engine.cancel, engine.pause, engine.resume, engine.retry):
        with pytest.raises(InputInvalid, match="is a part of"):
            order(f"{run}.sub")
