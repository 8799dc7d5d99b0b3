"""Several workers over one Postgres: killed, drained, upgraded, and every task done once all the same."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from agentops_kit.workflows.ledger import read
from agentops_kit.workflows.steps import base
from tests.support import flows, postgres, source
from tests.support.flows import step

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from agentops_kit.workflows.engine.engine import Engine

pytestmark = [pytest.mark.heavy]

SLOTS = 8


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with postgres.server() as found:
        yield found


@pytest.fixture
def engine(address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setitem(base.MODULES, "script", "tests.support.engine_steps")
    with flows.opened(address) as opened:
        yield opened


def worker(address: str, folder: Path, *queues: str, version: str = "1", grace: float = 5) -> subprocess.Popen[bytes]:
    """Start a worker process; what it says goes to a file."""
    command = [sys.executable, "-m", "tests.support.engine_worker", address, version, str(grace), str(SLOTS), *queues]
    environment = {**os.environ, "PYTHONPATH": f"{source.ROOT / 'core'}{os.pathsep}{source.ROOT}"}
    with (folder / f"worker-{time.monotonic_ns()}.log").open("wb") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, cwd=source.ROOT, env=environment)


@contextmanager
def working(
    address: str, folder: Path, count: int, *queues: str, **more: str
) -> Iterator[list[subprocess.Popen[bytes]]]:
    processes = [worker(address, folder, *queues, **more) for _ in range(count)]  # type: ignore[arg-type]
    with ExitStack() as stack:
        stack.callback(_end, processes)
        yield processes


def _end(processes: list[subprocess.Popen[bytes]]) -> None:
    for each in processes:
        each.kill()
        each.wait()


def until(engine: Engine, run: str, *wanted: str, seconds: float = 120) -> str:
    end = time.monotonic() + seconds
    while (status := engine.get(run).status) not in wanted:
        assert time.monotonic() < end, f"{run} is still {status}: {engine.get(run).error}"
        time.sleep(0.05)
    return status


def once_each(engine: Engine, run: str) -> None:
    """Check that no result was written twice."""
    asked = "SELECT step, item FROM {} AND run = :run GROUP BY step, item HAVING count(*) > 1"
    with engine.ledger.engine.connect() as connection:
        for table in ("events WHERE kind = 'step.succeeded'", "attempts WHERE status = 'succeeded'"):
            assert connection.execute(sa.text(asked.format(table)), {"run": run}).all() == []


@pytest.mark.parametrize("count", [2, 4])
def test_two_thousand_tasks_are_done_once_while_workers_are_killed(
    engine: Engine, address: str, tmp_path: Path, count: int
) -> None:
    log, queue = tmp_path / "log", f"q{count}"
    body = step("x", does={"log": str(log), "sleep": 0.005, "out": "{{ item }}"}, queue=queue)
    mapped = {"name": "m", "map": {"over": list(range(2000)), "steps": [body]}}
    run = engine.submit(flows.request(flows.text(mapped, limits={"max_parallel": 120}), place="queue"))
    chance, killed = random.Random(count), 0  # noqa: S311 - the same victims each time

    with working(address, tmp_path, count, queue) as processes:
        next_kill, done = time.monotonic() + 3, 0
        while engine.get(run).status in {"queued", "running"}:
            lines = len(flows.lines(log))
            if time.monotonic() > next_kill and lines > done + 60:  # on a busy machine a worker needs a while to begin
                victim = chance.randrange(count)
                processes[victim].kill()
                processes[victim].wait()
                processes[victim] = worker(address, tmp_path, queue)
                killed, next_kill, done = killed + 1, time.monotonic() + chance.uniform(1.5, 3), lines
            time.sleep(0.1)

    assert (engine.get(run).status, engine.get(run).outputs) == ("succeeded", {"m": list(range(2000))})
    assert killed
    once_each(engine, run)
    tries = Counter(line.split(" ")[0] for line in log.read_text().splitlines())
    assert len(tries) == 2000
    assert sum(tries.values()) - 2000 <= killed * SLOTS


def test_a_cancel_reaches_a_thousand_queued_steps(engine: Engine, address: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    steps = [step(f"s{n}", does={"log": str(log), "sleep": 20}, queue="slow") for n in range(1000)]
    run = engine.submit(flows.request(flows.text(*steps, limits={"max_parallel": 1000}), place="queue"))

    with working(address, tmp_path, 2, "slow"):
        until(engine, run, "running")
        while len(flows.lines(log)) < 2 * SLOTS:
            time.sleep(0.1)
        began = time.monotonic()
        engine.cancel(run)
        until(engine, run, "cancelled", seconds=20)
        taken = time.monotonic() - began
        time.sleep(1)

    assert taken < 3
    assert Counter(row.status for row in read.steps(engine.ledger.engine, run)) == {"cancelled": 1000}
    assert len(log.read_text().splitlines()) == 2 * SLOTS


def test_a_worker_that_is_stopped_hands_its_run_over(engine: Engine, address: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    chain = [step(f"s{n}", f"s{n - 1}" if n else None, {"log": str(log), "sleep": 0.2}) for n in range(20)]
    run = engine.submit(flows.request(flows.text(*chain), place="queue"))

    with working(address, tmp_path, 1) as (first,):
        while len(flows.lines(log)) < 3:
            time.sleep(0.05)
        first.send_signal(signal.SIGTERM)
        assert first.wait(20) == 0
        assert engine.get(run).status == "queued"
        with working(address, tmp_path, 1):
            until(engine, run, "succeeded", seconds=40)

    assert Counter(line.split(" ")[0] for line in log.read_text().splitlines()).most_common(1)[0][1] == 1


def test_a_worker_that_is_stopped_gives_long_steps_to_others(engine: Engine, address: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    run = engine.submit(
        flows.request(flows.text(step("a", does={"log": str(log), "sleep": 6}, queue="long")), place="queue")
    )

    with working(address, tmp_path, 1, "long", grace=1) as (first,):  # type: ignore[arg-type]
        while not log.exists():
            time.sleep(0.05)
        first.terminate()
        assert first.wait(20) == 0
        with working(address, tmp_path, 1, "long"):
            until(engine, run, "succeeded", seconds=40)

    assert len(log.read_text().splitlines()) == 2
    statuses = [one.status for one in read.attempts(engine.ledger.engine, run)]
    assert statuses == ["interrupted", "succeeded"]


def test_a_capability_waits_for_a_worker_that_has_it(engine: Engine, address: str, tmp_path: Path) -> None:
    run = engine.submit(flows.request(flows.text(step("a"), step("b", "a", queue="gpu")), place="queue"))

    with working(address, tmp_path, 1):
        until(engine, run, "running")
        time.sleep(2)
        assert flows.statuses(engine, run) == {"a": "succeeded", "b": "queued"}
        with working(address, tmp_path, 1, "gpu", version="none"):
            until(engine, run, "succeeded")


def test_an_approval_wakes_a_worker(engine: Engine, address: str, tmp_path: Path) -> None:
    gated = flows.text(step("a"), {"name": "ok", "gate": "Go?", "needs": "a"}, step("b", "ok"))
    run = engine.submit(flows.request(gated, place="queue"))

    with working(address, tmp_path, 1):
        until(engine, run, "waiting")
        engine.approve(run, by="Ada")
        until(engine, run, "succeeded")


def test_a_gate_whose_time_is_up_is_taken_up(engine: Engine, address: str, tmp_path: Path) -> None:
    gate = {"name": "ok", "gate": {"message": "Go?", "timeout": 604_800, "on_timeout": "approve"}}
    run = engine.submit(flows.request(flows.text(gate, step("b", "ok")), place="queue"))

    with working(address, tmp_path, 1):
        until(engine, run, "waiting")
        with engine.ledger.engine.begin() as connection:  # the week passes
            for table in ("steps", "executions"):
                connection.execute(sa.text(f"UPDATE {table} SET due = due - 604801 WHERE due IS NOT NULL"))  # noqa: S608
        until(engine, run, "succeeded")


def test_a_new_version_takes_over_once_the_old_workers_are_gone(engine: Engine, address: str, tmp_path: Path) -> None:
    gated = flows.text({"name": "ok", "gate": "Go?"}, step("b", "ok"))
    run = engine.submit(flows.request(gated, place="queue", version="1"))

    with working(address, tmp_path, 1, version="1"), working(address, tmp_path, 1, version="2") as (new,):
        until(engine, run, "waiting")
        assert engine.get(run).version == "1"
        assert new.poll() is None
    with working(address, tmp_path, 1, version="2"):
        engine.approve(run, by="Ada")
        until(engine, run, "succeeded", seconds=40)
    assert engine.get(run).version == "2"


def test_what_dbos_keeps_of_a_run_is_deleted_once_it_is_over(engine: Engine, address: str, tmp_path: Path) -> None:
    run = engine.submit(flows.request(flows.text(step("a")), place="queue"))

    with working(address, tmp_path, 1):
        until(engine, run, "succeeded")
        end = time.monotonic() + 20
        asked = sa.text("SELECT count(*) FROM dbos.workflow_status WHERE workflow_uuid LIKE :run")
        while True:
            with engine.ledger.engine.connect() as connection:
                left = connection.scalar(asked, {"run": f"{run}/%"})
            if not left:
                break
            assert time.monotonic() < end
            time.sleep(0.2)
