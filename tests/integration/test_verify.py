from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from agentops_kit.constitution import ranges, verify
from agentops_kit.errors import InputInvalid, WorkspaceUnusable
from agentops_kit.memory.git import Repo
from agentops_kit.phases import lifecycle, record
from tests.support import runs, trees

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.phases.lifecycle import Desk

TOKEN = "ghp_" + "x7Bq2LmZ9vKdR4tYw1NcE6sHjUa3PgF8oQi5"  # made up
POLITE = runs.SOURCE["src/app.py"].replace("+ name", '+ name + "!"')


@pytest.fixture
def desk(repo_dir: Path) -> Desk:
    trees.write_tree(repo_dir, runs.SOURCE)
    trees.commit_all(repo_dir, "feat: greet people by name")
    trees.git(repo_dir, "branch", "base")
    return runs.desk_at(repo_dir)


def found(root: Path, text: str = "base..HEAD", branch: str = "main") -> list[tuple[str, bool, str]]:
    repo = Repo.open(root)
    report = verify.verify(repo, ranges.resolve(repo, text), branch=branch)
    return [(one.finding.check, one.refused, one.finding.path) for one in report.found if not _recount(one)]


def _recount(one: verify.Told) -> bool:
    """Say whether a finding only tells that a plan edited by hand is not counted yet."""
    return one.finding.check == "bundle" and one.finding.level == "warning"


def commit(root: Path, files: dict[str, str | bytes], subject: str = "feat: make the greeting more polite") -> str:
    trees.write_tree(root, files)
    return trees.commit_all(root, subject)


def test_a_clean_range_finds_nothing(desk: Desk) -> None:
    commit(desk.repo.root, {"src/new.py": "new = 1\n"})

    assert found(desk.repo.root) == []


def test_a_message_and_a_secret_are_found_in_their_commits_though_a_later_one_takes_it_out(desk: Desk) -> None:
    commit(desk.repo.root, {"src/new.py": f"token = '{TOKEN}'\n"}, "more stuff")
    commit(desk.repo.root, {"src/new.py": "token = read()\n"})

    assert found(desk.repo.root) == [("commit-message", True, ""), ("secrets", True, "src/new.py")]


def test_merges_renames_deletions_and_the_first_commit_are_looked_at(desk: Desk) -> None:
    root = desk.repo.root
    trees.git(root, "switch", "-q", "-c", "side")
    commit(root, {"src/side.py": "side = 1\n"}, "feat: add what the other side needs")
    trees.git(root, "switch", "-q", "main")
    trees.git(root, "mv", "docs/greeting.md", "docs/welcome.md")
    (root / "src" / "app.py").unlink()
    trees.commit_all(root, "refactor: call the greeting a welcome")
    trees.git(root, "merge", "-q", "--no-edit", "--no-verify", "side")

    repo = Repo.open(root)
    report = verify.verify(repo, ranges.resolve(repo, "HEAD~2..HEAD"))
    everything = verify.verify(repo, ranges.Range("all", ("HEAD",), "", trees.git(root, "rev-parse", "HEAD")))

    assert (report.commits, report.found) == (3, ())
    assert everything.commits == 5
    assert [one.subject for one in everything.refused] == ["Start"]


@pytest.mark.parametrize("reach", [runs.in_research, runs.in_plan])
def test_work_committed_before_the_plan_is_approved_is_refused(desk: Desk, reach: object) -> None:
    reach(desk)  # type: ignore[operator]
    commit(desk.repo.root, {"src/app.py": POLITE})

    assert found(desk.repo.root) == [("run-approved", True, "src/app.py")]
    assert found(desk.repo.root, branch="") == [("run-approved", True, "src/app.py")]


def test_a_run_that_somebody_else_left_open_is_not_the_ranges(desk: Desk) -> None:
    runs.in_plan(desk)
    trees.git(desk.repo.root, "branch", "-f", "base")
    trees.git(desk.repo.root, "switch", "-q", "-c", "other")
    commit(desk.repo.root, {"src/app.py": POLITE})

    assert found(desk.repo.root, branch="other") == []
    assert found(desk.repo.root, branch="main") == [("run-approved", True, "src/app.py")]


def test_implementing_may_touch_what_the_plan_names_and_what_is_added(desk: Desk) -> None:
    root = desk.repo.root
    runs.in_implement(desk)
    commit(root, {"src/app.py": POLITE})
    assert found(root) == []

    commit(root, {"docs/greeting.md": "# Polite\n"}, "docs: say that the greeting is polite")
    assert found(root) == [("plan-scope", True, "docs/greeting.md")]

    lifecycle.amend(desk, ("docs/greeting.md",))
    assert found(root) == []


def test_a_plan_edited_after_its_approval_counts_for_nothing(desk: Desk) -> None:
    run = runs.in_implement(desk)
    path = desk.repo.root / run.artefacts["plan"]
    path.write_bytes(path.read_bytes() + b"\nAnd more.\n")
    commit(desk.repo.root, {"src/app.py": POLITE})

    checks = [one for one in found(desk.repo.root) if one[1]]

    assert ("run-approved", True, "src/app.py") in checks
    assert ("run-approved", True, run.path) in checks


def closed(desk: Desk) -> str:
    runs.in_implement(desk)
    trees.write_tree(desk.repo.root, {"src/app.py": POLITE})
    return lifecycle.close(desk).run.path


def test_a_closed_run_is_proven_by_a_commit_of_the_files_it_ran_on(desk: Desk) -> None:
    closed(desk)
    commit(desk.repo.root, {})
    commit(desk.repo.root, {"src/later.py": "1\n"}, "feat: go on with something else")

    assert found(desk.repo.root) == []


def test_a_closed_run_whose_files_were_committed_otherwise_is_stale(desk: Desk, tmp_path: Path) -> None:
    path = closed(desk)
    commit(desk.repo.root, {"src/app.py": POLITE.replace("!", "?")})

    assert found(desk.repo.root) == [("run-proven", True, path)]
    clone = tmp_path / "clone"
    trees.git(tmp_path, "clone", "-q", f"file://{desk.repo.root}", str(clone))
    assert found(clone, "origin/base..HEAD") == [("run-proven", False, path)]


def test_a_record_that_only_says_done_is_refused(desk: Desk) -> None:
    run = replace(runs.in_implement(desk), phase="done")
    commit(desk.repo.root, {run.path: record.dump(run), "src/app.py": POLITE})

    assert ("run-proven", True, run.path) in found(desk.repo.root)


def test_a_broken_record_is_named(desk: Desk) -> None:
    commit(desk.repo.root, {".agentops/runs/x.yaml": "nonsense\n"})

    assert found(desk.repo.root) == [("run-proven", True, ".agentops/runs/x.yaml")]


def test_bundles_protected_and_generated_files_are_judged_by_how_they_end(desk: Desk) -> None:
    root = desk.repo.root
    config = "constitution:\n  protected: [vendor/]\n"
    made = "# @" + "generated from schema.json\n"
    commit(root, {".agentops/config.yaml": config, "vendor/a.py": "1\n", "src/made.py": made})
    trees.git(root, "branch", "-f", "base")
    commit(root, {"vendor/a.py": "2\n", "src/made.py": made + "edited = 1\n", ".agentops/bundles/x.md": "broken"})
    assert {one[0] for one in found(root)} == {"protected-path", "generated-file", "bundle"}

    commit(root, {"vendor/a.py": "1\n", "src/made.py": made}, "fix: take the edits out of what is not ours")
    (root / ".agentops/bundles/x.md").unlink()
    trees.commit_all(root, "chore: take out what is broken")
    assert [one for one in found(root) if one[1]] == []


def test_how_hard_a_law_bites_is_read_from_the_commit_and_not_from_the_work_tree(desk: Desk) -> None:
    root = desk.repo.root
    commit(root, {".agentops/config.yaml": "constitution:\n  severity: {rule-3: warn}\n"}, "bad message")
    trees.write_tree(root, {".agentops/config.yaml": "enforcement: off\n"})

    assert found(root) == [("commit-message", False, "")]


def test_signed_approvals_are_asked_for_where_the_policy_says_so(desk: Desk) -> None:
    commit(desk.repo.root, {".agentops/config.yaml": "approvals: {signed: required}\n"}, "ci: ask for signatures")
    runs.in_implement(runs.desk_at(desk.repo.root, replace(desk.config)))

    refused = [one for one in found(desk.repo.root) if one[1]]

    assert refused
    assert {one[0] for one in refused} == {"run-approved"}


def test_a_shallow_clone_is_said_to_be_one(desk: Desk, tmp_path: Path) -> None:
    for number in range(3):
        commit(desk.repo.root, {"src/n.py": f"n = {number}\n"}, f"feat: raise the number to {number}")
    clone = tmp_path / "clone"
    trees.git(tmp_path, "clone", "-q", "--depth=2", f"file://{desk.repo.root}", str(clone))
    repo = Repo.open(clone)

    with pytest.raises(WorkspaceUnusable, match="shallow"):
        verify.verify(repo, ranges.resolve(repo, trees.git(desk.repo.root, "rev-parse", "base") + "..HEAD"))
    with pytest.raises(WorkspaceUnusable, match="shallow"):
        verify.verify(repo, ranges.Range("HEAD", ("HEAD",), "", "HEAD"))


def test_a_range_is_named_in_the_usual_ways(desk: Desk) -> None:
    repo = desk.repo
    first = repo.require_head()
    second = commit(repo.root, {"a": "1\n"})

    assert ranges.resolve(repo, "base..").wanted == ranges.resolve(repo, "", "base").wanted == (second, f"^{first}")
    assert ranges.resolve(repo, "base...main").base == first
    assert ranges.resolve(repo, "main") == ranges.Range("main", ("--no-walk", second), first, second)
    for wrong in ("nothing..HEAD", "nothing", "--all"):
        with pytest.raises(InputInvalid, match="names no commit"):
            ranges.resolve(repo, wrong)
    with pytest.raises(InputInvalid, match="no upstream"):
        ranges.resolve(repo)
    with pytest.raises(InputInvalid, match="A range and --base"):
        ranges.resolve(repo, "a..b", "c")


def test_the_command_writes_each_format_and_exits_with_what_it_found(desk: Desk, tmp_path: Path) -> None:
    root = desk.repo.root
    commit(root, {"src/new.py": "1\n"}, "bad message")

    for kind in ("text", "json", "sarif", "junit"):
        done = runs.agentops(root, "verify", "--base", "base", "--format", kind, "--output", str(tmp_path / kind))
        assert (done.returncode, done.stdout) == (8, "base..HEAD: 1 commit, 1 refused, 0 warnings\n")
        assert "has no type" in done.stderr
        assert "commit-message" in (tmp_path / kind).read_text()
    assert runs.agentops(root, "verify", "base", "--format", "text").returncode == 0
