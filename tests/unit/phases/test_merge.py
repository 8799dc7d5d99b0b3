from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.errors import ContentInvalid
from agentops_kit.ids import Sha256, TreeId
from agentops_kit.phases import lifecycle, store
from agentops_kit.phases.lifecycle import Desk
from agentops_kit.phases.merge import merge, sides
from agentops_kit.phases.record import Event, Evidence, Run
from tests.support import records, runs, trees

if TYPE_CHECKING:
    from pathlib import Path

TIMES = st.integers(0, 9).map(lambda minute: f"2026-11-21T10:0{minute}:00+00:00")
EVENTS = st.lists(st.builds(Event, TIMES, st.sampled_from(["a", "b"]), st.just("Ada")), max_size=6).map(tuple)
CHECKS = st.lists(
    st.builds(
        Evidence,
        st.sampled_from(["x", "y"]),
        st.just("exit 0"),
        st.just(0),
        st.booleans(),
        st.just(0.1),
        st.just(Sha256("s")),
        st.just(""),
        st.sampled_from([TreeId("t"), TreeId("u")]),
        TIMES,
    ),
    max_size=6,
).map(tuple)
PHASES = st.sampled_from(["research", "plan", "implement", "done"])
BASE = records.run(
    tasks={"research": "why?"},
    history=(Event("2026-11-21T09:00:00+00:00", "research started", "Ada"),),
)
SIDES = st.builds(
    lambda phase, more, checks: replace(BASE, phase=phase, history=BASE.history + more, evidence=checks),
    PHASES,
    EVENTS,
    CHECKS,
)


def holds(whole: tuple[object, ...], part: tuple[object, ...]) -> bool:
    """Say whether ``part`` is within ``whole`` in its own order."""
    left = iter(whole)
    return all(any(entry == one for one in left) for entry in part)


@given(SIDES, SIDES)
def test_no_side_loses_a_line_and_the_order_of_the_sides_does_not_matter(one: Run, other: Run) -> None:
    both = merge(one, other)
    assert both == merge(other, one)
    for side in (one, other):
        assert holds(both.history, side.history)
        assert holds(both.evidence, side.evidence)
    assert len(both.history) <= len(one.history) + len(other.history) - 1
    assert both.phase in {one.phase, other.phase}


@given(SIDES)
def test_a_record_merged_with_itself_is_itself(one: Run) -> None:
    assert merge(one, one) == one


@given(st.binary(max_size=200))
def test_a_file_without_markers_has_no_sides(data: bytes) -> None:
    assert sides(data.replace(b"<", b"")) is None


@pytest.mark.parametrize("style", ["merge", "diff3"])
def test_two_branches_evidence_is_united_after_a_conflict_in_git(tmp_path: Path, style: str) -> None:
    root = trees.make_repo(tmp_path / "repo", runs.SOURCE)
    trees.git(root, "config", "merge.conflictStyle", style)
    desk = runs.desk_at(root)
    run = runs.in_implement(desk)
    trees.git(root, "switch", "--quiet", "--create", "other")
    later = Desk(desk.repo, desk.config, lambda: runs.NOW + timedelta(minutes=1))  # else as quick a check is the same
    lifecycle.run_checks(later, run=run.id, extra=["true # other"])
    trees.git(root, "switch", "--quiet", "main")
    lifecycle.run_checks(desk, run=run.id, extra=["true # main"])
    subprocess.run(["git", "merge", "--quiet", "other"], cwd=root, capture_output=True, check=False)
    record = (root / run.path).read_text("utf-8")
    assert "<<<<<<<" in record
    trees.commit_all(root, "Merge as it is")

    united = store.read(desk.repo, run.id)
    assert {one.command for one in united.evidence} >= {"true # other", "true # main"}
    assert len(united.evidence) == 4
    lifecycle.amend(desk, ["docs/x.md"], run=run.id)
    assert "<<<<<<<" not in (root / run.path).read_text("utf-8")
    assert len(store.read(desk.repo, run.id).evidence) == 4


def test_a_record_whose_side_is_broken_is_named(tmp_path: Path) -> None:
    root = trees.make_repo(tmp_path / "repo")
    desk = runs.desk_at(root)
    run = lifecycle.quick(desk, "do")
    (root / run.path).write_text("<<<<<<< a\nx: 1\n=======\ny: 2\n>>>>>>> b\n")
    with pytest.raises(ContentInvalid, match="is not a run record"):
        store.read(desk.repo, run.id)
