from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agentops_kit.errors import InputInvalid
from agentops_kit.workflows.ledger import read
from agentops_kit.workflows.steps.base import Means
from tests.support import flows
from tests.support.flows import step

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.workflows.engine.engine import Engine

CHILD = flows.text(step("x", does={"out": "{{ inputs.a }}-{{ inputs.b }}"}), inputs={"a": {}, "b": {"default": 2}})


def test_a_sub_workflow_is_a_run_of_its_own(engine: Engine) -> None:
    source = flows.text({"name": "sub", "workflow": "child", "inputs": {"a": 1}})

    run = flows.done(engine, source, sources={"child": CHILD})

    (child,) = read.runs(engine.ledger.engine, children_of=run)
    assert engine.get(run).outputs == {"sub": "1-2"}
    assert (child.id, child.status, child.root, child.parent_step) == (f"{run}.sub", "succeeded", run, "sub")
    assert flows.statuses(engine, child.id) == {"x": "succeeded"}
    assert [one.id for one in read.runs(engine.ledger.engine)] == [run]


def test_a_sub_workflow_for_every_item(engine: Engine) -> None:
    body = {"name": "sub", "workflow": "child", "inputs": {"a": "{{ item }}"}}
    source = flows.text({"name": "m", "map": {"over": [5, 6], "steps": [body]}})

    run = flows.done(engine, source, sources={"child": CHILD})

    assert engine.get(run).outputs == {"m": ["5-2", "6-2"]}
    assert len(read.runs(engine.ledger.engine, children_of=run)) == 2


def test_a_file_of_the_workspace_is_found(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "child.yaml").write_text(CHILD)
    source = flows.text({"name": "sub", "workflow": "child.yaml", "inputs": {"a": 1}})

    run = flows.done(engine, source, means=Means(workspace=tmp_path))

    assert engine.get(run).status == "succeeded"


def test_a_failed_sub_workflow_fails_its_step(engine: Engine) -> None:
    source = flows.text({"name": "sub", "workflow": "child"})

    run = flows.done(engine, source, sources={"child": flows.text(step("x", does={"fail": "invalid"}))})

    assert engine.get(run).error == "sub: x: x was told to fail."
    assert engine.get(f"{run}.sub").status == "failed"


def test_a_sub_workflow_that_cannot_begin_fails_its_step(engine: Engine) -> None:
    source = flows.text({"name": "sub", "workflow": "child"})

    assert "needs the input a" in engine.get(flows.done(engine, source, sources={"child": CHILD})).error
    assert "no workflow 'child'" in engine.get(flows.done(engine, source)).error


def test_a_sub_workflow_whose_output_cannot_be_made_fails(engine: Engine) -> None:
    child = flows.text(step("x", does={"out": {}}), outputs={"y": "{{ x.output.z }}"})

    run = flows.done(engine, flows.text({"name": "s", "workflow": "c"}), sources={"c": child})

    assert "An output of the workflow cannot be made" in engine.get(run).error


def test_a_workflow_that_starts_itself_ends(engine: Engine) -> None:
    source = flows.text({"name": "sub", "workflow": "me"})

    run = flows.done(engine, source, sources={"me": source})

    assert "17 deep: me starts itself" in engine.get(run).error


def test_a_part_of_a_run_goes_with_it(engine: Engine) -> None:
    source = flows.text({"name": "sub", "workflow": "child"}, step("z", "sub"))
    child = flows.text({"name": "g", "gate": "Go on?"}, step("x", "g"))
    run = flows.done(engine, source, sources={"child": child})
    assert engine.get(run).status == "waiting"

    assert engine.approve(run, by="Ada") == "sub>g"

    assert flows.drive(engine, run) == "succeeded"
    assert engine.get(f"{run}.sub").status == "succeeded"


def test_a_sub_workflow_that_is_not_there_is_played_by_the_scripted_provider(engine: Engine, tmp_path: Path) -> None:
    source = flows.text({"name": "sub", "workflow": "nowhere"}, step("x", "sub", {"out": "{{ sub.output }}"}))
    there = flows.text({"name": "sub", "workflow": "child", "inputs": {"a": 1}})
    scripted = Means(workspace=tmp_path, provider="scripted")

    run = flows.done(engine, source, means=scripted)

    assert engine.get(run).status == "succeeded"
    assert read.calls(engine.ledger.engine, run)[0].kind == "workflow"
    assert engine.get(flows.done(engine, there, means=scripted, sources={"child": CHILD})).outputs == {"sub": "1-2"}


def test_gates_of_several_sub_workflows_are_told_apart(engine: Engine) -> None:
    child = flows.text({"name": "g", "gate": "Go on?"}, step("x", "g"))
    source = flows.text({"name": "m", "map": {"over": [1, 2], "steps": [{"name": "sub", "workflow": "child"}]}})
    run = flows.done(engine, source, sources={"child": child})

    with pytest.raises(InputInvalid, match=r"wait: m/sub\[0\]>g, m/sub\[1\]>g"):
        engine.approve(run, "g", by="Ada")
    assert engine.approve(run, "m/sub[1]>g", by="Ada") == "m/sub[1]>g"
    assert engine.approve(run, "g", by="Ada") == "m/sub[0]>g"

    assert flows.drive(engine, run) == "succeeded"


def test_a_run_goes_on_where_its_folder_is_now(engine: Engine, tmp_path: Path) -> None:
    before, now = tmp_path / "before", tmp_path / "now"
    before.mkdir()
    (before / "child.yaml").write_text(flows.text(step("y")))
    source = flows.text({"name": "g", "gate": "Go on?"}, {"name": "sub", "workflow": "child.yaml", "needs": "g"})
    means = Means(workspace=before, script=before / "s.yaml", record=tmp_path / "r.yaml")
    run = flows.done(engine, source, means=means)
    before.rename(now)
    engine.approve(run, by="Ada")

    engine.resume(run, now)

    stored = engine.get(run).means
    assert (stored["script"], stored["record"]) == (str(now / "s.yaml"), str(tmp_path / "r.yaml"))
    assert flows.drive(engine, run) == "succeeded"
    assert "run.moved" in flows.kinds(engine, run)


def test_a_failed_run_is_tried_again_where_its_folder_is_now(engine: Engine, tmp_path: Path) -> None:
    run = flows.done(engine, flows.text(step("x", does={"fail": "invalid"})), means=Means(workspace=tmp_path / "gone"))

    engine.retry(run, tmp_path)

    assert engine.get(run).means["workspace"] == str(tmp_path)
