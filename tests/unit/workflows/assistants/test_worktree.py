from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agentops_kit.errors import WorkspaceUnusable
from agentops_kit.memory.git import Repo
from agentops_kit.workflows.assistants import process, worktree
from agentops_kit.workflows.assistants.worktree import Work, Worktree
from tests.support import trees

if TYPE_CHECKING:
    from collections.abc import Callable


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def around(repo_dir: Path) -> dict[str, str]:
    return {"XDG_CACHE_HOME": str(repo_dir.parent / "cache")}


def worked(repo_dir: Path, act: Callable[[Repo], object], name: str = "run-1-make-1") -> Work:
    tree = Worktree(Repo.open(repo_dir), name, around(repo_dir))
    repo = tree.open()
    try:
        act(repo)
        return tree.keep(repo, "Made.")
    finally:
        tree.close()


def write(path: str, text: str) -> Callable[[Repo], object]:
    return lambda repo: (repo.root / path).write_text(text, encoding="utf-8")


def test_what_was_changed_is_a_commit_on_a_branch(repo_dir: Path) -> None:
    before = trees.snapshot(repo_dir / "..")

    work = worked(repo_dir, write("new.txt", "new\n"))

    assert work.branch == "agentops/runs/run-1-make-1"
    assert "+++ b/new.txt" in work.diff
    assert git(repo_dir, "show", f"{work.branch}:new.txt") == "new"
    assert git(repo_dir, "log", "-1", "--format=%an %s", work.commit) == "Ada Example Made."
    assert git(repo_dir, "status", "--porcelain") == ""
    assert {name for name in before if ".git/" not in name} <= set(trees.snapshot(repo_dir / ".."))
    assert git(repo_dir, "worktree", "list").count("\n") == 0


def test_the_users_index_and_files_stay_as_they_are(repo_dir: Path) -> None:
    (repo_dir / "staged.txt").write_text("staged", encoding="utf-8")
    git(repo_dir, "add", "staged.txt")
    (repo_dir / "loose.txt").write_text("loose", encoding="utf-8")
    before = git(repo_dir, "status", "--porcelain"), (repo_dir / ".git" / "index").read_bytes()

    worked(repo_dir, write("new.txt", "new\n"))

    assert (git(repo_dir, "status", "--porcelain"), (repo_dir / ".git" / "index").read_bytes()) == before


def test_nothing_changed_leaves_no_branch(repo_dir: Path) -> None:
    assert worked(repo_dir, lambda _: None) == Work()
    assert git(repo_dir, "branch", "--list", "agentops/*") == ""


def test_commits_of_the_assistants_own_count_too(repo_dir: Path) -> None:
    def act(repo: Repo) -> None:
        write("one.txt", "1")(repo)
        git(repo.root, "checkout", "--quiet", "-b", "own")
        git(repo.root, "add", "one.txt")
        git(repo.root, "commit", "--quiet", "--message", "Own.")
        write("two.txt", "2")(repo)

    work = worked(repo_dir, act)

    assert {"one.txt", "two.txt"} <= set(git(repo_dir, "ls-tree", "--name-only", work.branch).split())


def test_somebody_commits_where_git_knows_nobody(repo_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "user.useConfigOnly")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "true")
    for name in ("user.name", "user.email"):
        subprocess.run(["git", "config", "--unset", name], cwd=repo_dir, check=False)

    work = worked(repo_dir, write("new.txt", "new\n"))

    assert git(repo_dir, "log", "-1", "--format=%an", work.commit) == "AgentOps Kit"


def test_a_name_that_is_no_name_of_a_branch_is_made_one(repo_dir: Path) -> None:
    names = ["run 1:research/code..x.lock", "run 1:research/code..y.lock", "ü" * 300]
    branches = {worked(repo_dir, write("new.txt", name), name).branch for name in names}

    assert len(branches) == 3
    for branch in branches:
        git(repo_dir, "check-ref-format", f"refs/heads/{branch}")


def test_a_try_that_is_at_work_is_left_alone(repo_dir: Path) -> None:
    home = Repo.open(repo_dir)
    tree = Worktree(home, "busy", around(repo_dir))
    repo = tree.open()
    again = Worktree(home, "busy", around(repo_dir))

    with pytest.raises(WorkspaceUnusable, match="in use"):
        again.open()
    again.close()
    assert worktree.clear(home, around(repo_dir)) == ()
    assert repo.root.is_dir()
    tree.close()
    assert not repo.root.exists()


def test_the_same_try_starts_again_where_its_work_was(repo_dir: Path) -> None:
    first = worked(repo_dir, write("new.txt", "first\n"))
    second = worked(repo_dir, write("new.txt", "second\n"))

    assert first.branch == second.branch
    assert git(repo_dir, "show", f"{second.branch}:new.txt") == "second"


KILLED = """
import asyncio, sys
from pathlib import Path
from agentops_kit.memory.git import Repo
from agentops_kit.workflows.assistants import process
from agentops_kit.workflows.assistants.worktree import Worktree
repo, cache = sys.argv[1:]
tree = Worktree(Repo.open(Path(repo)), "killed", {"XDG_CACHE_HOME": cache})
made = tree.open()
line = ["sh", "-c", "echo half > half.txt; setsid sh -c 'echo $$ > pid.txt; exec sleep 300' & wait"]
asyncio.run(process.run(line, made.root, {"PATH": "/usr/bin:/bin"}, "", tree.mark))
"""


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="no /proc: only process groups are ended")
def test_what_a_killed_process_left_is_removed_and_ended(repo_dir: Path) -> None:
    cache = around(repo_dir)["XDG_CACHE_HOME"]
    folder = worktree.folder_of(Repo.open(repo_dir), around(repo_dir))
    with subprocess.Popen([sys.executable, "-c", KILLED, str(repo_dir), cache]) as running:
        pid = wait_for(folder / "killed" / "pid.txt")
        running.kill()
    assert alive(pid)

    gone = worktree.clear(Repo.open(repo_dir), around(repo_dir))

    assert gone == ("killed",)
    assert not alive(pid)
    assert list(folder.iterdir()) == []
    assert git(repo_dir, "worktree", "list").count("\n") == 0
    assert git(repo_dir, "branch", "--list", "agentops/*") == ""


def wait_for(file: Path) -> int:
    for _ in range(200):
        if file.is_file() and (text := file.read_text(encoding="utf-8").strip()):
            return int(text)
        time.sleep(0.05)
    raise AssertionError(file)


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


def test_a_program_that_will_not_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "GRACE", 0.1)
    line = ["sh", "-c", "trap '' TERM; echo $$ > pid.txt; while :; do sleep 0.1; done"]

    async def cancelled() -> None:
        running = asyncio.ensure_future(process.run(line, tmp_path, dict(os.environ), "", "m4rk"))
        await asyncio.to_thread(wait_for, tmp_path / "pid.txt")
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(cancelled())

    assert not alive(wait_for(tmp_path / "pid.txt"))


def test_a_program_is_told_and_says(tmp_path: Path) -> None:
    line = ["sh", "-c", "cat; echo words >&2; exit 3"]

    ended = asyncio.run(process.run(line, tmp_path, dict(os.environ), "task", "m4rk"))

    assert ended == process.Ended(3, "task", "words\n")
