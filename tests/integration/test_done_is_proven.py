"""Done is proven by recorded evidence, a run that fails twice stops, and one that was left is resumed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from agentops_kit.errors import EvidenceMissing, GateClosed, InputInvalid
from agentops_kit.phases import artefacts, lifecycle, machine, proof, store, validate
from agentops_kit.phases.resume import resume
from tests.support import runs, trees

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.phases.lifecycle import Desk


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return trees.make_repo(tmp_path / "a repo", runs.SOURCE)


@pytest.fixture
def desk(root: Path) -> Desk:
    return runs.desk_at(root)


# -- items --------------------------------------------------------------------------------------


def test_a_change_that_was_not_made_keeps_the_run_open(desk: Desk, root: Path) -> None:
    run = runs.in_plan(desk)
    plan = runs.PLAN.replace(
        "## Order",
        "### 2. docs/greeting.md:3\n\n- What: It tells of the mark.\n- Why: Readers of the page expect it now.\n\n"
        "Before:\n\n```\nmade in\n```\n\nAfter:\n\n```\nmade loud in\n```\n\n## Order",
    )
    runs.fill_plan(desk, run, plan)
    lifecycle.approve(desk, "terminal")
    lifecycle.implement(desk)
    runs.change(root)

    with pytest.raises(EvidenceMissing, match="not proven done: 1 open") as refused:
        lifecycle.close(desk)
    assert "Change 2 (docs/greeting.md) is not made" in refused.value.remedy

    trees.write_tree(root, {"docs/greeting.md": "# Greeting\n\nIt is made loud in src/app.py.\n"})
    assert lifecycle.close(desk).run.phase == "done"


def test_the_ticks_of_the_closing_bundle_come_from_evidence(desk: Desk, root: Path) -> None:
    runs.in_implement(desk)
    runs.change(root)
    body = getattr(lifecycle.close(desk).bundle, "body", "")
    assert "- [x] change 1 (src/app.py): is made, and every check holds on this tree" in body
    assert "- [x] check `grep -c '!' src/app.py`: exited with 0 at 2026-11-21T10:00:00+00:00" in body


def test_evidence_is_appended_and_goes_stale_by_any_change_after_it(desk: Desk, root: Path) -> None:
    runs.in_implement(desk)
    runs.change(root)
    lifecycle.run_checks(desk)
    lifecycle.run_checks(desk)
    run = runs.current(desk)
    assert len(run.evidence) == 2
    assert all(one.proven for one in validate.judged(desk, run))

    trees.write_tree(root, {"docs/greeting.md": "# Other\n"})

    verdicts = {one.item.kind: one for one in validate.judged(desk, run)}
    assert not any(one.proven for one in verdicts.values())
    assert verdicts["check"].why == "has stale evidence of 2026-11-21T10:00:00+00:00: docs/greeting.md changed since"


def test_a_tick_typed_by_hand_is_named(desk: Desk) -> None:
    run = runs.in_implement(desk)
    trees.write_tree(desk.repo.root, {f".agentops/bundles/{run.id}-progress.md": "# Progress\n\n- [x] 1. src/app.py\n"})
    body = f"---\nschema: agentops.bundle/1\nid: {run.id}-progress\nkind: progress\ntask: x\ncommit: {'a' * 40}\n---\n"
    trees.write_tree(
        desk.repo.root, {f".agentops/bundles/{run.id}-progress.md": body + "# Progress\n\n- [x] 1. src/app.py\n"}
    )
    (said,) = validate.ticked_by_hand(desk, run, validate.judged(desk, run))
    assert said.endswith(
        "ticks change 1 (src/app.py) by hand, but it is not made: "
        "no commit and no edit touches it since implementation began."
    )


def test_a_plan_that_is_ticked_before_it_is_done_is_not_approved(desk: Desk) -> None:
    run = runs.in_plan(desk)
    runs.fill_plan(desk, run, runs.PLAN + "\n- [x] everything\n")
    assert "is ticked before it is done" in " ".join(lifecycle.check_plan(desk, run).lacks)


def test_a_check_that_changes_the_files_proves_nothing_the_first_time(desk: Desk, root: Path) -> None:
    lifecycle.quick(desk, "Format it")
    with pytest.raises(EvidenceMissing, match="not proven done") as refused:
        lifecycle.close(desk, extra=["echo made > made.txt"])
    assert "changed files while it ran (made.txt)" in refused.value.remedy
    assert lifecycle.close(desk, extra=["echo made > made.txt"]).run.phase == "done"
    del root


def test_work_committed_by_the_person_still_counts(desk: Desk, root: Path) -> None:
    runs.in_implement(desk)
    runs.change(root)
    trees.commit_all(root, "feat: greet loudly")
    assert lifecycle.close(desk).run.phase == "done"


def test_a_revised_plan_goes_on_from_what_the_first_changed(desk: Desk, root: Path) -> None:
    runs.in_implement(desk)
    runs.change(root)
    lifecycle.reopen(desk, "plan", "one more thing")
    runs.fill_plan(desk, runs.current(desk), runs.PLAN + "\nNor new files.\n")
    lifecycle.approve(desk, "terminal")
    lifecycle.implement(desk)
    assert lifecycle.close(desk).run.phase == "done"


def test_in_another_clone_the_change_is_seen_from_the_checkpoints_commit(
    desk: Desk, root: Path, tmp_path: Path
) -> None:
    trees.write_tree(root, {"untracked.txt": "only here\n"})
    run = runs.in_implement(desk)
    runs.change(root)
    trees.git(root, "add", "src")
    trees.git(root, "commit", "--quiet", "--message", "feat: greet loudly")
    clone = tmp_path / "clone"
    trees.git(tmp_path, "clone", "--quiet", str(root), str(clone))
    there = runs.desk_at(clone)
    assert there.touched(store.read(there.repo, run.id), there.repo.fingerprint()) == ("src/app.py",)


# -- stopping -----------------------------------------------------------------------------------


def fail_twice(desk: Desk) -> None:
    runs.in_implement(desk)
    for _ in range(2):
        with pytest.raises(EvidenceMissing):
            lifecycle.close(desk)


def test_failing_twice_stops_saves_progress_and_offers_a_revision(desk: Desk, root: Path) -> None:
    runs.in_implement(desk)
    with pytest.raises(EvidenceMissing, match="mend it"):
        lifecycle.close(desk)
    with pytest.raises(EvidenceMissing, match="failed twice as planned") as stopped:
        lifecycle.close(desk)

    run = runs.current(desk)
    assert "agentops reopen plan" in stopped.value.remedy
    assert [one.attempt for one in run.evidence] == [1, 2]
    progress = artefacts.read(desk.repo, f".agentops/bundles/{run.id}-progress.md")
    assert "- [ ] check `grep -c '!' src/app.py`" in progress.body
    assert trees.git(root, "status", "--porcelain") == ""
    with pytest.raises(GateClosed, match="is stopped since"):
        lifecycle.run_checks(desk)


def test_a_person_lets_a_stopped_run_go_on_and_a_model_does_not(desk: Desk, root: Path) -> None:
    fail_twice(desk)
    with pytest.raises(GateClosed, match="is stopped since"):
        lifecycle.implement(desk, by_person=False)
    with pytest.raises(GateClosed, match="is stopped since"):
        resume(desk, by_person=False)

    assert machine.stopped(lifecycle.implement(desk)) is None
    runs.change(root)
    assert lifecycle.close(desk).run.phase == "done"


def test_what_a_person_kept_as_progress_stays_above_the_stop(desk: Desk) -> None:
    from agentops_kit.bundles.keep import keep_text

    run = runs.in_implement(desk)
    mine = "# Progress: mine\n\n" + "I have looked at the greeting and found what is needed to make it loud. " * 2
    keep_text(desk.repo, mine, "progress", run=run.id, now=desk.clock())
    for _ in range(2):
        with pytest.raises(EvidenceMissing):
            lifecycle.close(desk)
    body = artefacts.read(desk.repo, f".agentops/bundles/{run.id}-progress.md").body
    assert body.startswith(mine.strip())
    assert "## Stopped" in body


def test_reopening_the_plan_starts_the_count_again(desk: Desk) -> None:
    fail_twice(desk)
    lifecycle.reopen(desk, "plan", "the check was wrong")
    runs.fill_plan(desk, runs.current(desk), runs.PLAN + "\nNor new files.\n")
    lifecycle.approve(desk, "terminal")
    lifecycle.implement(desk)
    with pytest.raises(EvidenceMissing, match="mend it"):
        lifecycle.close(desk)
    assert not proof.failing(runs.current(desk).evidence)


# -- resuming -----------------------------------------------------------------------------------


@pytest.mark.parametrize("bring", [runs.in_research, runs.in_plan, runs.in_implement])
def test_a_run_left_as_it_was_resumes(desk: Desk, bring: object) -> None:
    run = bring(desk)  # type: ignore[operator]
    resumed = resume(desk)
    assert (resumed.run.id, resumed.comparison.differs) == (run.id, ())


def test_the_phases_own_work_is_told_and_resumes(desk: Desk, root: Path) -> None:
    runs.in_implement(desk)
    runs.change(root)
    assert resume(desk).comparison.fits == ("Work of this phase since the checkpoint: src/app.py.",)


def test_a_foreign_commit_is_explained_and_taken_by_force_only(desk: Desk, root: Path) -> None:
    runs.in_implement(desk)
    trees.write_tree(root, {"other.py": "x = 1\n"})
    trees.commit_all(root, "feat: something else")

    with pytest.raises(GateClosed, match="does not stand where its checkpoint") as refused:
        resume(desk)
    assert "“feat: something else” by Ada Example" in refused.value.remedy
    assert "may not change: other.py" in refused.value.remedy

    forced = resume(desk, force=True).run
    assert forced.history[-1].event == "resumed by force"
    assert "feat: something else" in forced.history[-1].note
    runs.change(root)
    assert lifecycle.close(desk).run.phase == "done"


def test_another_branch_is_named_with_the_way_back(desk: Desk, root: Path) -> None:
    trees.git(root, "branch", "older")
    run = runs.in_implement(desk)
    trees.git(root, "switch", "--quiet", "--create", "side")
    with pytest.raises(GateClosed) as refused:
        resume(desk)
    assert "you are on branch side: `git switch main` goes back" in refused.value.remedy

    trees.git(root, "switch", "--quiet", "older")
    with pytest.raises(GateClosed, match=f"{run.id} was left open on main") as gone:
        resume(desk)
    assert "git switch main" in gone.value.remedy


def test_a_reset_branch_is_explained(desk: Desk, root: Path) -> None:
    run = runs.in_implement(desk)
    record = (root / run.path).read_bytes()
    trees.git(root, "reset", "--quiet", "--hard", "HEAD~5")
    (root / run.path).parent.mkdir(parents=True)
    (root / run.path).write_bytes(record)
    with pytest.raises(GateClosed) as refused:
        resume(desk)
    assert "is no longer below HEAD" in refused.value.remedy


def test_a_done_run_is_not_resumed(desk: Desk) -> None:
    lifecycle.quick(desk, "do")
    name = lifecycle.close(desk, extra=["true"]).run.id
    with pytest.raises(InputInvalid, match="is done"):
        resume(desk, run=name)


# -- words that were dropped before -------------------------------------------------------------


def test_a_note_given_with_an_approval_is_kept(desk: Desk) -> None:
    runs.in_research(desk)
    run = lifecycle.approve(desk, "prompt", note=" mind the callers ")
    assert [one.note for one in run.approvals] == ["mind the callers"]
    assert run.history[-1].note.endswith("by prompt: mind the callers")
    assert store.read(desk.repo, run.id) == run


def test_words_given_while_a_plan_is_open_are_kept_once_and_the_task_stays(desk: Desk) -> None:
    runs.in_plan(desk)
    for _ in range(2):
        opened = lifecycle.plan(desk, "and greet twice")
    assert [one.note for one in opened.run.history if one.event == "plan told"] == ["and greet twice"]
    assert opened.run.tasks["plan"] == "Greet politely"
    assert lifecycle.plan(desk, "Greet politely").run == opened.run


# -- what is known before ------------------------------------------------------------------------

LEARNING = """\
# Learning: Greetings are compared by callers

## Pattern

Callers compare the greeting that greet builds word for word, so a new mark breaks them.

## Evidence

Commit abc1234 broke two callers of greet.

## Application

Search the callers before the greeting changes.

## Reusability

Holds for any text that others compare.
"""


def test_research_brings_what_is_known_within_its_budget(desk: Desk) -> None:
    from agentops_kit.memory.learnings import save
    from agentops_kit.tokens.count import count

    kept = save(desk.repo, LEARNING, desk.clock().date())
    with_it = lifecycle.research(desk, "Which callers compare the greeting that greet builds?", budget=3000)
    body = getattr(with_it.bundle, "body", "")
    assert f"## Known before\n\n- learning `{kept.id}`" in body
    assert count((desk.repo.root / with_it.path).read_text("utf-8")) <= 3000
    beside = lifecycle.research(desk, "Add a dark mode switch to the settings page")
    assert "Known before" not in getattr(beside.bundle, "body", "")


def test_nothing_is_brought_when_the_limit_is_zero(root: Path) -> None:
    from agentops_kit.content.config import Config, Limits
    from agentops_kit.memory.learnings import save

    desk = runs.desk_at(root, Config(limits=Limits(recall_tokens=0)))
    save(desk.repo, LEARNING, desk.clock().date())
    opened = lifecycle.research(desk, "Which callers compare the greeting that greet builds?")
    assert "Known before" not in getattr(opened.bundle, "body", "")


# -- the command line ---------------------------------------------------------------------------


def test_the_command_line_shows_items_gates_and_resumes(desk: Desk, root: Path) -> None:
    runs.in_research(desk)
    assert "gate      to plan: No person has approved" in runs.agentops(root, "status").stdout
    lifecycle.approve(desk, "terminal")
    assert "gate      to plan: open" in runs.agentops(root, "status").stdout
    runs.fill_plan(desk, lifecycle.plan(desk, "Greet politely").run)
    lifecycle.approve(desk, "terminal")
    lifecycle.implement(desk)
    runs.change(root)

    checked = json.loads(runs.agentops(root, "implement", "--validate", "--json").stdout)
    assert [one["proven"] for one in checked["items"]] == [True, True]
    assert "gate      to done: open" in runs.agentops(root, "status").stdout
    trees.write_tree(root, {"docs/greeting.md": "# Other\n"})
    shown = runs.agentops(root, "status").stdout
    assert "docs/greeting.md changed since" in shown
    assert "2 of 2 items open" in shown
    assert "outside   docs/greeting.md: changed, and no change of the plan names it" in shown
    told = json.loads(runs.agentops(root, "status", "--json").stdout)
    assert [one["proven"] for one in told["items"]] == [False, False]
    refused = runs.agentops(root, "implement", "--resume")
    assert (refused.returncode, "may not change: docs/greeting.md" in refused.stderr) == (4, True)
    forced = runs.agentops(root, "implement", "--resume", "--force")
    assert (forced.returncode, "taken" in forced.stdout) == (0, True), forced.stderr
    assert runs.agentops(root, "plan", "--force").returncode == 2


def test_checks_need_a_command_and_a_phase_to_run_in(desk: Desk) -> None:
    runs.in_research(desk)
    with pytest.raises(GateClosed, match="its checks run in implement"):
        lifecycle.run_checks(desk, extra=["true"])
    lifecycle.quick(desk, "do")
    with pytest.raises(EvidenceMissing, match="names no validation command"):
        lifecycle.close(desk)


def test_a_plan_edited_after_its_approval_proves_nothing(desk: Desk, root: Path) -> None:
    run = runs.in_implement(desk)
    (root / run.artefacts["plan"]).unlink()
    with pytest.raises(GateClosed, match="was deleted after"):
        validate.judged(desk, run)


def test_a_stopped_run_says_so_on_the_command_line(desk: Desk, root: Path) -> None:
    fail_twice(desk)
    shown = runs.agentops(root, "status")
    assert "stopped   2026-11-21T10:00:00+00:00: `grep -c" in shown.stdout
    refused = runs.agentops(root, "implement", "--validate")
    assert (refused.returncode, "is stopped since" in refused.stderr) == (4, True)
