"""A run from its first question to its evidence, through the acts and through the command line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from agentops_kit.content.config import Config, Limits
from agentops_kit.errors import (
    AgentOpsError,
    ArtefactRejected,
    EvidenceMissing,
    GateClosed,
    InputInvalid,
    WorkspaceUnusable,
)
from agentops_kit.phases import lifecycle, people, store
from agentops_kit.phases.lifecycle import Desk
from tests.support import runs, trees

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return trees.make_repo(tmp_path / "a repo", runs.SOURCE)


@pytest.fixture
def desk(root: Path) -> Desk:
    return runs.desk_at(root)


# -- the whole way ------------------------------------------------------------------------------


def test_from_research_to_done(desk: Desk, root: Path) -> None:
    opened = lifecycle.research(desk, runs.TASK)
    assert opened.run.phase == "research"
    assert opened.bundle is not None
    assert [one.path for one in opened.bundle.sources]

    lifecycle.approve(desk, "terminal")
    plan = lifecycle.plan(desk, "Greet politely")
    assert plan.run.phase == "plan"
    assert plan.lacks
    with pytest.raises(ArtefactRejected) as refused:
        lifecycle.approve(desk, "terminal")
    assert refused.value.lacks == plan.lacks

    runs.fill_plan(desk, plan.run)
    approved = lifecycle.approve(desk, "terminal")
    assert approved.approval("plan") is not None
    begun = lifecycle.implement(desk)
    assert begun.checkpoint is not None
    assert begun.checkpoint.commit == trees.git(root, "rev-parse", "HEAD~1")

    runs.change(root)
    closed = lifecycle.close(desk)

    assert closed.run.phase == "done"
    assert closed.run.evidence[0].met
    assert "src/app.py" in (closed.bundle.body if closed.bundle else "")
    assert [one.event for one in closed.run.history] == [
        "research started",
        "research approved",
        "plan started",
        "plan approved",
        "implement started",
        "checks ran",
        "closed",
    ]
    assert trees.git(root, "status", "--porcelain") == "M src/app.py".rjust(13)
    assert not (desk.repo.state_dir / "state.json").exists()


def test_every_act_is_one_commit_of_ours_and_touches_nothing_else(desk: Desk, root: Path) -> None:
    trees.write_tree(root, {"staged.txt": "mine\n"})
    trees.git(root, "add", "staged.txt")

    runs.in_implement(desk)

    assert trees.git(root, "log", "--format=%s").split("\n")[::-1][1:] == [
        f"chore(agentops): {act}"
        for act in (
            "research 2026-11-21-greet-build-greeting",
            "approve research of 2026-11-21-greet-build-greeting",
            "plan 2026-11-21-greet-build-greeting",
            "approve plan of 2026-11-21-greet-build-greeting",
            "implement 2026-11-21-greet-build-greeting",
        )
    ]
    touched = set(trees.git(root, "log", "--format=", "--name-only", "HEAD~5..").split("\n")) - {""}
    assert all(path.startswith(".agentops/") for path in touched)
    assert trees.git(root, "status", "--porcelain") == "A  staged.txt"


def test_the_quick_lane_asks_for_evidence_too(desk: Desk, root: Path) -> None:
    run = lifecycle.quick(desk, "Fix the typo")
    assert lifecycle.implement(desk).id == run.id
    runs.change(root)
    with pytest.raises(EvidenceMissing, match="names no validation command"):
        lifecycle.close(desk)
    with pytest.raises(EvidenceMissing, match="1 of 1 checks"):
        lifecycle.close(desk, extra=["false"])
    assert lifecycle.close(desk, extra=["true"]).run.phase == "done"


# -- gates --------------------------------------------------------------------------------------


def test_no_plan_before_a_person_approved_the_research(desk: Desk) -> None:
    runs.in_research(desk)
    with pytest.raises(GateClosed, match="No person has approved"):
        lifecycle.plan(desk)
    assert lifecycle.lacks_for(desk, runs.current(desk), "plan")


def test_an_edit_after_the_approval_closes_the_gate_and_a_new_approval_opens_it(desk: Desk, root: Path) -> None:
    run = runs.in_plan(desk)
    lifecycle.approve(desk, "terminal")
    path = root / run.artefacts["plan"]
    path.write_text(path.read_text("utf-8").replace("exclamation mark", "question mark"), "utf-8")

    with pytest.raises(GateClosed, match="was edited after Ada Example"):
        lifecycle.implement(desk)
    lifecycle.approve(desk, "terminal")

    assert lifecycle.implement(desk).phase == "implement"


def test_a_deleted_artefact_closes_the_gate(desk: Desk, root: Path) -> None:
    run = runs.in_research(desk)
    lifecycle.approve(desk, "terminal")
    (root / run.artefacts["research"]).unlink()
    with pytest.raises(GateClosed, match="is missing"):
        lifecycle.plan(desk)
    with pytest.raises(InputInvalid, match="is missing"):
        lifecycle.approve(desk, "terminal")


def test_an_edit_while_implementing_closes_the_checks(desk: Desk, root: Path) -> None:
    run = runs.in_implement(desk)
    path = root / run.artefacts["plan"]
    text = path.read_text("utf-8")
    path.write_text(text + "\n", "utf-8")
    with pytest.raises(GateClosed, match="was edited after"):
        lifecycle.close(desk)
    path.unlink()
    with pytest.raises(GateClosed, match="was deleted after"):
        lifecycle.close(desk)


@pytest.mark.parametrize("files", [{"src/app.py": "changed\n"}, {"new.txt": "made\n"}])
def test_source_changed_during_research_closes_the_gate(desk: Desk, root: Path, files: dict[str, str]) -> None:
    runs.in_research(desk)
    lifecycle.approve(desk, "terminal")
    trees.write_tree(root, files)

    with pytest.raises(GateClosed, match=rf"while the run was in research: {next(iter(files))}"):
        lifecycle.plan(desk)
    lifecycle.accept_changes(desk, "mine")

    assert lifecycle.plan(desk).run.phase == "plan"


def test_ignored_files_and_what_lies_in_our_folder_are_no_change(desk: Desk, root: Path) -> None:
    trees.write_tree(root, {".gitignore": "*.log\n"})
    trees.commit_all(root, "Ignore")
    runs.in_research(desk)
    lifecycle.approve(desk, "terminal")
    trees.write_tree(root, {"x.log": "noise\n", ".agentops/bundles/note.md": "a note\n"})
    assert lifecycle.plan(desk).run.phase == "plan"


def test_a_commit_of_the_same_files_is_no_change(desk: Desk, root: Path) -> None:
    trees.write_tree(root, {"mine.txt": "mine\n"})
    runs.in_research(desk)
    lifecycle.approve(desk, "terminal")
    trees.commit_all(root, "The user's")
    assert lifecycle.plan(desk).run.phase == "plan"


def test_a_full_context_closes_the_gate(desk: Desk) -> None:
    runs.in_research(desk)
    lifecycle.approve(desk, "terminal")
    with pytest.raises(GateClosed, match="context 45 %: start plan in a fresh context"):
        lifecycle.plan(desk, over_limit="context 45 %")


def test_closing_names_files_outside_the_plan_until_a_person_amends(desk: Desk, root: Path) -> None:
    runs.in_implement(desk)
    runs.change(root)
    trees.write_tree(root, {"docs/extra.md": "extra\n"})
    with pytest.raises(GateClosed, match=r"does not name: docs/extra\.md"):
        lifecycle.close(desk)

    amended = lifecycle.amend(desk, ["./docs"])

    assert [one.path for one in amended.amendments] == ["docs/"]
    assert lifecycle.close(desk).run.phase == "done"


@pytest.mark.parametrize("path", ["", " ", "..", "../x", "/etc/passwd", "~/x", "a/../..", "."])
def test_amending_refuses_paths_outside(desk: Desk, path: str) -> None:
    runs.in_research(desk)
    with pytest.raises(InputInvalid, match="does not lie in the workspace"):
        lifecycle.amend(desk, [path])


def test_amending_needs_a_path(desk: Desk) -> None:
    runs.in_research(desk)
    with pytest.raises(InputInvalid, match="needs the paths"):
        lifecycle.amend(desk, [])


def test_a_failing_check_is_recorded_and_keeps_the_run_open(desk: Desk) -> None:
    runs.in_implement(desk)
    with pytest.raises(EvidenceMissing, match="1 of 1 checks did not do"):
        lifecycle.close(desk)
    run = runs.current(desk)
    assert (run.phase, run.evidence[0].met) == ("implement", False)


def test_a_check_that_changes_files_outside_the_plan_cannot_close(desk: Desk, root: Path) -> None:
    runs.in_implement(desk)
    runs.change(root)
    with pytest.raises(GateClosed, match=r"does not name: made\.txt"):
        lifecycle.close(desk, extra=["touch made.txt"])


def test_checks_run_only_while_implementing(desk: Desk) -> None:
    runs.in_research(desk)
    with pytest.raises(GateClosed, match="its checks run in implement"):
        lifecycle.run_checks(desk, extra=["true"])


def test_reopening_voids_the_approval_and_keeps_the_persons_plan(desk: Desk, root: Path) -> None:
    runs.in_implement(desk)
    again = lifecycle.reopen(desk, "research", "the API moved")
    assert (again.phase, again.approvals) == ("research", ())
    assert again.history[-1].note == "the API moved"
    lifecycle.approve(desk, "terminal")

    opened = lifecycle.plan(desk, "Greet politely")

    assert opened.lacks == ()
    assert "exclamation mark" in (root / opened.path).read_text("utf-8")
    assert lifecycle.plan(desk).run.phase == "plan"


def test_approving_twice_adds_nothing(desk: Desk, root: Path) -> None:
    runs.in_research(desk)
    first = lifecycle.approve(desk, "terminal")
    head = trees.git(root, "rev-parse", "HEAD")
    assert lifecycle.approve(desk, "prompt") == first
    assert trees.git(root, "rev-parse", "HEAD") == head


def test_nothing_is_left_to_approve_once_implementing(desk: Desk) -> None:
    runs.in_implement(desk)
    with pytest.raises(InputInvalid, match="nothing to approve"):
        lifecycle.approve(desk, "terminal")


def test_a_run_begun_in_another_clone_still_sees_that_files_changed(desk: Desk, root: Path, tmp_path: Path) -> None:
    trees.write_tree(root, {"untracked.txt": "only here\n"})
    runs.in_research(desk)
    lifecycle.approve(desk, "terminal")
    clone = tmp_path / "clone"
    trees.git(tmp_path, "clone", "--quiet", str(root), str(clone))
    with pytest.raises(GateClosed, match="the run began in another clone"):
        lifecycle.plan(runs.desk_at(clone))


@pytest.mark.parametrize("setting", ["autocrlf", "eol"])
def test_line_end_settings_do_not_void_an_approval(desk: Desk, root: Path, setting: str) -> None:
    if setting == "autocrlf":
        trees.git(root, "config", "core.autocrlf", "true")
        trees.git(root, "config", "core.safecrlf", "true")
    else:
        trees.write_tree(root, {".gitattributes": "* text eol=crlf\n"})
        trees.commit_all(root, "Attributes")
    assert runs.in_implement(desk).phase == "implement"
    assert trees.git(root, "status", "--porcelain", "--", ".agentops") == ""


# -- bad input ----------------------------------------------------------------------------------


def refuses(act: Callable[[], object]) -> AgentOpsError:
    with pytest.raises(AgentOpsError) as caught:
        act()
    assert caught.value.message.endswith(".")
    assert "\n" not in str(caught.value)
    assert caught.value.remedy
    return caught.value


def test_no_repository_is_refused(tmp_path: Path) -> None:
    assert "is not inside a git repository" in refuses(lambda: Desk.open(tmp_path)).message
    assert "There is no folder" in refuses(lambda: Desk.open(tmp_path / "gone")).message


def test_a_bare_repository_is_refused(tmp_path: Path) -> None:
    trees.git(tmp_path, "init", "--quiet", "--bare", "bare.git")
    assert "is a bare repository" in refuses(lambda: Desk.open(tmp_path / "bare.git")).message


def test_a_repository_without_a_commit_is_refused(tmp_path: Path) -> None:
    trees.git(tmp_path, "init", "--quiet")
    assert "has no commit yet" in refuses(lambda: lifecycle.research(runs.desk_at(tmp_path), "why?")).message
    assert "has no commit yet" in refuses(lambda: lifecycle.quick(runs.desk_at(tmp_path), "do")).message


def test_a_detached_head_works(desk: Desk, root: Path) -> None:
    trees.git(root, "checkout", "--quiet", "--detach")
    assert runs.in_implement(desk).branch is None
    assert store.choose(desk.repo, None).phase == "implement"


@pytest.mark.parametrize(
    ("marker", "words"),
    [
        ("MERGE_HEAD", "A merge is in progress"),
        ("CHERRY_PICK_HEAD", "A cherry-pick is in progress"),
        ("REVERT_HEAD", "A revert is in progress"),
        ("rebase-merge/", "A rebase is in progress"),
    ],
)
def test_an_unfinished_operation_is_refused(desk: Desk, root: Path, marker: str, words: str) -> None:
    before = trees.snapshot(root)
    trees.write_tree(root / ".git", {marker: "x"})
    assert words in refuses(lambda: lifecycle.research(desk, "why?")).message
    assert words in refuses(lambda: desk.repo.commit_files({".agentops/a.md": b"a"}, "A")).message
    assert trees.snapshot(root) == before


def test_a_missing_identity_is_refused(desk: Desk, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("user.name", "user.email"):
        trees.git(root, "config", "--unset", name)
    trees.git(root, "config", "user.useConfigOnly", "true")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    error = refuses(lambda: lifecycle.research(desk, "why?"))
    assert "does not know who you are" in error.message
    assert "git config user.name" in error.remedy


def test_a_link_in_place_of_our_folder_is_refused(desk: Desk, root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (root / ".agentops").symlink_to(outside)
    head = trees.git(root, "rev-parse", "HEAD")
    assert "is a symbolic link" in refuses(lambda: lifecycle.research(desk, "why?")).message
    assert list(outside.iterdir()) == []
    assert trees.git(root, "rev-parse", "HEAD") == head


def test_a_file_in_place_of_our_folder_is_refused(desk: Desk, root: Path) -> None:
    (root / ".agentops").write_text("mine")
    assert "is a file" in refuses(lambda: lifecycle.quick(desk, "do")).message
    assert (root / ".agentops").read_text() == "mine"


@pytest.fixture
def without_override() -> list[str]:
    """Return the words before a command that make file modes count for root, too."""
    if os.getuid():
        return []
    program = shutil.which("setpriv")
    if program is None:
        pytest.skip("root may write anywhere, and there is no setpriv to give that up")
    return [program, "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"]


@pytest.mark.parametrize("folder", [".", ".git"])
def test_a_read_only_folder_is_refused_in_one_sentence(root: Path, folder: str, without_override: list[str]) -> None:
    before, locked = trees.snapshot(root), [root / folder, *(root / folder).rglob("*")]
    for path in locked:
        path.chmod(path.stat().st_mode & ~0o222)

    done = [
        subprocess.run(
            [*without_override, sys.executable, "-m", "agentops_kit", *verb],
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(runs.CORE)},
            capture_output=True,
            text=True,
            check=False,
        )
        for verb in (["research", "why?"], ["status"])
    ]

    for path in locked:
        path.chmod(path.stat().st_mode | 0o200)
    assert done[0].returncode == WorkspaceUnusable.exit_status, done[0].stderr
    assert "cannot be made: Permission denied" in done[0].stderr or "read-only" in done[0].stderr
    assert done[1].returncode == 0, done[1].stderr
    assert set(trees.snapshot(root)) == set(before)


@pytest.mark.parametrize("task", ["", "  \n ", "\0"])
def test_an_empty_task_is_refused(desk: Desk, task: str) -> None:
    assert "The task is empty" in refuses(lambda: lifecycle.research(desk, task)).message


def test_a_task_of_50_kb_with_anything_in_it_is_kept_whole(desk: Desk) -> None:
    piece = "How does \"greet\" work in 'src/app.py'? \\ `ls` $(id) 🎉 漢字\n\t## Tests\n---\n"
    task = (piece * (50_000 // len(piece.encode()) + 1)).strip()
    run = lifecycle.research(desk, task).run
    assert store.read(desk.repo, run.id).tasks["research"] == task
    lifecycle.approve(desk, "terminal")
    opened = lifecycle.plan(desk)
    runs.fill_plan(desk, opened.run)
    lifecycle.approve(desk, "terminal")
    assert lifecycle.implement(desk).phase == "implement"


def test_a_task_beyond_the_limit_is_refused(desk: Desk) -> None:
    assert "the most is 100,000" in refuses(lambda: lifecycle.research(desk, "x" * 100_001)).message


def test_a_task_with_undecodable_bytes_is_kept_readable(desk: Desk) -> None:
    run = lifecycle.quick(desk, "fix \udcff it")
    assert store.read(desk.repo, run.id).task == "fix ? it"


def test_an_unknown_run_suggests_near_ones(desk: Desk) -> None:
    run = runs.in_research(desk)
    error = refuses(lambda: lifecycle.approve(desk, "terminal", run="2026-11-21-great-build"))
    assert run.id in error.remedy


def test_two_runs_at_once_have_ids_and_phases_of_their_own(desk: Desk) -> None:
    first = runs.in_research(desk)
    second = runs.in_research(desk)
    assert second.id == f"{first.id}-2"
    assert runs.current(desk).id == second.id
    lifecycle.approve(desk, "terminal", run=first.id)
    assert runs.current(desk).id == first.id
    assert store.read(desk.repo, second.id).approvals == ()


def test_without_a_run_the_remedy_says_how_to_start(desk: Desk) -> None:
    assert "agentops research" in refuses(lambda: lifecycle.approve(desk, "terminal")).remedy


def test_a_damaged_record_is_named(desk: Desk, root: Path) -> None:
    run = runs.in_research(desk)
    (root / run.path).write_text("phase: [", "utf-8")
    assert f"{run.path} is not a run record" in str(refuses(lambda: runs.current(desk)))


def test_limits_of_the_workspace_are_used(root: Path) -> None:
    desk = runs.desk_at(root, Config(limits=replace(Limits(), check_seconds=0.2)))
    lifecycle.quick(desk, "wait")
    with pytest.raises(EvidenceMissing):
        lifecycle.close(desk, extra=["sleep 5"])
    assert runs.current(desk).evidence[0].exit_status == 124


# -- the command line ---------------------------------------------------------------------------


def approves(root: Path) -> None:
    if any(name in people.ASSISTANTS for name in people.ancestors()):
        pytest.skip("an assistant runs these tests, and it may not approve")
    told = runs.on_terminal(root, "approve", answer="y")
    assert told.status == 0, told.shown


def test_the_whole_way_on_the_command_line(root: Path) -> None:
    done = runs.agentops(root, "research", runs.TASK, "--json")
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert facts["phase"] == "research"

    piped = runs.agentops(root, "approve")
    assert (piped.returncode, "no terminal to ask a person on" in piped.stderr) == (4, True), piped.stderr
    early = runs.agentops(root, "plan", "Greet politely")
    assert early.returncode == 4
    approves(root)
    assert runs.agentops(root, "plan", "Greet politely").returncode == 0
    lacking = runs.agentops(root, "plan", "--check")
    assert lacking.returncode == 5
    assert "A slot is open" in lacking.stdout
    desk = runs.desk_at(root)
    runs.fill_plan(desk, runs.current(desk))
    approves(root)

    assert runs.agentops(root, "implement").returncode == 0
    failed = runs.agentops(root, "implement", "--close")
    assert failed.returncode == 8, failed.stderr
    runs.change(root)
    closed = runs.agentops(root, "implement", "--close", "--json")

    assert closed.returncode == 0, closed.stderr
    report = json.loads(closed.stdout)
    assert (report["phase"], report["evidence"][0]["exit_status"]) == ("done", 0)
    assert runs.agentops(root, "bundle", "verify", f"{facts['run']}-implementation").returncode == 0


def test_no_is_no(root: Path, desk: Desk) -> None:
    runs.in_research(desk)
    assert runs.on_terminal(root, "approve", answer="n").status == 130
    assert runs.current(desk).approvals == ()


@pytest.mark.parametrize("variable", ["CLAUDECODE", "CODEX_THREAD_ID"])
def test_approval_inside_an_assistant_is_refused(
    root: Path, desk: Desk, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs.in_research(desk)
    monkeypatch.setenv(variable, "1")
    done = runs.agentops(root, "approve")
    assert done.returncode == 4
    assert f"{variable} is set" in done.stderr


def test_errors_are_a_sentence_and_an_exit_status(tmp_path: Path) -> None:
    done = runs.agentops(tmp_path, "research", "why?")
    assert done.returncode == WorkspaceUnusable.exit_status
    assert "is not inside a git repository" in done.stderr
    assert "Traceback" not in done.stderr
