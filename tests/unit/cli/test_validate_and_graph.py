from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Command

GOOD = "name: flow\nsteps: [{name: a, llm: q}, {name: b, needs: a}]\n"
BAD = "name: flow\nsteps: [{name: a, needs: [b, c]}]\n"
DOUBTFUL = "name: flow\nsteps: [{name: a, llm: q}, {name: b, llm: q}]\noutputs: {x: a.output}\n"


@pytest.fixture
def flow(root: Path) -> Path:
    return root / "flow.yaml"


def test_a_valid_file_is_said_to_be_valid(call: Command, flow: Path) -> None:
    flow.write_text(GOOD)

    said = call("validate", "flow.yaml", "quick")

    assert said.status == 0
    assert "valid     flow.yaml: flow, 2 steps, dialect agentops" in said.out
    assert "quick, 1 step, dialect agentops" in said.out


def test_every_problem_is_said_and_the_exit_status_is_two(call: Command, flow: Path) -> None:
    flow.write_text(BAD)

    said = call("validate", "flow.yaml")

    assert said.status == 2
    assert "The workflow flow.yaml has 2 problems" in said.err
    assert "flow.yaml:2:27: there is no step `b`. Steps: a." in said.err
    assert "flow.yaml:2:30: there is no step `c`. Steps: a." in said.err


def test_warnings_refuse_only_when_asked(call: Command, flow: Path) -> None:
    flow.write_text(DOUBTFUL)

    plain, strict = call("validate", "flow.yaml"), call("validate", "flow.yaml", "--strict")

    assert (plain.status, strict.status) == (0, 2)
    assert "warning   flow.yaml:2:28: nobody reads the output of `b`" in plain.err


def test_a_program_gets_problems_with_their_places(call: Command, flow: Path) -> None:
    flow.write_text(BAD)
    bad = call("validate", "flow.yaml", "--json")
    flow.write_text("inputs: {x: 1}\nsteps: [{name: a, llm: '{{ inputs.x }}'}]")
    (good,) = json.loads(call("validate", "flow.yaml", "--json").out)

    (found,) = json.loads(bad.out)
    assert bad.status == 2
    assert not found["valid"]
    assert found["problems"][0] == {
        "file": "flow.yaml",
        "line": 2,
        "column": 27,
        "message": "there is no step `b`.",
        "mend": "Steps: a.",
    }
    assert (good["valid"], good["steps"], good["inputs"][0]["name"]) == (True, ["a"], "x")


def test_the_schema_is_printed_for_an_editor(call: Command) -> None:
    assert json.loads(call("validate", "--schema").out)["title"] == "Workflow"


def test_validate_wants_a_file(call: Command) -> None:
    said = call("validate")

    assert said.status == 2
    assert "Name a workflow file" in said.err


def test_a_workflow_that_is_not_there(call: Command) -> None:
    said = call("graph", "quikc")

    assert said.status == 2
    assert "Did you mean `quick`?" in said.err


@pytest.mark.parametrize(
    ("kind", "begins"), [("text", "flow  (2 steps)\n● a"), ("svg", "<svg"), ("mermaid", "flowchart TB\n")]
)
def test_a_graph_in_every_format(kind: str, begins: str, call: Command, flow: Path) -> None:
    flow.write_text(GOOD)

    assert call("graph", "flow.yaml", "--format", kind).out.startswith(begins)


def test_a_graph_in_a_file(call: Command, flow: Path, root: Path) -> None:
    flow.write_text(GOOD)

    said = call("graph", "flow.yaml", "--format", "svg", "--output", "flow.svg")

    assert "drawn     flow.svg" in said.out
    assert (root / "flow.svg").read_text(encoding="utf-8").startswith("<svg")


def test_a_graph_that_cannot_be_written(call: Command, flow: Path) -> None:
    flow.write_text(GOOD)

    said = call("graph", "flow.yaml", "--output", "none/there.svg")

    assert said.status == 2
    assert "cannot be written: No such file or directory" in said.err


def test_a_refused_file_is_not_drawn(call: Command, flow: Path) -> None:
    flow.write_text(BAD)

    assert call("graph", "flow.yaml").status == 2
