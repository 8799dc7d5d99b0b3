"""The same history on Postgres: the views' SQL, ids by number, look-ups, replay."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from agentops_kit.workflows.engine.engine import Engine
from agentops_kit.workflows.history import held, replaying
from agentops_kit.workflows.ledger import schema, views
from agentops_kit.workflows.steps.base import Means
from tests.support import flows, postgres, runs

if TYPE_CHECKING:
    from pathlib import Path

FLOW = """
name: digest
steps:
  - {name: find, llm: {prompt: On bees, model: gpt-4o}}
  - {name: each, map: {over: [a, b], steps: [{name: one, llm: {prompt: "On {{ item }}", model: m}}]}}
  - {name: sum, llm: {prompt: "Sum up {{ find }} {{ each }}", model: m}}
"""


@pytest.mark.heavy
def test_the_views_and_the_verbs_on_postgres(tmp_path: Path) -> None:
    with postgres.server() as address:
        with Engine.open(address) as engine:
            run = engine.submit(flows.request(FLOW, means=Means(tmp_path, "scripted", settings={})))
            assert engine.drive(run).status == "succeeded"
            with engine.ledger.engine.begin() as connection:
                odd = json.dumps("a\0b")
                connection.execute(schema.steps.update().where(schema.steps.c.step == "find").values(output=odd))
                views.create(connection)
                rows = connection.execute(
                    sa.text(
                        "SELECT id, workflow_run_id, workflow, agent, status, cost, output, error, retries "
                        "FROM runs WHERE workflow = 'digest' ORDER BY id DESC LIMIT 10"
                    )
                ).all()
                groups = connection.execute(sa.text("SELECT id, workflow, started_at, finished_at FROM workflow_runs"))
                assert [row[:2] for row in groups] == [(1, "digest")]
            assert {row[3] for row in rows} == {"find", "each", "each/one[0]", "each/one[1]", "sum"}
            assert {row[6] for row in rows if row[3] == "find"} == {'"a\\u0000b"'}
            assert all(str(row[6]).startswith("Scripted answer") for row in rows if row[3] == "sum")
            assert held.find(engine.ledger.engine, "1") == held.find(engine.ledger.engine, run[:12]) == (run,)
            connection_record = held.load(engine.ledger.engine, run)
        shown = runs.agentops(tmp_path, "show-run", "1", "--db", address)
        assert shown.returncode == 0, shown.stderr
        assert shown.stdout.count("digest |") == 5
        listed = runs.agentops(tmp_path, "list-workflow-runs", "--db", address, "--json")
        assert json.loads(listed.stdout)[0]["id"] == 1
    found = replaying.replay(connection_record, {}).differences
    assert [one.step for one in found] == ["find"]
