from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentops_kit.errors import Busy, WorkspaceUnusable
from agentops_kit.memory import commit
from agentops_kit.memory.git import Repo
from tests.support.trees import commit_all, git, make_repo, write_tree

if TYPE_CHECKING:
    from pathlib import Path

A = ".agentops/a.md"


@pytest.fixture
def repo(repo_dir: Path) -> Repo:
    return Repo.open(repo_dir)


def test_exactly_these_files_are_committed_and_written(repo: Repo, repo_dir: Path) -> None:
    made = repo.commit_files({A: b"a\n", ".agentops/deep/er/b.md": b"b\n"}, "Message\n\nbody")
    assert made == git(repo_dir, "rev-parse", "HEAD")
    shown = git(repo_dir, "show", "--name-status", "--format=%B", "HEAD").split("\n")
    assert shown == ["Message", "", "body", "", "A\t.agentops/a.md", "A\t.agentops/deep/er/b.md"]
    assert (repo_dir / A).read_bytes() == b"a\n"
    assert git(repo_dir, "status", "--porcelain") == ""
    assert git(repo_dir, "reflog", "-1", "--format=%gs") == "agentops: memory"


def test_none_deletes(repo: Repo, repo_dir: Path) -> None:
    repo.commit_files({A: b"a\n"}, "A")
    repo.commit_files({A: None, ".agentops/never.md": None}, "Gone")
    assert not (repo_dir / A).exists()
    assert git(repo_dir, "status", "--porcelain") == ""


def test_the_users_staged_and_unstaged_work_stays(repo: Repo, repo_dir: Path) -> None:
    write_tree(repo_dir, {"README.md": "staged\n", "added.txt": "new\n"})
    git(repo_dir, "add", "--all")
    write_tree(repo_dir, {"README.md": "staged\nunstaged\n", "untracked.txt": "u\n"})
    before = [git(repo_dir, *words) for words in (["diff"], ["diff", "--cached"], ["status", "--porcelain"])]
    repo.commit_files({A: b"a\n"}, "A")
    assert before == [git(repo_dir, *words) for words in (["diff"], ["diff", "--cached"], ["status", "--porcelain"])]


def test_what_head_already_holds_makes_no_commit_and_mends_the_work_tree(repo: Repo, repo_dir: Path) -> None:
    first = repo.commit_files({A: b"a\n"}, "A")
    (repo_dir / A).unlink()
    git(repo_dir, "rm", "--cached", "--quiet", A)
    assert repo.commit_files({A: b"a\n"}, "Again") == first
    assert git(repo_dir, "status", "--porcelain") == ""


def test_ignored_paths_are_committed_all_the_same(repo: Repo, repo_dir: Path) -> None:
    write_tree(repo_dir, {".gitignore": ".agentops/\n"})
    commit_all(repo_dir, "Ignore")
    repo.commit_files({A: b"a\n"}, "A")
    assert git(repo_dir, "ls-files", ".agentops") == A


def test_a_link_in_place_of_the_file_is_replaced_not_followed(repo: Repo, repo_dir: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("theirs\n")
    write_tree(repo_dir, {A: f"-> {outside}"})
    repo.commit_files({A: b"a\n"}, "A")
    assert outside.read_text() == "theirs\n"
    assert not (repo_dir / A).is_symlink()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["", "* text=auto\n", "* text eol=crlf\n", "* -text\n"]))
def test_the_work_tree_holds_the_very_bytes(repo: Repo, repo_dir: Path, data: bytes, attributes: str) -> None:
    write_tree(repo_dir, {".gitattributes": attributes})
    repo.commit_files({A: data}, "A")
    assert (repo_dir / A).read_bytes() == data
    assert git(repo_dir, "status", "--porcelain", "--", A) == ""


def test_a_held_ref_is_given_up_on_at_last(repo: Repo, repo_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commit, "_TRIES", 2)
    write_tree(repo_dir, {".git/refs/heads/main.lock": ""})
    with pytest.raises(Busy, match="moved, or was locked, 2 times"):
        repo.commit_files({A: b"a\n"}, "A")
    (repo_dir / ".git/refs/heads/main.lock").unlink()
    assert commit.recover(repo)
    assert not (repo_dir / A).exists()
    assert git(repo_dir, "log", "--format=%s") == "Start"


def test_a_held_index_is_put_right_by_the_next_command(
    repo: Repo, repo_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commit, "_TRIES", 2)
    lock = repo_dir / ".git/index.lock"
    lock.touch()
    with pytest.raises(Busy, match="committed, but git's index"):
        repo.commit_files({A: b"a\n"}, "A")
    lock.unlink()
    assert git(repo_dir, "status", "--porcelain") != ""
    assert commit.recover(repo)
    assert git(repo_dir, "status", "--porcelain") == ""


def test_a_broken_index_is_named(repo: Repo, repo_dir: Path) -> None:
    repo.commit_files({A: b"a\n"}, "A")
    (repo_dir / ".git/index").write_bytes(b"broken")
    with pytest.raises(Busy, match="could not be written"):
        repo.commit_files({A: b"b\n"}, "B")


def test_one_writer_at_a_time_has_the_turn(repo: Repo) -> None:
    with commit._turn(repo) as mine, commit._turn(repo, tries=2) as other:
        assert (mine, other) == (True, False)


def test_another_writer_is_waited_for_and_then_named(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commit, "_waits", lambda tries: iter([0.0] * min(tries, 2)))
    with commit._turn(repo), pytest.raises(Busy, match="Another agentops command"):
        repo.commit_files({A: b"a\n"}, "A")


@pytest.mark.parametrize("folder", [".agentops", ".agentops/bundles"])
@pytest.mark.parametrize(("made", "says"), [("-> ..", "is a symbolic link"), ("a file\n", "is a file")])
def test_folders_that_are_none_are_refused(repo: Repo, repo_dir: Path, folder: str, made: str, says: str) -> None:
    write_tree(repo_dir, {folder: made})
    with pytest.raises(WorkspaceUnusable, match=says):
        repo.commit_files({".agentops/bundles/a.md": b"a\n"}, "A")
    assert git(repo_dir, "log", "--format=%s") == "Start"


def test_a_folder_without_write_access_is_refused(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(WorkspaceUnusable, match="is read-only"):
        repo.commit_files({A: b"a\n"}, "A")


def test_a_commit_gone_from_the_branch_is_not_brought_back(repo: Repo, repo_dir: Path) -> None:
    made = repo.commit_files({A: b"a\n"}, "A")
    git(repo_dir, "reset", "--quiet", "--hard", "HEAD~1")
    commit._write_journal(repo, made, [commit.Move(A, "", "", repo.blob_id(b"a\n"))])
    assert commit.recover(repo)
    assert not (repo_dir / A).exists()


def test_nothing_to_recover_costs_nothing(tmp_path: Path) -> None:
    repo = Repo.open(make_repo(tmp_path / "repo"))
    assert commit.recover(repo) is False
    assert not repo.state_dir.exists()
