"""A clone that lacks blobs of its commits, as ``git clone --filter=blob:none --sparse`` makes it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from agentops_kit.bundles.make import make
from agentops_kit.memory.git import Entry, GitFailed, Repo
from agentops_kit.memory.weights import weigh
from tests.support.trees import git, make_repo

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "near/a.py": "def login():\n    return 1\n",
    "far/b.py": "def logout():\n    return 2\n",
    "README.md": "# App\n",
}


@pytest.fixture
def partial(tmp_path: Path) -> Repo:
    whole = make_repo(tmp_path / "whole", FILES)
    git(whole, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--filter=blob:none", "--sparse", whole.as_uri(), "part")
    git(tmp_path / "part", "sparse-checkout", "set", "near")
    git(tmp_path / "part", "remote", "set-url", "origin", (tmp_path / "gone").as_uri())
    return Repo.open(tmp_path / "part")


def test_what_is_not_here_is_listed_without_a_size(partial: Repo) -> None:
    sizes = {entry.path: entry.size for entry in partial.entries()}

    assert sizes == {"near/a.py": len(FILES["near/a.py"]), "far/b.py": 0, "README.md": len(FILES["README.md"])}


def test_what_is_here_is_read(partial: Repo) -> None:
    far, near = (_named(partial, path).blob for path in ("far/b.py", "near/a.py"))
    head = partial.require_head()

    assert partial.read_blobs([far, near]) == {near: FILES["near/a.py"].encode()}
    assert list(partial.read_files([(head, "far/b.py"), (head, "near/a.py")])) == [(head, "near/a.py")]
    assert (partial.holds_any([far]), partial.holds_any([far, near]), partial.holds_any([])) == (False, True, False)


def test_bundles_and_counts_are_of_what_is_here(partial: Repo) -> None:
    bundle = make(partial, "How does login work?", budget=2000)

    assert [source.path for source in bundle.sources] == ["near/a.py"]
    assert "def login():" in bundle.body
    weights = weigh(partial)
    assert [path for path, tokens in weights.files if tokens] == ["README.md", "near/a.py"]
    assert weights.absent == sum(not tokens for _, tokens in weights.files)


def test_another_failure_keeps_gits_words(partial: Repo, repo_dir: Path) -> None:
    for repo in (partial, Repo.open(repo_dir)):
        with pytest.raises(GitFailed, match="no-such"):
            repo.entries("no-such")


def test_a_damaged_clone_is_no_partial_one(repo_dir: Path) -> None:
    repo = Repo.open(repo_dir)
    blob = repo.entries()[0].blob
    shutil.rmtree(repo_dir / ".git" / "objects")

    with pytest.raises(GitFailed, match="cat-file"):
        repo.read_blobs([blob])


def _named(repo: Repo, path: str) -> Entry:
    return next(entry for entry in repo.entries() if entry.path == path)
