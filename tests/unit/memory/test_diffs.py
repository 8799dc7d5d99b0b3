from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agentops_kit.ids import CommitId
from agentops_kit.memory.diffs import hunks, parse
from agentops_kit.memory.git import Repo
from tests.support.trees import commit_all, git, write_tree

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def repo(repo_dir: Path) -> Repo:
    write_tree(repo_dir, {"a b.py": "def one():\n    return 1\n\n\ndef two():\n    return 2\n", "gone.py": "x = 1\n"})
    commit_all(repo_dir, "feat: start")
    return Repo.open(repo_dir)


def test_a_changed_line_is_told_with_its_function_and_both_sides(repo: Repo) -> None:
    write_tree(repo.root, {"a b.py": "def one():\n    return 1\n\n\ndef two():\n    return 3\n"})
    commit_all(repo.root, "fix: two is three")

    (found,) = hunks(repo, [repo.require_head()])

    assert (found.path, found.new_path, found.first, found.length) == ("a b.py", "a b.py", 6, 1)
    assert (found.removed, found.added) == (("    return 2",), ("    return 3",))
    assert found.context == "def two():"


def test_new_and_deleted_files_have_one_name(repo: Repo) -> None:
    (repo.root / "gone.py").unlink()
    write_tree(repo.root, {"new.py": "y = 2\n"})
    commit_all(repo.root, "refactor: swap")

    found = {(one.path, one.new_path) for one in hunks(repo, [repo.require_head()])}

    assert found == {("gone.py", ""), ("", "new.py")}


def test_lines_that_look_like_a_diff_are_text(repo: Repo) -> None:
    write_tree(repo.root, {"patch.txt": "--- a\n+++ b\n@@ -1 +1 @@\n-x\n"})
    commit_all(repo.root, "docs: a patch")
    write_tree(repo.root, {"patch.txt": "-- other\n"})
    commit_all(repo.root, "docs: another")

    (found,) = hunks(repo, [repo.require_head()])

    assert found.removed == ("--- a", "+++ b", "@@ -1 +1 @@", "-x")
    assert found.added == ("-- other",)


def test_each_commit_has_its_own_hunks(repo: Repo) -> None:
    first = repo.require_head()
    write_tree(repo.root, {"gone.py": "x = 2\n"})
    commit_all(repo.root, "fix: x")

    found = [one.commit for one in hunks(repo, [repo.require_head(), first])]

    assert found[0] == repo.require_head()
    assert set(found[1:]) == {first}


def test_no_commits_and_cut_output_are_no_error(repo: Repo) -> None:
    assert list(hunks(repo, [])) == []

    (found,) = parse(["a" * 40, "--- x.py", "+++ x.py", "@@ -3,2 +3 @@ def f", "-one"])

    assert found.commit == CommitId("a" * 40)
    assert found.removed == ("one",)


def test_a_file_without_a_line_end_at_its_end(repo: Repo) -> None:
    write_tree(repo.root, {"gone.py": "x = 5"})
    git(repo.root, "add", "-A")
    git(repo.root, "commit", "-qm", "fix: no newline")

    (found,) = hunks(repo, [repo.require_head()])

    assert (found.removed, found.added) == (("x = 1",), ("x = 5",))


def test_a_commit_whose_objects_are_missing_has_no_hunks_and_the_others_keep_theirs(repo: Repo) -> None:
    commits = []
    for number in range(4):
        write_tree(repo.root, {"gone.py": f"x = {number + 2}\n"})
        commit_all(repo.root, f"fix: {number}")
        commits.append(repo.require_head())
    blob = git(repo.root, "rev-parse", f"{commits[1]}:gone.py").strip()
    target = repo.git_dir / "objects" / blob[:2] / blob[2:]
    target.unlink()

    found = {one.commit for one in hunks(repo, reversed(commits))}

    assert found == {commits[0], commits[3]}
