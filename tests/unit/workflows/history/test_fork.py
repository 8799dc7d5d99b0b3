from __future__ import annotations

import pytest

from agentops_kit.errors import InputInvalid
from agentops_kit.workflows import load
from agentops_kit.workflows.history import fork, forking
from agentops_kit.workflows.history.record import Done, Key, Record

FLOW = load.load(
    """
name: flow
steps:
  - {name: a, llm: one}
  - {name: b, llm: two, needs: a}
  - {name: c, llm: three}
  - {name: d, llm: four, needs: {any: [b, {failed: c}]}}
""",
    "flow.yaml",
)


def record(**ends: str) -> Record:
    return Record("r", "flow", "failed", steps=tuple(Done(Key(name), status) for name, status in ends.items()))


ALL = {"a": "succeeded", "b": "succeeded", "c": "succeeded", "d": "succeeded"}


@pytest.mark.parametrize(
    ("start", "ends", "kept"),
    [
        ("b", ALL, {"a", "c"}),
        ("a", ALL, {"c"}),
        ("d", ALL, {"a", "b", "c"}),
        ("d", {**ALL, "b": "failed"}, {"a", "c"}),
        ("d", {"a": "succeeded", "b": "skipped"}, {"a", "b"}),
        ("c", {}, set()),
    ],
)
def test_what_ended_well_before_the_step_is_kept(start: str, ends: dict[str, str], kept: set[str]) -> None:
    assert fork.kept(FLOW, record(**ends), start) == kept


def test_an_unknown_step_is_refused_with_near_names() -> None:
    with pytest.raises(InputInvalid, match="has no step 'bb'") as refused:
        fork.kept(FLOW, record(**ALL), "bb")
    assert refused.value.remedy == "Name one of: b."
    with pytest.raises(InputInvalid, match="Name one of: a, b, c, d"):
        fork.kept(FLOW, record(**ALL), "zzzz")


PHASED = load.load(
    """
name: phased
phases:
  - name: research
    gate: person
    steps: [{name: merge, command: research}]
  - name: plan
    gate: none
    steps: [{name: write, command: plan}]
""",
    "phased.yaml",
)


def test_a_fork_behind_the_research_goes_on_with_its_run() -> None:
    done = Done(Key("research/merge"), "succeeded", output={"run": "2026-11-21-x"})

    assert forking.phase_run(PHASED, Record("r", "phased", "failed", steps=(done,)), frozenset({"research/merge"})) == (
        "2026-11-21-x"
    )
    assert forking.phase_run(PHASED, Record("r", "phased", "failed", steps=(done,)), frozenset()) == ""
    assert forking.phase_run(PHASED, Record("r", "phased", "failed"), frozenset({"research/merge"})) == ""
