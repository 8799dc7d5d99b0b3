from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.errors import InputInvalid, WorkspaceUnusable
from agentops_kit.workflows.engine import rows
from agentops_kit.workflows.engine.shelf import Shelf
from agentops_kit.workflows.ledger import open as opening
from agentops_kit.workflows.ledger import read, schema
from agentops_kit.workflows.ledger.change import Change, Claim, Fenced, LedgerLost, Stale
from agentops_kit.workflows.ledger.write import Writer
from tests.support import flows
from tests.support.flows import step

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from agentops_kit.workflows.engine.engine import Engine


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with flows.opened(tmp_path / "folder" / "runs.db") as opened:
        yield opened


def submitted(engine: Engine) -> str:
    return engine.submit(flows.request(flows.text(step("a"))))


def row(run: str, status: str = "succeeded", output: str = "1") -> dict[str, object]:
    return rows.step(run, "a", -1, kind="script", status=status, output=output)


def test_a_result_is_written_once(engine: Engine) -> None:
    run = submitted(engine)
    writer = engine.ledger.writer

    asyncio.run(writer.commit(Change(run, 1, steps=(row(run),))))
    asyncio.run(writer.commit(Change(run, 1, steps=(row(run, "failed", "2"),))))

    assert [(one.status, one.output) for one in read.steps(engine.ledger.engine, run)] == [("succeeded", 1)]


def test_whoever_was_taken_over_writes_nothing(engine: Engine) -> None:
    run = submitted(engine)

    with pytest.raises(Fenced):
        asyncio.run(engine.ledger.writer.commit(Change(run, 2, steps=(row(run),))))
    with pytest.raises(Fenced):
        asyncio.run(engine.ledger.writer.commit(Change("none", 1)))
    claim = Claim(run, "a", -1, "me", 1)
    with pytest.raises(Fenced):
        asyncio.run(engine.ledger.writer.commit(Change(run, None, steps=(row(run),), claim=claim)))

    assert read.steps(engine.ledger.engine, run) == ()


def test_what_was_not_heard_is_heard_first(engine: Engine) -> None:
    run = submitted(engine)

    with pytest.raises(Stale):
        asyncio.run(engine.ledger.writer.commit(Change(run, 1, signals=7)))


def test_one_bad_writer_does_not_spoil_the_others(engine: Engine) -> None:
    run = submitted(engine)

    async def both() -> list[object]:
        changes = (Change(run, 9, steps=(row(run),)), Change(run, 1, steps=(row(run),)))
        return list(await asyncio.gather(*map(engine.ledger.writer.commit, changes), return_exceptions=True))

    bad, good = asyncio.run(both())
    assert isinstance(bad, Fenced)
    assert not isinstance(good, Exception)


def test_a_database_that_does_not_take_a_change_says_so(engine: Engine) -> None:
    run = submitted(engine)
    with engine.ledger.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE steps")

    with pytest.raises(LedgerLost, match="no such table"):
        asyncio.run(engine.ledger.writer.commit(Change(run, 1, steps=(row(run),))))


def test_a_run_whose_database_fails_says_where_it_stands(engine: Engine) -> None:
    run = submitted(engine)
    with engine.ledger.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE attempts")

    with pytest.raises(WorkspaceUnusable, match="did not take what the run"):
        engine.drive(run)


def test_a_change_that_nobody_waits_for_is_written_before_the_next(engine: Engine) -> None:
    run = submitted(engine)
    writer = Writer(engine.ledger.engine)

    writer.post(Change(run, 1, steps=(row(run, "running", ""),)))
    writer.close()

    assert [one.status for one in read.steps(engine.ledger.engine, run)] == ["running"]


def test_a_row_no_database_takes_is_said_and_the_next_one_is_written(engine: Engine) -> None:
    run = submitted(engine)
    writer = Writer(engine.ledger.engine)

    with pytest.raises(LedgerLost, match="surrogates not allowed"):
        asyncio.run(asyncio.wait_for(writer.commit(Change(run, 1, steps=(row(run, output="\ud800"),))), 20))
    asyncio.run(asyncio.wait_for(writer.commit(Change(run, 1, steps=(row(run),))), 20))
    writer.close()

    assert [one.status for one in read.steps(engine.ledger.engine, run)] == ["succeeded"]


def test_broken_unicode_is_written_as_a_mark() -> None:
    assert read.text({"a": "x\ud800"}) == '{"a":"x\ufffd"}'


def test_a_database_of_a_newer_kit_is_refused(tmp_path: Path) -> None:
    opening.connect(tmp_path / "runs.db").dispose()
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'runs.db'}")
    with engine.begin() as connection:
        connection.execute(schema.ledger.update().values(version=99))
    engine.dispose()

    with pytest.raises(WorkspaceUnusable, match="newer AgentOps Kit"):
        opening.connect(tmp_path / "runs.db")


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("no database at all, and longer than a header")

    with pytest.raises(WorkspaceUnusable, match="cannot be used: file is not a database"):
        opening.connect(tmp_path / "notes")
    with pytest.raises(WorkspaceUnusable, match="folder of the database"):
        opening.connect(tmp_path / "notes" / "runs.db")


@pytest.mark.parametrize(("address", "says"), [("mysql://x/y", "kept in mysql"), ("://", "cannot be read")])
def test_other_databases_are_refused(address: str, says: str) -> None:
    with pytest.raises(InputInvalid, match=says):
        opening.address(address)


def test_addresses_are_files_or_servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert opening.address(tmp_path / "a.db").database == str(tmp_path / "a.db")
    assert opening.address("sqlite:///x.db").database == "x.db"
    assert opening.address("postgresql://u@h/d").drivername == "postgresql+psycopg"
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(InputInvalid, match="driver for Postgres"):
        opening.address("postgresql://u@h/d")


def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    with pytest.raises(WorkspaceUnusable) as refused:
        opening.connect("postgresql://u:secret@127.0.0.1:1/d")

    assert "secret" not in str(refused.value)


def test_runs_are_listed_newest_first(engine: Engine) -> None:
    first, second = submitted(engine), submitted(engine)
    database = engine.ledger.engine

    assert [one.id for one in read.runs(database)] == [second, first]
    newest = read.runs(database, limit=1)[0]
    assert [one.id for one in read.runs(database, before=newest.number)] == [first]
    assert [one.id for one in read.runs(database, workflow="flow", status="queued", limit=None)] == [second, first]
    assert read.runs(database, status="failed") == ()
    assert read.run(database, "none") is None


@given(st.lists(st.text(min_size=1, max_size=30), max_size=40), st.integers(0, 200))
def test_a_shelf_keeps_no_more_than_its_room(texts: list[str], room: int) -> None:
    shelf = Shelf(None, room)  # type: ignore[arg-type] # nothing is read

    for number, text in enumerate(texts):
        shelf.put(("run", str(number % 7), -1), text)

    assert sum(map(len, shelf._texts.values())) == shelf._used <= max(room, 0)


def test_prices_that_nobody_knows_make_a_sum_unknown() -> None:
    known, unknown = rows.attempt("r", "s", -1, 1, cost=3), rows.attempt("r", "s", -1, 2, cost=None)

    assert rows.summed([known])["cost"] == 3
    assert rows.summed([known, unknown])["cost"] is None
    assert rows.summed([])["cost"] == 0
