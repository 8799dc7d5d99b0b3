"""kill -9 at every named point of a memory commit: the old state or the new one, and a rerun completes."""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import pytest

from agentops_kit import faults
from agentops_kit.bundles import store as shelf
from agentops_kit.errors import AgentOpsError
from agentops_kit.memory.git import Repo
from agentops_kit.phases import artefacts, lifecycle, store
from agentops_kit.phases.lifecycle import Desk
from tests.support import kills, runs, trees

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.crash, pytest.mark.slow]


def write_and_delete(root: Path) -> None:
    Desk.open(root).repo.commit_files({".agentops/new.md": b"new\n", ".agentops/old.md": None}, "Both")


def approve(root: Path) -> None:
    lifecycle.approve(runs.desk_at(root), "terminal")


def save_bundle(root: Path) -> None:
    repo = Desk.open(root).repo
    found = store.names(repo)[0]
    bundle = artefacts.read(repo, f".agentops/bundles/{found}-research.md")
    shelf.save(repo, replace(bundle, body="# Research\n\nMore was found.\n"), "Save")


def start_research(root: Path) -> None:
    runs.in_research(runs.desk_at(root))


ACTS: dict[str, Callable[[Path], None]] = {"commit": write_and_delete, "approve": approve, "save": save_bundle}


class Seen(NamedTuple):
    """All a person could notice: HEAD, index, work tree."""

    head: str
    staged: str
    tree: dict[str, trees.State]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in phase research with an edited bundle, and staged, unstaged and untracked work of the user's."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"):
            patch.setenv(name, trees.FIXED_DATE)
        root = trees.make_repo(
            tmp_path_factory.mktemp("crash") / "a repo",
            {**runs.SOURCE, ".agentops/old.md": "old\n", "notes.txt": "a\n"},
        )
        run = runs.in_research(runs.desk_at(root))
        path = root / run.artefacts["research"]
        path.write_text(path.read_text("utf-8") + "\nA finding of the person's own.\n", "utf-8")
        trees.write_tree(root, {"staged.txt": "staged\n", "src/app.py": "# unstaged\n", "untracked.txt": "new\n"})
        trees.write_tree(root, {"notes.txt": "staged half\n"})
        trees.git(root, "add", "staged.txt", "notes.txt")
        trees.write_tree(root, {"notes.txt": "staged half\nunstaged half\n"})
    return root


@pytest.fixture(autouse=True)
def fixed_dates(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"):
        monkeypatch.setenv(name, trees.FIXED_DATE)


def copy_of(prepared: Path, folder: Path) -> Path:
    return shutil.copytree(prepared, folder / "a repo", symlinks=True)


def seen(root: Path) -> Seen:
    return Seen(trees.git(root, "rev-parse", "HEAD"), trees.git(root, "ls-files", "--stage"), trees.snapshot(root))


def killed(act: Callable[[Path], None], root: Path, point: str) -> bool:
    return kills.killed(root, act, {"AGENTOPS_FAULT": point})


def points_of(act: Callable[[Path], None], root: Path, log: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Run an act to its end and return each point it passed as ``name:nth``."""
    monkeypatch.setattr(faults, "_reached", {})
    monkeypatch.setenv("AGENTOPS_FAULT_LOG", str(log))
    act(root)
    monkeypatch.delenv("AGENTOPS_FAULT_LOG")
    faults._reached.clear()
    passed = log.read_text("utf-8").split()
    return [f"{name}:{passed[: at + 1].count(name)}" for at, name in enumerate(passed)]


def leftovers(root: Path) -> list[str]:
    """Return what a killed process may have left in git's folders."""
    ours = root / ".git" / "agentops"
    kept = {"memory/lock", "state.json"}
    found = [str(path.relative_to(ours)) for path in ours.rglob("*") if path.is_file()]
    loose = [name for name in found if name not in kept and not name.startswith(("objects/", "ids/", "cache/"))]
    return loose + [str(path) for path in (root / ".git").rglob("*.lock")]


@pytest.mark.parametrize("name", ACTS)
def test_kill_at_every_point_leaves_the_old_state_or_the_new_one(
    name: str, prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    act = ACTS[name]
    old = seen(prepared)
    finished = copy_of(prepared, tmp_path / "finished")
    points = points_of(act, finished, tmp_path / "log", monkeypatch)
    new = seen(finished)
    assert len(points) >= 7, points
    assert len({one.split(":")[0] for one in points}) == 7, points

    for number, point in enumerate(points):
        root = copy_of(prepared, tmp_path / str(number))

        assert killed(act, root, point), point
        Desk.open(root)  # what any next command does first

        assert seen(root) in (old, new), point
        assert "error" not in trees.git(root, "fsck", "--strict"), point
        assert leftovers(root) == [], point
        act(root)
        assert seen(root) == new, point
        shutil.rmtree(root)


@pytest.mark.parametrize("point", ["memory.ref-moved:1", "memory.spare-written:1", "memory.file-placed:1"])
def test_work_done_after_a_crash_is_not_overwritten(point: str, prepared: Path, tmp_path: Path) -> None:
    root = copy_of(prepared, tmp_path)
    assert killed(write_and_delete, root, point)
    (root / ".agentops/new.md").write_text("the person's own\n", "utf-8")

    Desk.open(root)

    assert (root / ".agentops/new.md").read_text("utf-8") == "the person's own\n"
    assert trees.git(root, "show", "HEAD:.agentops/new.md") == "new"


def test_a_commit_that_moved_on_is_not_undone_by_recovery(prepared: Path, tmp_path: Path) -> None:
    root = copy_of(prepared, tmp_path)
    assert killed(write_and_delete, root, "memory.index-updated:1")
    trees.write_tree(root, {".agentops/new.md": "newer\n"})
    trees.git(root, "commit", "--quiet", "--only", "-m", "Newer", ".agentops/new.md")

    Desk.open(root)

    assert trees.git(root, "status", "--porcelain", "--", ".agentops/new.md") == ""
    assert (root / ".agentops/new.md").read_text("utf-8") == "newer\n"


def test_a_run_whose_start_was_killed_is_fenced_by_the_next_command(tmp_path: Path) -> None:
    root = trees.make_repo(tmp_path / "repo", runs.SOURCE)
    assert killed(start_research, root, "memory.ref-moved:1")
    assert not (root / ".git/agentops/state.json").exists()

    Desk.open(root)

    assert (root / ".git/agentops/state.json").exists()


def test_recovery_leaves_a_live_writer_alone(prepared: Path, tmp_path: Path) -> None:
    from agentops_kit.memory import commit

    root = copy_of(prepared, tmp_path)
    repo = Repo.open(root)
    assert killed(write_and_delete, root, "memory.journal-written:1")
    with commit._turn(repo) as mine:
        assert mine
        assert commit.recover(repo) is False
        assert commit._journal(repo).exists()
    assert commit.recover(repo) is True
    assert not commit._journal(repo).exists()


def test_a_journal_cut_short_is_forgotten(repo_dir: Path) -> None:
    repo = Repo.open(repo_dir)
    repo.commit_files({".agentops/a.md": b"a\n"}, "A")
    (repo.state_dir / "memory" / "journal.json").write_text('{"commit": "12', "utf-8")
    Desk.open(repo_dir)
    assert not (repo.state_dir / "memory" / "journal.json").exists()


def test_a_run_that_fails_leaves_nothing_half_done(repo_dir: Path) -> None:
    before = seen(repo_dir)
    act = partial(Repo.open(repo_dir).commit_files, {"../out.md": b"x"}, "Out")
    with pytest.raises((AgentOpsError, ValueError)):
        act()
    assert seen(repo_dir) == before
