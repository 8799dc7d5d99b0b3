from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.ids import TreeId
from agentops_kit.phases import proof
from agentops_kit.phases.plans import Test as Planned
from agentops_kit.phases.plans import parse
from agentops_kit.phases.proof import Item, closed_without, hand_ticked, judge, unproven
from agentops_kit.phases.record import Event, Evidence, Run
from tests.support import records
from tests.support.runs import PLAN

NOW, OLD = TreeId("now"), TreeId("old")
CHECK = Item("check", 1, "pytest -q", "exit 0")
CHANGE = Item("change", 1, "src/app.py")


def ran(command: str = "pytest -q", *, met: bool = True, tree: TreeId = NOW, void: str = "") -> Evidence:
    return records.evidence(command, met=met, tree=tree, void=void)


def test_a_plans_changes_and_tests_are_its_items() -> None:
    found = proof.items(parse(PLAN), [Planned("true", "exit 0")])
    assert [(one.kind, one.name) for one in found] == [
        ("change", "src/app.py"),
        ("check", "grep -c '!' src/app.py"),
        ("check", "true"),
    ]


@pytest.mark.parametrize(
    ("evidence", "why"),
    [
        ((), "never ran"),
        ((ran(met=False),), "exited with 1 and did not do what was expected (exit 0)"),
        ((ran(), ran(met=False)), "exited with 1 and did not do what was expected (exit 0)"),
        ((ran(tree=OLD),), "has stale evidence of 10:00: a.py, b.py changed since"),
        ((ran(void="changed files while it ran (x)"),), "changed files while it ran (x)"),
        ((replace(ran(), expected="exit 3"),), "ran when 'exit 3' was expected of it"),
    ],
)
def test_a_check_without_standing_evidence_is_open_and_says_why(evidence: tuple[Evidence, ...], why: str) -> None:
    (found,) = judge([CHECK], evidence, tree=NOW, touched=(), since={OLD: ["a.py", "b.py"]})
    assert (found.proven, found.why) == (False, why)
    assert unproven([found]) == (f"Check `pytest -q` {why}.",)


def test_newer_evidence_takes_the_place_of_older() -> None:
    (found,) = judge([CHECK], (ran(met=False), ran()), tree=NOW, touched=())
    assert (found.proven, unproven([found])) == (True, ())


@pytest.mark.parametrize(
    ("touched", "evidence", "proven"),
    [
        (("src/app.py",), (ran(),), True),
        ((), (ran(),), False),
        (("src/app.py",), (ran(met=False),), False),
        (("src/app.py.orig",), (ran(),), False),
    ],
)
def test_a_change_needs_an_edit_and_every_check(
    touched: tuple[str, ...], evidence: tuple[Evidence, ...], proven: bool
) -> None:
    assert judge([CHANGE, CHECK], evidence, tree=NOW, touched=touched)[0].proven is proven


def test_a_change_is_not_proven_by_no_checks() -> None:
    assert not judge([CHANGE], (), tree=NOW, touched=("src/app.py",))[0].proven


def test_a_folder_is_touched_by_what_lies_in_it() -> None:
    folder = Item("change", 1, "docs/")
    assert judge([folder, CHECK], (ran(),), tree=NOW, touched=("docs/a/b.md",))[0].proven


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("- [x] 1. src/app.py:3 politely", 1),
        ("* [X] change 1", 1),
        ("1. [x] `pytest -q`", 1),
        ("### 1. src/app.py:3 ✓", 1),
        ("- ✅ src/app.py", 1),
        ("| [x] | pytest -q |", 1),
        ("- [x] the part nobody planned", 1),
        ("- [ ] src/app.py", 0),
        ("- src/app.py", 0),
        ("```\n- [x] src/app.py\n```", 0),
    ],
)
def test_a_tick_without_evidence_is_named(line: str, named: int) -> None:
    open_items = judge([CHANGE, CHECK], (), tree=NOW, touched=())
    assert len(hand_ticked(f"# Plan\n\n{line}\n", open_items)) == named


def test_a_tick_that_evidence_carries_is_fine() -> None:
    proven = judge([CHANGE, CHECK], (ran(),), tree=NOW, touched=("src/app.py",))
    assert hand_ticked("- [x] 1. src/app.py\n- [x] check `pytest -q`\n", proven) == ()


@given(st.text())
def test_any_text_is_searched_for_ticks(text: str) -> None:
    assert isinstance(hand_ticked(text, judge([CHANGE], (), tree=NOW, touched=())), tuple)


COMMANDS = st.sampled_from(["a", "b", "c"])
EVIDENCE = st.lists(
    st.builds(
        lambda command, met, tree, void: ran(command, met=met, tree=tree, void=void),
        COMMANDS,
        st.booleans(),
        st.sampled_from([NOW, OLD]),
        st.sampled_from(["", "voided"]),
    ),
    max_size=12,
)


@given(EVIDENCE, st.lists(COMMANDS, unique=True, min_size=1))
def test_an_item_is_proven_exactly_when_its_newest_evidence_holds_on_this_tree(
    evidence: list[Evidence], commands: list[str]
) -> None:
    wanted = proof.checks([Planned(command, "exit 0") for command in commands])
    for verdict in judge(wanted, evidence, tree=NOW, touched=()):
        newest = next((one for one in reversed(evidence) if one.command == verdict.item.name), None)
        assert verdict.proven == (newest is not None and newest.met and not newest.void and newest.tree == NOW)


def done(*evidence: Evidence, note: str = "tree now") -> Run:
    closed = Event("10:00", "closed", "Ada", note)
    return records.run("done", workflow="quick", tasks={"quick": "do"}, evidence=evidence, history=(closed,))


@pytest.mark.parametrize(
    ("run", "commands", "lacks"),
    [
        (done(ran()), (), 0),
        (done(ran(), ran("other", met=False)), (), 0),
        (done(ran()), ("pytest -q",), 0),
        (done(ran()), ("pytest -q", "make"), 1),
        (done(ran(), ran("make", met=False)), ("make",), 1),
        (done(), (), 1),
        (done(ran(tree=OLD)), (), 1),
        (done(ran(), note=""), (), 1),
        (replace(done(), phase="implement"), (), 0),
    ],
)
def test_a_closed_record_is_believed_only_with_its_evidence(run: Run, commands: tuple[str, ...], lacks: int) -> None:
    assert len(closed_without(run, commands)) == lacks
