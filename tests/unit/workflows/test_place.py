from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.workflows.place import database
from tests.support import trees

if TYPE_CHECKING:
    from pathlib import Path


def test_the_flag_goes_before_the_environment_before_the_folder(repo_dir: Path) -> None:
    environ = {"AGENTOPS_DB": "postgresql://db/runs"}

    assert database("x.db", environ, repo_dir) == "x.db"
    assert database(None, environ, repo_dir) == "postgresql://db/runs"
    assert database(None, {"AGENTOPS_DB": " "}, repo_dir) == str(repo_dir / ".git/agentops/runs.db")


def test_all_folders_and_worktrees_of_a_repository_share_one(repo_dir: Path) -> None:
    (repo_dir / "deep/er").mkdir(parents=True)
    trees.git(repo_dir, "worktree", "add", "-q", "../other")
    own = str(repo_dir / ".git/agentops/runs.db")

    assert database(None, {}, repo_dir / "deep/er") == own
    assert database(None, {}, repo_dir.parent / "other") == own


def test_a_submodule_has_its_own(repo_dir: Path, tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / ".git").write_text(f"gitdir: {repo_dir / '.git'}\n", encoding="utf-8")

    assert database(None, {}, inner) == str(repo_dir / ".git/agentops/runs.db")


def test_outside_a_repository_it_is_in_the_folder(tmp_path: Path) -> None:
    assert database(None, {}, tmp_path) == str(tmp_path / "agentops.db")
    for text in ("nonsense", "gitdir: gone"):
        (tmp_path / ".git").write_text(text, encoding="utf-8")
        assert database(None, {}, tmp_path) == str(tmp_path / "agentops.db")
