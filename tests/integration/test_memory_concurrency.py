"""Many writers at once: nothing lost, nothing doubled, one line of history."""

from __future__ import annotations

import os
import traceback
from typing import TYPE_CHECKING

import pytest

from agentops_kit.bundles import keep
from agentops_kit.memory import commit, learnings
from agentops_kit.memory.git import Repo
from agentops_kit.phases import store
from agentops_kit.phases.lifecycle import Desk
from tests.support import runs, trees

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.slow
WRITERS = 8
EACH = 3


def at_once(work: Callable[[int], object], log: Path) -> list[int]:
    """Run ``work(number)`` in eight processes that start together; return their exit statuses."""
    start, go = os.pipe()
    children = []
    for number in range(WRITERS):
        child = os.fork()
        if child == 0:
            status = 1
            try:
                os.close(go)
                os.read(start, 1)  # returns when the parent closes its end
                work(number)
                status = 0
            except BaseException:  # noqa: BLE001 - the parent shows it
                log.open("a").write(traceback.format_exc())
            finally:
                os._exit(status)
        children.append(child)
    os.close(start)
    os.close(go)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


def test_eight_processes_save_distinct_files(repo_dir: Path, tmp_path: Path) -> None:
    trees.write_tree(repo_dir, {"mine.txt": "staged\n"})
    trees.git(repo_dir, "add", "mine.txt")

    def save(number: int) -> None:
        repo = Repo.open(repo_dir)
        for turn in range(EACH):
            repo.commit_files(
                {f".agentops/bundles/{number}-{turn}.md": f"{number} {turn}\n".encode()}, f"{number}.{turn}"
            )

    statuses = at_once(save, tmp_path / "log")

    assert statuses == [0] * WRITERS, (tmp_path / "log").read_text()
    kept = trees.git(repo_dir, "ls-tree", "-r", "--name-only", "HEAD", "--", ".agentops/bundles").split("\n")
    assert len(kept) == WRITERS * EACH
    subjects = trees.git(repo_dir, "log", "--format=%s").split("\n")
    assert sorted(subjects) == sorted(["Start", *(f"{one}.{turn}" for one in range(WRITERS) for turn in range(EACH))])
    assert trees.git(repo_dir, "rev-list", "--min-parents=2", "HEAD") == ""
    assert trees.git(repo_dir, "status", "--porcelain") == "A  mine.txt"


def test_eight_writers_of_one_file_leave_work_tree_index_and_head_equal(repo_dir: Path, tmp_path: Path) -> None:
    def save(number: int) -> None:
        Repo.open(repo_dir).commit_files({".agentops/one.md": f"{number}\n".encode()}, str(number))

    statuses = at_once(save, tmp_path / "log")

    assert statuses == [0] * WRITERS, (tmp_path / "log").read_text()
    assert len(trees.git(repo_dir, "log", "--format=%s").split("\n")) == WRITERS + 1
    assert trees.git(repo_dir, "status", "--porcelain") == ""


def test_eight_saves_of_one_title_get_eight_ids(repo_dir: Path, tmp_path: Path) -> None:
    text = "# Progress: one title\n\n" + "Done is the first part, open is the second, and why it was so. " * 3

    def save(_: int) -> None:
        keep.keep_text(Repo.open(repo_dir), text, "context", run=None, now=runs.NOW)

    statuses = at_once(save, tmp_path / "log")

    assert statuses == [0] * WRITERS, (tmp_path / "log").read_text()
    assert len(list((repo_dir / ".agentops/bundles").glob("*.md"))) == WRITERS
    assert trees.git(repo_dir, "status", "--porcelain") == ""


def test_runs_started_at_once_are_all_kept(repo_dir: Path, tmp_path: Path) -> None:
    from agentops_kit.phases import lifecycle

    statuses = at_once(lambda _: lifecycle.quick(runs.desk_at(repo_dir), "Fix it"), tmp_path / "log")

    assert statuses == [0] * WRITERS, (tmp_path / "log").read_text()
    repo = Repo.open(repo_dir)
    assert len(store.names(repo)) == WRITERS
    assert store.active(repo) is not None


def test_two_worktrees_write_at_once(repo_dir: Path, tmp_path: Path) -> None:
    other = tmp_path / "other tree"
    trees.git(repo_dir, "worktree", "add", "--quiet", "-b", "other", str(other))

    def save(number: int) -> None:
        root = other if number % 2 else repo_dir
        Repo.open(root).commit_files({f".agentops/{number}.md": b"x\n"}, str(number))

    statuses = at_once(save, tmp_path / "log")

    assert statuses == [0] * WRITERS, (tmp_path / "log").read_text()
    for root in (repo_dir, other):
        assert trees.git(root, "status", "--porcelain") == ""
        assert len(list((root / ".agentops").glob("*.md"))) == WRITERS // 2


def test_a_commit_of_the_users_in_between_is_built_upon(repo_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = Repo.open(repo_dir)
    moved: list[str] = []
    swap = commit._swap

    def interrupted(*arguments: object) -> bool:
        if not moved:
            trees.write_tree(repo_dir, {"user.txt": "mine\n"})
            moved.append(trees.commit_all(repo_dir, "The user's"))
        return swap(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(commit, "_swap", interrupted)
    repo.commit_files({".agentops/a.md": b"a\n"}, "Ours")

    assert trees.git(repo_dir, "log", "--format=%s").split("\n") == ["Ours", "The user's", "Start"]
    assert trees.git(repo_dir, "status", "--porcelain") == ""


def test_learnings_of_one_title_are_both_kept(repo_dir: Path) -> None:
    text = "# One title\n" + "".join(f"\n## {name}\n\nfive words at the least here\n" for name in learnings.SECTIONS)
    first = learnings.save(Desk.open(repo_dir).repo, text, runs.NOW.date())
    second = learnings.save(Desk.open(repo_dir).repo, text, runs.NOW.date())
    assert first.id != second.id
