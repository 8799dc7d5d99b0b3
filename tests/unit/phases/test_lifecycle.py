from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.errors import InputInvalid
from agentops_kit.phases import lifecycle
from agentops_kit.phases.lifecycle import Desk, clean_task
from tests.support import runs, trees

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return runs.desk_at(trees.make_repo(tmp_path / "a repo", runs.SOURCE))


@given(st.text(max_size=300))
def test_a_task_is_kept_whole_without_nul_and_surrounding_blank(task: str) -> None:
    try:
        kept = clean_task(task)
    except InputInvalid:
        assert not task.replace("\0", "").strip()
        return
    assert kept == task.replace("\0", "").strip()
    assert clean_task(kept) == kept


def test_the_longest_task_is_100_000_characters() -> None:
    assert len(clean_task("x" * 100_000)) == 100_000
    with pytest.raises(InputInvalid, match="100,001 characters"):
        clean_task("x" * 100_001)


def test_times_are_utc_in_seconds(desk: Desk) -> None:
    local = datetime(2026, 11, 21, 1, 30, 59, 999, tzinfo=timezone(timedelta(hours=2)))
    assert Desk(desk.repo, desk.config, lambda: local).at() == "2026-11-20T23:30:59+00:00"
    assert Desk.open(desk.repo.root).at().endswith("+00:00")


def test_an_id_carries_the_utc_day(desk: Desk) -> None:
    local = datetime(2026, 11, 21, 1, 0, tzinfo=timezone(timedelta(hours=2)))
    run = lifecycle.quick(Desk(desk.repo, desk.config, lambda: local), "Mend it")
    assert run.id == "2026-11-20-mend"


def test_research_reports_its_steps_and_keeps_to_the_budget(desk: Desk) -> None:
    steps: list[str] = []
    opened = lifecycle.research(desk, runs.TASK, budget=900, progress=steps.append)
    assert steps
    assert opened.bundle is not None
    assert opened.bundle.tokens.bundle <= 900


def test_a_run_leaves_a_bundle_of_its_name_alone(desk: Desk) -> None:
    other = desk.repo.root / ".agentops/bundles" / f"{desk.clock():%Y-%m-%d}-greet-build-greeting-research.md"
    other.parent.mkdir(parents=True)
    other.write_text("mine", "utf-8")

    opened = lifecycle.research(desk, runs.TASK)

    assert opened.path.endswith("-greet-build-greeting-2-research.md")
    assert other.read_text("utf-8") == "mine"


def test_implementing_again_returns_the_run_as_it_is(desk: Desk) -> None:
    run = runs.in_implement(desk)
    assert lifecycle.implement(desk) == run


def test_what_keeps_a_run_out_is_told_without_entering(desk: Desk) -> None:
    run = runs.in_research(desk)
    assert "No person has approved" in lifecycle.lacks_for(desk, run, "plan")[0]
    assert "implement follows plan" in lifecycle.lacks_for(desk, run, "implement")[0]
    lifecycle.approve(desk, "terminal")
    assert lifecycle.lacks_for(desk, runs.current(desk), "plan") == ()


def test_nothing_lies_outside_the_quick_lane(desk: Desk) -> None:
    run = lifecycle.quick(desk, "Mend it")
    assert lifecycle.outside(desk, run, ["anything"]) == ()
    begun = runs.in_implement(desk)
    assert lifecycle.outside(desk, begun, ["src/app.py", "other"]) == ("other",)
