from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, get_args

import pytest

from agentops_kit.errors import AgentOpsError, GateClosed, InputInvalid
from agentops_kit.ids import CommitId, RunId, Sha256, TreeId
from agentops_kit.phases import machine
from agentops_kit.phases.machine import Facts
from agentops_kit.phases.record import PHASES, Evidence, Phase, Run
from tests.support import records

if TYPE_CHECKING:
    from collections.abc import Callable

FACTS = Facts(at="now", by="Ada", tree=TreeId("tree"), artefact=Sha256("sum"))


def begun(*, quick: bool = False) -> Run:
    run = machine.start(RunId("r"), "do", FACTS, branch="main", enforcement="strict", quick=quick)
    return run if quick else machine.with_artefact(run, "research.md")


def planning() -> Run:
    run = machine.enter_plan(machine.approve(begun(), FACTS, "terminal"), "build", FACTS)
    return machine.with_artefact(run, "plan.md")


def implementing() -> Run:
    return enter_implement(machine.approve(planning(), FACTS, "terminal"))


def enter_implement(run: Run) -> Run:
    return machine.enter_implement(run, FACTS, commit=CommitId("c" * 40), branch="main", staged=("a",))


def evidence(*, met: bool = True, tree: str = "tree") -> Evidence:
    return records.evidence("true", met=met, tree=tree)


def checked() -> Run:
    return machine.record_evidence(implementing(), FACTS, (evidence(),))


AT: dict[Phase, Callable[[], Run]] = {
    "research": begun,
    "plan": planning,
    "implement": checked,
    "quick": lambda: machine.record_evidence(begun(quick=True), FACTS, (evidence(),)),
    "done": lambda: machine.close(checked(), FACTS, ()),
}
ACTS: dict[str, Callable[[Run], Run]] = {
    "approve": lambda run: machine.approve(run, FACTS, "terminal"),
    "plan": lambda run: machine.enter_plan(machine.approve(run, FACTS, "terminal"), "", FACTS),
    "implement": lambda run: enter_implement(machine.approve(run, FACTS, "terminal")),
    "close": lambda run: machine.close(run, FACTS, ()),
    "reopen research": lambda run: machine.reopen(run, "research", FACTS, "why"),
    "reopen plan": lambda run: machine.reopen(run, "plan", FACTS, "why"),
    "reopen implement": lambda run: machine.reopen(run, "implement", FACTS, "why"),
}
REFUSED = ""
TABLE: dict[Phase, dict[str, str]] = {
    "research": {"approve": "research", "plan": "plan", "reopen research": "research"},
    "plan": {"approve": "plan", "implement": "implement", "reopen research": "research", "reopen plan": "plan"},
    "implement": {
        "close": "done",
        "reopen research": "research",
        "reopen plan": "plan",
        "reopen implement": "implement",
    },
    "quick": {"close": "done"},
    "done": {"reopen research": "research", "reopen plan": "plan", "reopen implement": "implement"},
}


def test_the_table_is_whole() -> None:
    assert set(TABLE) == set(AT) == set(PHASES) == set(get_args(Phase))


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("phase", PHASES)
def test_each_act_leads_where_the_table_says_or_is_refused(phase: Phase, act: str) -> None:
    run = AT[phase]()
    expected = TABLE[phase].get(act, REFUSED)
    if expected == REFUSED:
        with pytest.raises(AgentOpsError) as caught:
            ACTS[act](run)
        assert caught.value.remedy
        return
    after = ACTS[act](run)
    assert after.phase == expected
    assert after.history[: len(run.history)] == run.history


# -- the gate -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        (replace(FACTS, artefact=None), "research.md is missing"),
        (replace(FACTS, artefact=Sha256("other")), "was edited after Ada approved it"),
        (replace(FACTS, changed=("a", "b")), "Files changed while the run was in research: a, b."),
        (replace(FACTS, changed=tuple("abcdefgh")), "a, b, c, d, e and 3 more"),
        (replace(FACTS, over_limit="Context 45 %"), "Context 45 %: start plan in a fresh context"),
    ],
)
def test_each_lack_closes_the_gate_and_is_said(facts: Facts, says: str) -> None:
    run = machine.approve(begun(), FACTS, "terminal")
    assert machine.lacks(run, "plan", FACTS) == ()
    assert len(machine.lacks(run, "plan", facts)) == 1
    with pytest.raises(GateClosed, match="The gate to plan is closed") as caught:
        machine.enter_plan(run, "", facts)
    assert says in caught.value.remedy


def test_every_lack_is_said_at_once() -> None:
    facts = replace(FACTS, changed=("a",), over_limit="full")
    found = machine.lacks(begun(), "plan", facts)
    assert len(found) == 3
    assert "No person has approved research.md" in found[0]


def test_a_missing_name_is_said_too() -> None:
    run = machine.start(RunId("r"), "do", FACTS, branch=None, enforcement="strict")
    assert "of the run is missing" in machine.lacks(run, "plan", replace(FACTS, artefact=None))[0]


def test_an_edit_voids_the_approval_and_approving_again_mends_it() -> None:
    run = machine.approve(begun(), FACTS, "terminal")
    edited = replace(FACTS, artefact=Sha256("edited"))
    assert machine.lacks(run, "plan", edited)
    again = machine.approve(run, edited, "prompt")
    assert machine.lacks(again, "plan", edited) == ()
    assert [one.sha256 for one in again.approvals] == ["edited"]
    assert [one.event for one in again.history].count("research approved") == 2


def test_approving_the_same_bytes_again_changes_nothing() -> None:
    run = machine.approve(begun(), FACTS, "terminal")
    assert machine.approve(run, replace(FACTS, by="Grace"), "prompt") is run


def test_approving_needs_an_artefact() -> None:
    with pytest.raises(InputInvalid, match="is missing"):
        machine.approve(begun(), replace(FACTS, artefact=None), "terminal")


# -- acts ---------------------------------------------------------------------------------------


def test_the_checkpoint_says_where_implementing_began() -> None:
    run = implementing()
    assert run.checkpoint is not None
    assert (run.checkpoint.commit, run.checkpoint.staged, run.baseline) == ("c" * 40, ("a",), "tree")
    assert run.tasks == {"research": "do", "plan": "build", "implement": "build"}


def test_reopening_voids_from_there_on() -> None:
    run = implementing()
    assert [one.phase for one in machine.reopen(run, "plan", FACTS, "why").approvals] == ["research"]
    assert machine.reopen(run, "research", FACTS, " why ").history[-1].note == "why"
    assert machine.reopen(run, "implement", FACTS, "why").approvals == run.approvals


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_reopening_needs_a_reason(reason: str) -> None:
    with pytest.raises(InputInvalid, match="needs a reason"):
        machine.reopen(implementing(), "plan", FACTS, reason)


def test_reopening_names_what_can_be_reached() -> None:
    with pytest.raises(InputInvalid) as caught:
        machine.reopen(begun(), "plan", FACTS, "why")
    assert caught.value.remedy == "It can go back to: research."
    with pytest.raises(InputInvalid) as caught:
        machine.reopen(begun(quick=True), "plan", FACTS, "why")
    assert caught.value.remedy == "It can go back to: none."


def test_accepting_changes_moves_the_baseline_and_says_what() -> None:
    facts = replace(FACTS, tree=TreeId("new"), changed=("a", "b"))
    run = machine.accept_changes(begun(), facts, "mine")
    assert (run.baseline, run.history[-1].note) == ("new", "mine; a, b")


def test_amending_adds_paths() -> None:
    run = machine.amend(machine.amend(begun(), FACTS, ["a"]), FACTS, ["b/"])
    assert [one.path for one in run.amendments] == ["a", "b/"]


@pytest.mark.parametrize("found", [(), (evidence(met=False),), (evidence(), evidence(tree="older"))])
def test_closing_needs_evidence_for_this_very_tree(found: tuple[Evidence, ...]) -> None:
    run = machine.record_evidence(implementing(), FACTS, found)
    with pytest.raises(GateClosed, match="no full evidence"):
        machine.close(run, FACTS, ())


def test_closing_names_what_lies_outside() -> None:
    with pytest.raises(GateClosed, match=r"does not name: x\.py"):
        machine.close(checked(), FACTS, ("x.py",))


def test_the_quick_lane_has_one_phase() -> None:
    run = begun(quick=True)
    assert (run.workflow, run.phase, run.tasks) == ("quick", "quick", {"quick": "do"})
    assert "plan follows research" in machine.lacks(run, "plan", FACTS)[0]
