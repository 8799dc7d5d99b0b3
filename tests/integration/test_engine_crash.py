"""A run is killed at random points, over and over: its outputs are right, and nothing that was done is done again."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import pytest
import sqlalchemy as sa

from agentops_kit.workflows.ledger import read
from agentops_kit.workflows.ledger.change import ENDED
from tests.support import engine_child, engine_steps, flows, postgres
from tests.support.flows import step

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.workflows.engine.engine import Engine

PARALLEL = 8
IN_FLIGHT = PARALLEL + 1
"""Steps at work, and the one that lent its place while it waits for its next try."""

LATEST = {"post": 0.5}
"""Seconds after which a process is killed at the latest: a connection to Postgres takes a while."""


class Kill(NamedTuple):
    """What a killed process left: steps it had begun, and steps the ledger had as ended."""

    begun: Counter[str]
    ended: set[str]


def source(log: Path) -> str:
    """Return a workflow with a fan-out, a map, a retry and a join."""
    does = {"log": str(log), "sleep": 0.012}
    fan = [step(f"s{n}", "src", does) for n in range(30)]
    fan[3] = step("s3", "src", {**does, "fail_until": 2}, retries={"times": 3, "wait": 0.01})
    body = step("x", does={**does, "out": "{{ item }}"})
    mapped = {"name": "m", "needs": "src", "map": {"over": list(range(30)), "steps": [body]}}
    sink = step("sink", [*(f"s{n}" for n in range(30)), "m"], {**does, "out": "{{ m.output }}"})
    return flows.text(step("src", does=does), *fan, mapped, sink, limits={"max_parallel": PARALLEL})


def begun(log: Path) -> Counter[str]:
    lines = log.read_text().splitlines() if log.exists() else []
    return Counter(line.rsplit(" ", 2)[0] for line in lines)


def ended(engine: Engine, run: str) -> set[str]:
    rows = read.steps(engine.ledger.engine, run)
    return {
        f"{run}:{row.key.step}" + ("" if row.key.item is None else f":{row.key.item}")
        for row in rows
        if row.status in ENDED
    }


def killed_until_done(
    engine: Engine, database: str, log: Path, chance: random.Random, most: int
) -> tuple[str, list[Kill]]:
    """Do a run in processes that are killed at random points, at most so many times."""
    run = engine.submit(flows.request(source(log)))
    kills: list[Kill] = []
    while engine.get(run).status in {"queued", "running"}:
        process = engine_child.start(database, run)
        process.join(chance.uniform(0.05, LATEST.get(database[:4], 0.3)) if len(kills) < most else 60)
        if process.exitcode is None:
            process.kill()
            process.join()
            kills.append(Kill(begun(log), ended(engine, run)))
        else:
            assert process.exitcode == 0
    return run, kills


def check(engine: Engine, run: str, log: Path, kills: list[Kill]) -> None:
    found = engine.get(run)
    assert (found.status, found.error) == ("succeeded", "")
    assert found.outputs == {"sink": list(range(30))}
    final = begun(log)
    for kill in kills:
        again = {name for name in kill.ended if final[name] > kill.begun[name]}
        assert not again, f"done, and done again: {again}"
        assert len(kill.begun.keys() - kill.ended) <= IN_FLIGHT
    retried = 1  # s3 fails once by itself
    assert sum(final.values()) - len(final) <= IN_FLIGHT * len(kills) + retried
    with engine.ledger.engine.connect() as connection:
        for table in ("events WHERE kind = 'step.succeeded'", "attempts WHERE status = 'succeeded'"):
            asked = f"SELECT step, item, count(*) FROM {table} AND run = :run GROUP BY step, item HAVING count(*) > 1"  # noqa: S608 - constants
            assert connection.execute(sa.text(asked), {"run": run}).all() == []


def crash(database: str, folder: Path, kills: int, seed: int) -> int:
    """Kill runs until so many kills are made; return how many steps that cut off."""
    chance, made, again = random.Random(seed), 0, 0  # noqa: S311 - the same points each time
    engine_steps.install()
    with flows.opened(database) as engine:
        while made < kills:
            log = folder / f"log-{len(list(folder.glob('log-*')))}"
            run, some = killed_until_done(engine, database, log, chance, min(12, kills - made))
            check(engine, run, log, some)
            made += len(some)
            counts = begun(log)
            again += sum(counts.values()) - len(counts)
    return again


@pytest.fixture(autouse=True)
def _the_tests_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    from agentops_kit.workflows.steps import base

    monkeypatch.setitem(base.MODULES, "script", "tests.support.engine_steps")


@pytest.mark.crash
def test_a_run_killed_a_few_times_ends_right(tmp_path: Path) -> None:
    crash(str(tmp_path / "runs.db"), tmp_path, kills=4, seed=7)


@pytest.mark.heavy
@pytest.mark.crash
def test_two_hundred_kills_over_sqlite(tmp_path: Path) -> None:
    assert crash(str(tmp_path / "runs.db"), tmp_path, kills=200, seed=1)


@pytest.mark.heavy
@pytest.mark.crash
def test_two_hundred_kills_over_postgres(tmp_path: Path) -> None:
    with postgres.server() as address:
        assert crash(address, tmp_path, kills=200, seed=2)
