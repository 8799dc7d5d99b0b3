from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from agentops_kit.bundles import store
from agentops_kit.bundles.document import Bundle, with_counts
from agentops_kit.bundles.protect import Runs, holder, read_runs
from agentops_kit.bundles.prune import Rule, carry_out, decide, plan
from agentops_kit.bundles.redaction import allowed_in
from agentops_kit.errors import WorkspaceUnusable
from agentops_kit.ids import BundleId, CommitId, RunId
from agentops_kit.memory.git import Repo
from agentops_kit.phases import lifecycle
from tests.support import runs, trees

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 6, 1, tzinfo=UTC)
NO_RUNS = Runs((), ())


def bundle(name: str, month: int, run: str = "") -> Bundle:
    made = f"2026-0{month}-01T00:00:00+00:00"
    text = "# Some words of a bundle\n"
    return with_counts(
        Bundle(BundleId(name), "research", "t", CommitId("a" * 40), text, RunId(run) if run else None, made)
    )


SHELF = (bundle("may", 5), bundle("march", 3), bundle("january", 1, "r1"))


def gone(rule: Rule, held: Runs = NO_RUNS, edited: frozenset[str] = frozenset()) -> list[str]:
    return [one.id for one in decide(SHELF, rule, NOW, held, edited).gone]


def test_a_rule_names_what_is_older_beyond_the_newest_or_of_closed_runs() -> None:
    assert gone(Rule(timedelta(days=90))) == ["march", "january"]
    assert gone(Rule(timedelta(days=90), keep=2)) == ["january"]
    assert gone(Rule(keep=1)) == ["march", "january"]
    assert gone(Rule(keep=0)) == ["may", "march", "january"]
    assert gone(Rule(closed=True)) == []


def test_what_git_does_not_have_as_it_is_stays() -> None:
    found = decide(SHELF, Rule(keep=0), NOW, NO_RUNS, {store.path_of("march")})
    assert [one.id for one in found.gone] == ["may", "january"]
    assert [(one.id, why) for one, why in found.stay] == [("march", "it has edits that are not committed")]
    assert found.tokens == SHELF[0].tokens.bundle * 2


def test_a_run_whose_record_cannot_be_read_keeps_its_bundles() -> None:
    assert gone(Rule(keep=0), Runs((), ("r1",))) == ["may", "march"]


# -- with a repository ---------------------------------------------------------------------------


@pytest.fixture
def repo(repo_dir: Path) -> Repo:
    trees.write_tree(repo_dir, runs.SOURCE)
    trees.commit_all(repo_dir, "feat: greet")
    opened = Repo.open(repo_dir)
    store.save_all(opened, SHELF, "Save")
    return opened


def test_pruning_is_one_commit_that_git_can_undo(repo: Repo) -> None:
    before, old = trees.snapshot(repo.root), repo.head()
    found = plan(repo, Rule(timedelta(days=90)), NOW)
    commit = carry_out(repo, found)
    assert trees.git(repo.root, "rev-parse", f"{commit}^") == old
    assert [one.id for one in store.listing(repo)] == ["may"]
    assert trees.git(repo.root, "status", "--porcelain") == ""
    trees.git(repo.root, "revert", "--no-edit", commit)
    assert trees.snapshot(repo.root) == before


def test_edits_and_files_git_does_not_know_stay(repo: Repo) -> None:
    edited = repo.root / store.path_of("march")
    edited.write_text(edited.read_text("utf-8") + "More.\n", "utf-8")
    extra = replace(SHELF[2], id=BundleId("untracked"))
    (repo.root / store.path_of("untracked")).write_bytes(store.encode(extra, allowed_in(repo)))
    found = plan(repo, Rule(keep=0), NOW)
    assert {one.id for one in found.gone} == {"may", "january"}
    assert {one.id for one, _ in found.stay} == {"march", "untracked"}


def test_an_ignored_bundle_stays(repo: Repo) -> None:
    trees.write_tree(repo.root, {".gitignore": "ignored.md\n"})
    (repo.root / store.path_of("ignored")).write_bytes(
        store.encode(replace(SHELF[2], id=BundleId("ignored")), allowed_in(repo))
    )
    assert "ignored" not in {one.id for one in plan(repo, Rule(keep=0), NOW).gone}


def test_bundles_of_an_open_run_stay_and_of_a_closed_one_go(repo: Repo) -> None:
    desk = runs.desk_at(repo.root)
    run = runs.in_plan(desk)
    own = [one for one in store.listing(repo) if one.run == run.id]
    assert len(own) == 2
    found = plan(repo, Rule(keep=0), NOW)
    assert {one.id for one in found.gone} == {one.id for one in SHELF}
    assert {"approved" in why for _, why in found.stay} == {True, False}

    done = replace(runs.current(desk), phase="done")
    assert holder(own[0], Runs((done,), ())) == ""
    assert holder(own[0], read_runs(repo)) != ""


def test_a_repository_without_a_commit_has_nothing_to_prune(tmp_path: Path) -> None:
    trees.git(tmp_path, "init", "--quiet")
    with pytest.raises(WorkspaceUnusable, match="no commit"):
        plan(Repo.open(tmp_path), Rule(keep=0), NOW)


def test_an_approved_artefact_is_known(repo: Repo) -> None:
    from agentops_kit.bundles.protect import approvals

    desk = runs.desk_at(repo.root)
    run = runs.in_research(desk)
    research = next(one for one in store.listing(repo) if one.run == run.id)
    assert approvals(research, read_runs(repo)) == ()
    lifecycle.approve(desk, "terminal")
    assert approvals(research, read_runs(repo)) == (run.id,)
