from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from agentops_kit.workflows.engine import away, orders, presence, queue, reaper
from agentops_kit.workflows.engine.segment import Segment
from agentops_kit.workflows.engine.worker import Orders, Worker
from agentops_kit.workflows.ledger import read, schema
from agentops_kit.workflows.ledger.change import Claim, LedgerLost
from agentops_kit.workflows.load import load
from tests.support import flows, source
from tests.support.flows import step

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from agentops_kit.workflows.engine.engine import Engine
    from agentops_kit.workflows.engine.queue import Queued


def worked(engine: Engine, until: Callable[[], bool], *queues: str, **more: Any) -> list[str]:
    """Let a worker work in this process until something holds, and return what it said."""
    said: list[str] = []

    async def work() -> None:
        worker = Worker(engine, Orders(queues, **{"grace": 5.0, **more}), said.append)
        going = asyncio.ensure_future(worker.work())
        waits = asyncio.ensure_future(flows.until(until))
        await asyncio.wait({going, waits}, timeout=60, return_when=asyncio.FIRST_COMPLETED)
        worker.stop()
        await going
        waits.cancel()

    asyncio.run(work())
    return said


def test_a_worker_does_queued_runs_and_queued_steps(engine: Engine) -> None:
    inner = step("x", does={"out": "{{ item }}"}, queue="q")
    wanted = flows.text(
        step("a"), step("b", "a", {"fail_until": 2}, queue="q", retries={"times": 1, "wait": 0.01}),
        {"name": "m", "needs": "b", "map": {"over": [1, 2], "steps": [inner]}},
    )  # fmt: skip
    run = engine.submit(flows.request(wanted, place="queue"))

    said = worked(engine, lambda: engine.get(run).status == "succeeded", "q", slots=2)

    assert engine.get(run).outputs == {"m": [1, 2]}
    assert said[0].endswith("takes runs, steps of q")
    assert f"run {run} succeeded" in said
    assert said[-1] == "gone"
    with engine.ledger.engine.connect() as connection:
        assert connection.scalar(sa.select(schema.workers.c.status)) == "gone"


def test_a_worker_takes_up_runs_of_its_machine_that_nobody_minds(engine: Engine) -> None:
    run = engine.submit(flows.request(flows.text(step("a"))))
    with engine.ledger.engine.begin() as connection:
        connection.execute(schema.executions.update().values(created=0.0))

    worked(engine, lambda: engine.get(run).status == "succeeded")

    assert engine.get(run).place == "queue"


def test_a_worker_hands_over_what_it_does_not_finish(engine: Engine) -> None:
    wanted = flows.text(step("a", does={"sleep": 30}), step("b", does={"sleep": 30}, queue="q"))
    run = engine.submit(flows.request(wanted, place="queue"))

    worked(engine, lambda: set(flows.statuses(engine, run).values()) == {"running"}, "q", grace=0.2)

    assert engine.get(run).status == "queued"
    assert flows.statuses(engine, run) == {"a": "queued", "b": "queued"}


def test_a_cancel_reaches_a_step_at_a_worker(engine: Engine) -> None:
    run = engine.submit(flows.request(flows.text(step("a", does={"sleep": 30}, queue="q")), place="queue"))

    def stopped() -> bool:
        if flows.statuses(engine, run).get("a") == "running":
            engine.cancel(run)
        return engine.get(run).status == "cancelled"

    worked(engine, stopped, "q")

    assert flows.statuses(engine, run) == {"a": "cancelled"}


def test_a_worker_that_was_declared_dead_ends(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "BEAT", 0.05)
    monkeypatch.setattr("agentops_kit.workflows.engine.worker._REAP", 0.1)

    def bury() -> bool:
        with engine.ledger.engine.begin() as connection:
            presence.bury(connection, [engine.ledger.worker], 0.0)
        return False

    assert "declared dead by another worker: ending" in worked(engine, bury)


def ended_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def dead_worker(engine: Engine, name: str = "dead") -> None:
    row = {
        "id": name,
        "host": presence.machine(),
        "pid": ended_process(),
        "status": "live",
        "beat": 0.0,
        "started": 0.0,
    }
    with engine.ledger.engine.begin() as connection:
        connection.execute(schema.workers.insert().values(**row, queues="[]"))


def test_a_dead_workers_runs_and_steps_are_offered_again(engine: Engine) -> None:
    dead_worker(engine)
    run = engine.submit(flows.request(flows.text(step("a", queue="q")), place="queue"))

    async def begin() -> None:
        segment = Segment(engine.ledger, run, 1, serves_queues=False)
        going = asyncio.ensure_future(segment.go())
        await flows.until(lambda: flows.statuses(engine, run) == {"a": "queued"})
        going.cancel()
        await asyncio.wait({going})

    asyncio.run(begin())
    (one,) = queue.claim(engine.ledger.engine, ["q"], "dead", 5, 0.0)
    with engine.ledger.engine.begin() as connection:
        connection.execute(schema.executions.update().values(worker="dead"))

    reaped = reaper.reap(engine.ledger, "1", ())

    assert reaped == reaper.Reaped(((run, 2, "1"),), (), 1)
    assert flows.statuses(engine, run) == {"a": "queued"}
    assert [row.status for row in read.attempts(engine.ledger.engine, run)] == ["interrupted"]
    (again,) = queue.claim(engine.ledger.engine, ["q"], "me", 5, 0.0)
    assert again.claim.number == one.claim.number + 2


def test_a_run_whose_worker_died_before_it_began_is_offered_again(engine: Engine) -> None:
    run = engine.submit(flows.request(flows.text(step("a")), place="queue"))
    other = engine.submit(flows.request(flows.text(step("a")), place="queue"))
    engine.be_present()
    pending = [(run, 1, "dead"), (other, 1, engine.ledger.worker), (other, 0, "dead")]

    reaped = reaper.reap(engine.ledger, "1", (), pending)

    assert reaped == reaper.Reaped(((run, 2, "1"),), ((run, 1), (other, 0)), 0)


DIES_AT_THE_START = """
import os, sys
from agentops_kit.workflows.engine import segment
from tests.support import engine_child, engine_worker
segment._begin = lambda *_: os._exit(9)
if sys.argv[1] == "drive":
    engine_child.drive(*sys.argv[2:])
sys.argv[1:2] = []
engine_worker.main()
"""


def dies_at_the_start(*words: str) -> int:
    environment = {**os.environ, "PYTHONPATH": f"{source.ROOT / 'core'}{os.pathsep}{source.ROOT}"}
    command = [sys.executable, "-c", DIES_AT_THE_START, *words]
    return subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode


@pytest.mark.crash
def test_a_run_whose_process_died_as_it_was_handed_out_is_done_by_the_next(engine: Engine) -> None:
    run = engine.submit(flows.request(flows.text(step("a"))))
    database = str(engine.ledger.engine.url.database)

    assert dies_at_the_start("drive", database, run) == 9

    assert engine.drive(run).status == "succeeded"
    with engine.ledger.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM workflow_status").scalar() == 0


@pytest.mark.crash
def test_a_run_whose_worker_died_as_it_took_it_is_done_by_the_next(engine: Engine) -> None:
    run = engine.submit(flows.request(flows.text(step("a")), place="queue"))

    assert dies_at_the_start("work", str(engine.ledger.engine.url.database), "1", "5", "1") == 9
    assert engine.get(run).status == "queued"

    worked(engine, lambda: engine.get(run).status == "succeeded")


def test_a_claim_takes_no_more_than_asked(engine: Engine) -> None:
    run = engine.submit(flows.request(flows.text(*(step(f"s{n}", queue="q") for n in range(9))), place="queue"))

    async def offer() -> None:
        going = asyncio.ensure_future(Segment(engine.ledger, run, 1, serves_queues=False).go())
        await flows.until(lambda: len(flows.statuses(engine, run)) == 9)
        going.cancel()
        await asyncio.wait({going})

    asyncio.run(offer())

    engine.pause(run)
    assert not queue.claim(engine.ledger.engine, ["q"], "me", 4, 0.0)
    engine.resume(run)
    claimed = queue.claim(engine.ledger.engine, ["q"], "me", 4, 0.0)
    assert [one.claim for one in claimed] == [Claim(run, f"s{n}", -1, "me", 1) for n in range(4)]
    assert not queue.claim(engine.ledger.engine, ["other"], "me", 4, 0.0)


def test_a_run_of_an_earlier_version_is_adopted_when_nobody_takes_it(engine: Engine) -> None:
    run = engine.submit(flows.request(flows.text(step("a")), place="queue", version="1"))

    reaped = reaper.reap(engine.ledger, "2", ())
    assert reaped is not None
    assert reaped.offers == ((run, 2, "2"),)

    later = engine.submit(flows.request(flows.text(step("a")), place="queue", version="10"))
    reaper.reap(engine.ledger, "9", ())
    assert engine.get(later).version == "10"


def test_versions_that_are_no_numbers_go_by_spelling(engine: Engine) -> None:
    run = engine.submit(flows.request(flows.text(step("a")), place="queue", version="2026-01"))

    reaper.reap(engine.ledger, "2026-02", ())

    assert engine.get(run).version == "2026-02"


def test_a_run_this_process_lost_is_offered_again_and_one_it_does_is_not(engine: Engine) -> None:
    run = engine.submit(flows.request(flows.text(step("a")), place="queue"))
    with engine.ledger.engine.begin() as connection:
        connection.execute(schema.executions.update().values(status="running", worker=engine.ledger.worker))

    reaper.reap(engine.ledger, "1", {run})
    assert engine.get(run).status == "running"
    reaper.reap(engine.ledger, "1", ())
    assert engine.get(run).status == "queued"


def test_who_is_alive(engine: Engine) -> None:
    class Row:
        host, pid, status, beat = presence.machine(), os.getpid(), "live", 0.0

    here, elsewhere = Row(), Row()
    elsewhere.host = "elsewhere"
    gone = Row()
    gone.status = "gone"
    init = Row()
    init.pid = 1

    assert presence.is_alive(here, 1e9)
    assert presence.is_alive(init, 1e9)
    assert presence.is_alive(elsewhere, presence.STALE - 1)
    assert not presence.is_alive(elsewhere, presence.STALE + 1)
    assert not presence.is_alive(gone, 0)
    assert not presence.is_alive(None, 0)


def test_the_same_number_in_another_container_is_another_process() -> None:
    class Before:
        host, pid, status, beat = presence.machine() + " before", os.getpid(), "live", 0.0

    assert not presence.is_alive(Before(), presence.STALE + 1)


def test_a_container_with_our_name_is_another_machine() -> None:
    told = "from agentops_kit.workflows.engine import presence; print(presence.machine())"
    command = ["unshare", "--user", "--map-root-user", "--pid", "--fork", sys.executable, "-c", told]
    inside = subprocess.run(command, capture_output=True, text=True)
    if inside.returncode:
        pytest.skip("no namespaces here")

    assert inside.stdout.split()[0] == presence.machine().split()[0]
    assert inside.stdout.strip() != presence.machine()


def test_a_step_whose_end_could_not_be_written_is_offered_again(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = engine.submit(flows.request(flows.text(step("a", queue="q")), place="queue"))
    written = away.Away._do
    tries = []

    async def fails_once(self: away.Away, one: Queued) -> None:
        tries.append(one.claim.number)
        if len(tries) == 1:
            raise LedgerLost
        await written(self, one)

    monkeypatch.setattr(away.Away, "_do", fails_once)

    worked(engine, lambda: engine.get(run).status == "succeeded", "q")

    assert [one.status for one in read.attempts(engine.ledger.engine, run)] == ["interrupted", "succeeded"]
    assert tries[1] > tries[0]


def test_a_dead_process_leaves_its_run_to_the_next(engine: Engine) -> None:
    dead_worker(engine)
    run = engine.submit(flows.request(flows.text(step("a"))))
    with engine.ledger.engine.begin() as connection:
        connection.execute(schema.executions.update().values(status="running", worker="dead"))

    assert orders.take_over(engine.ledger, run) == 2


def stopped_while_at_it(engine: Engine, run: str, log: Path, *, well: bool) -> None:
    """Do a run until its step is at work, and stop, in good order or as a killed process does."""

    async def stop() -> None:
        engine.be_present()
        before = len(flows.lines(log))
        segment = Segment(engine.ledger, run, orders.take_over(engine.ledger, run) or 0)
        going = asyncio.ensure_future(segment.go())
        await flows.until(lambda: len(flows.lines(log)) > before)
        if well:
            segment.interrupt()
        else:
            going.cancel()
        await asyncio.wait({going})

    asyncio.run(stop())
    with engine.ledger.engine.begin() as connection:
        connection.execute(schema.executions.update().values(worker=""))


def test_a_step_whose_process_died_too_often_is_given_up(engine: Engine, tmp_path: Path) -> None:
    log = tmp_path / "log"
    run = engine.submit(flows.request(flows.text(step("a", does={"log": str(log), "sleep": 30}))))

    stopped_while_at_it(engine, run, log, well=True)
    for _ in range(10):
        stopped_while_at_it(engine, run, log, well=False)

    assert flows.drive(engine, run) == "failed"
    assert engine.get(run).error == "a: The process that ran it died 10 times."


@pytest.mark.parametrize("key", ["m/x", "m/n/y", "m[3]/n/y", "a"])
def test_a_step_is_found_by_its_name_in_the_ledger(key: str) -> None:
    inner = {"name": "n", "map": {"over": [1], "steps": [step("y")]}}
    workflow = load(flows.text(step("a"), {"name": "m", "map": {"over": [1], "steps": [step("x"), inner]}}), "f")

    assert away.step_of(workflow, key).id == key.rsplit("/", maxsplit=1)[-1]


def test_a_worker_needs_something_to_do(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from agentops_kit.cli.main import agentops

    done = CliRunner().invoke(agentops, ["worker", "--no-runs", "--db", str(tmp_path / "runs.db")])

    assert done.exit_code == 2
    assert "nothing to do" in done.output


def test_the_verb_works_until_it_is_told_to_end(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "agentops_kit", "worker", "--db", str(tmp_path / "runs.db"), "--queue", "gpu"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None

    assert "takes runs, steps of gpu" in process.stderr.readline()
    process.terminate()

    assert process.wait(60) == 0
    assert process.stderr.read().splitlines()[-1] == "gone"
    process.stderr.close()


def test_a_step_whose_end_cannot_be_written_is_offered_again(engine: Engine) -> None:
    run = engine.submit(flows.request(flows.text(step("a", queue="q")), place="queue"))

    async def offer() -> None:
        going = asyncio.ensure_future(Segment(engine.ledger, run, 1, serves_queues=False).go())
        await flows.until(lambda: flows.statuses(engine, run) == {"a": "queued"})
        going.cancel()
        await asyncio.wait({going})

    asyncio.run(offer())
    (one,) = queue.claim(engine.ledger.engine, ["q"], "me", 1, 0.0)

    queue.release(engine.ledger.engine, one.claim, 0.0)

    assert flows.statuses(engine, run) == {"a": "queued"}
    queue.release(engine.ledger.engine, one.claim, 0.0)
    assert [row.status for row in read.attempts(engine.ledger.engine, run)] == ["interrupted"]


def test_a_sentence_no_database_takes_is_cleaned(engine: Engine) -> None:
    run = flows.done(engine, flows.text(step("a", does={"bug": "x\ud800y\0z"})))

    assert engine.get(run).status == "failed"
    assert "\0" not in engine.get(run).error
