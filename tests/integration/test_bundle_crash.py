"""kill -9 at every named point while bundles are pruned, merged or imported: the old state or the new one."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from agentops_kit import faults
from agentops_kit.bundles import merge, pack, prune, store
from agentops_kit.bundles.document import Bundle, with_counts
from agentops_kit.ids import BundleId, CommitId
from agentops_kit.memory.git import Repo
from agentops_kit.phases.lifecycle import Desk
from tests.support import kills, runs, trees

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.crash, pytest.mark.slow]

TEXT = "# Research: greet\n\n## Answer\n{} found this.\n"


def bundle(name: str) -> Bundle:
    body = TEXT.format(name)
    made = Bundle(BundleId(name), "research", "greet", CommitId("a" * 40), body, created="2026-01-01T00:00:00+00:00")
    return with_counts(made)


def prune_all(root: Path) -> None:
    repo = Desk.open(root).repo
    prune.carry_out(repo, prune.plan(repo, prune.Rule(keep=0), runs.NOW))


def merge_both(root: Path) -> None:
    repo = Desk.open(root).repo
    facts = {name: merge.Facts("", {}) for name in ("ada", "bob")}
    done = merge.merged(bundle("ada"), bundle("bob"), BundleId("ada"), facts)
    store.save(repo, done.bundle, "Merge")


def import_two(root: Path) -> None:
    repo = Desk.open(root).repo
    given = pack.Pack(pack.Origin("shop", ()), (replace(bundle("ada"), task="other"), bundle("eve")))
    found = pack.brought(given, here=(), taken=["ada"], same=False, runs=())
    store.save_all(repo, found.bundles, "Import")


ACTS: dict[str, Callable[[Path], None]] = {"prune": prune_all, "merge": merge_both, "import": import_two}


@pytest.fixture(autouse=True)
def fixed_dates(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"):
        monkeypatch.setenv(name, trees.FIXED_DATE)


def seen(root: Path) -> tuple[str, str, dict[str, trees.State]]:
    return trees.git(root, "rev-parse", "HEAD"), trees.git(root, "ls-files", "--stage"), trees.snapshot(root)


@pytest.mark.parametrize("name", ACTS)
def test_a_kill_leaves_the_old_shelf_or_the_new_one(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    act = ACTS[name]
    prepared = trees.make_repo(tmp_path / "prepared", {**runs.SOURCE, "notes.txt": "a\n"})
    store.save_all(Repo.open(prepared), (bundle("ada"), bundle("bob")), "Save")
    trees.write_tree(prepared, {"notes.txt": "the person's own\n", "new.txt": "untracked\n"})
    trees.git(prepared, "add", "notes.txt")
    old = seen(prepared)
    finished = shutil.copytree(prepared, tmp_path / "finished")
    monkeypatch.setattr(faults, "_reached", {})
    monkeypatch.setenv("AGENTOPS_FAULT_LOG", str(tmp_path / "log"))
    act(finished)
    monkeypatch.delenv("AGENTOPS_FAULT_LOG")
    faults._reached.clear()
    passed = (tmp_path / "log").read_text("utf-8").split()
    new = seen(finished)
    assert new != old
    assert len(passed) >= 6

    for number, point in enumerate(passed):
        root = shutil.copytree(prepared, tmp_path / str(number))
        assert kills.killed(root, act, {"AGENTOPS_FAULT": f"{point}:{passed[: number + 1].count(point)}"})
        Desk.open(root)  # what any next command does first
        assert seen(root) in (old, new), point
        assert len(store.scan(Repo.open(root)).broken) == 0
        shutil.rmtree(root)
