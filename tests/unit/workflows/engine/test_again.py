from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agentops_kit.workflows.engine import again
from agentops_kit.workflows.load import load
from tests.support import flows
from tests.support.flows import step

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.workflows.engine.engine import Engine

FLOW = load(
    flows.text(
        step("a"),
        step("handled", {"failed": "a"}),
        step("strict", "a"),
        step("z", "handled"),
        step("end", {"any": ["z"]}),
    ),
    "flow.yaml",
)


@pytest.mark.parametrize(
    ("ends", "found"),
    [
        ({"a": "failed", "handled": "succeeded", "strict": "succeeded", "z": "failed"}, {"z"}),
        ({"a": "failed", "handled": "succeeded", "strict": "skipped", "z": "succeeded"}, {"a", "strict"}),
        ({"a": "failed", "handled": "cancelled"}, {"handled"}),
        ({"a": "succeeded", "handled": "skipped", "z": "cost_capped", "end": "skipped"}, {"z", "end"}),
        ({}, set()),
    ],
)
def test_what_a_run_failed_for_is_done_again(ends: dict[str, str], found: set[str]) -> None:
    assert again.blamed(FLOW.steps, ends) == found


def test_a_failure_that_was_taken_in_is_not_repeated(engine: Engine, tmp_path: Path) -> None:
    log = {"log": str(tmp_path / "log")}
    source = flows.text(
        step("a", does={**log, "fail": "invalid"}),
        step("b", {"failed": "a"}, log),
        step("o", None, {**log, "fail": "invalid"}, optional=True),
        step("p", "o", log),
        step("z", ["b", "p"], {**log, "fail": "server"}),
    )
    run = flows.done(engine, source)
    with engine.ledger.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE executions SET source = replace(source, 'server', 'fine')")
    before = len(flows.lines(tmp_path / "log"))

    engine.retry(run)
    flows.drive(engine, run)

    done = [line.split(":")[1].split()[0] for line in flows.lines(tmp_path / "log")[before:]]
    assert done == ["z"]
    assert flows.statuses(engine, run)["a"] == "failed"


def test_sub_workflows_begin_anew_where_the_run_failed_for_them(engine: Engine) -> None:
    child = flows.text(step("x"), step("y", "x", {"fail": "invalid"}))
    sub = {"name": "sub", "workflow": "child"}
    mapped = {"name": "m", "map": {"over": [1, 2], "steps": [sub]}, "needs": "tolerated"}
    source = flows.text({**sub, "name": "tolerated", "optional": True}, step("on", "tolerated"), mapped)
    run = flows.done(engine, source, sources={"child": child})

    engine.retry(run)

    assert engine.get(f"{run}.tolerated").status == "failed"
    assert flows.statuses(engine, f"{run}.tolerated") == {"x": "succeeded", "y": "failed"}
    for item in (0, 1):
        assert engine.get(f"{run}.m.sub.{item}").status == "queued"
        assert flows.statuses(engine, f"{run}.m.sub.{item}") == {"x": "succeeded"}
    assert flows.drive(engine, run) == "failed"
