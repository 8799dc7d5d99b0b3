from __future__ import annotations

import resource
from typing import TYPE_CHECKING

from agentops_kit.install import copies
from agentops_kit.install.snapshot import digest
from agentops_kit.memory.git import Repo
from tests.support import trees

if TYPE_CHECKING:
    from pathlib import Path

OLD = digest(b"old\n")


def test_what_was_kept_is_found_by_its_digest(repo_dir: Path) -> None:
    repo = Repo.open(repo_dir)

    copies.keep(repo, [b"old\n", b"new\n", b"old\n"])

    assert copies.find(repo, {"a.md": OLD}) == {OLD: b"old\n"}
    assert len(list((repo_dir / ".git" / copies.FOLDER).iterdir())) == 2


def test_a_damaged_copy_is_looked_for_in_the_history_of_any_branch(repo_dir: Path) -> None:
    repo = Repo.open(repo_dir)
    copies.keep(repo, [b"old\n"])
    (repo_dir / ".git" / copies.FOLDER / OLD).write_bytes(b"damaged")
    lost = copies.find(repo, {"a ü.md": OLD})
    trees.git(repo_dir, "checkout", "--quiet", "-b", "side")
    trees.write_tree(repo_dir, {"a ü.md": "old\n", "b.md": "other\n"})
    trees.commit_all(repo_dir, "Add")
    trees.write_tree(repo_dir, {"a ü.md": "newer\n"})
    trees.commit_all(repo_dir, "Change")
    trees.git(repo_dir, "checkout", "--quiet", "main")

    found = copies.find(repo, {"a ü.md": OLD, "b.md": digest(b"never\n")})

    assert lost == {}
    assert found == {OLD: b"old\n"}


def test_a_repository_without_a_commit_has_no_history(tmp_path: Path) -> None:
    trees.git(tmp_path, "init", "--quiet")

    assert copies.find(Repo.open(tmp_path), {"a.md": OLD}) == {}


def test_a_disk_that_takes_no_copy_stops_nothing(repo_dir: Path) -> None:
    trees.write_tree(repo_dir / ".git", {copies.FOLDER: "a file is in the way\n"})

    copies.keep(Repo.open(repo_dir), [b"old\n"])

    assert copies.find(Repo.open(repo_dir), {"a.md": OLD}) == {}


def test_a_disk_that_is_full_keeps_no_half_copy(repo_dir: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        copies.keep(Repo.open(repo_dir), [b"old\n"])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert list((repo_dir / ".git" / copies.FOLDER).iterdir()) == []
