from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from agentops_kit.errors import WorkspaceUnusable
from agentops_kit.memory import index
from agentops_kit.memory.git import Repo
from tests.support.trees import git, write_tree

if TYPE_CHECKING:
    from pathlib import Path


def test_a_private_index_is_gone_after_use_even_when_git_fails(repo_dir: Path) -> None:
    repo = Repo.open(repo_dir)

    def fail_within() -> None:
        with index.PrivateIndex(repo, seed_from_user=False) as private:
            private.git("read-tree", "HEAD")
            private.git("read-tree", "nothing")

    with pytest.raises(WorkspaceUnusable):
        fail_within()
    assert list((repo.state_dir / "indexes").iterdir()) == []
    assert git(repo_dir, "status", "--porcelain") == ""


def test_only_the_dead_are_swept(repo_dir: Path) -> None:
    repo = Repo.open(repo_dir)
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    write_tree(repo.state_dir / "indexes", {f"{child}-x": "dead", f"{os.getpid()}-x": "alive", "1-x": "not ours"})
    index.forget_indexes(repo)
    assert sorted(path.name for path in (repo.state_dir / "indexes").iterdir()) == sorted(["1-x", f"{os.getpid()}-x"])


def test_a_process_of_somebody_else_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: int, __: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", refuse)
    assert index._alive(1)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkspaceUnusable, match="cannot be made: Not a directory"):
        index.make_folder(tmp_path / "file" / "folder")
