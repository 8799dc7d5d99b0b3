"""Two people install for different assistants on two branches, and the branches meet."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from agentops_kit.cli import boundary
from agentops_kit.cli.main import agentops
from agentops_kit.install import manifest, service, validate
from agentops_kit.memory.git import Repo
from tests.support import trees

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.content.config import Config


def kit(root: Path, *words: str) -> None:
    said: list[str] = []

    def run() -> None:
        result = CliRunner().invoke(agentops, [*words, "--workspace", str(root)], catch_exceptions=False)
        said.append(result.output)

    assert boundary.run(run) == 0, said


def configuration(root: Path) -> Config:
    from agentops_kit.content import config

    return config.load(root)


def merge(root: Path, branch: str) -> list[str]:
    """Merge and return the paths in conflict."""
    subprocess.run(["git", "merge", "--quiet", "--no-edit", branch], cwd=root, capture_output=True)
    return trees.git(root, "diff", "--name-only", "--diff-filter=U").splitlines()


@pytest.fixture
def branches(repo_dir: Path) -> Path:
    """Return a workspace installed on main, with a branch for each of two people and their assistants."""
    kit(repo_dir, "install", "--profile", "base")
    trees.commit_all(repo_dir, "Install")
    for name, words in {
        "ada": ["--assistant", "claude", "--assistant", "codex"],
        "bob": ["--assistant", "claude", "--assistant", "gemini", "--profile", "devops"],
    }.items():
        trees.git(repo_dir, "checkout", "--quiet", "-b", name, "main")
        kit(repo_dir, "install", *words)
        trees.commit_all(repo_dir, f"Install for {name}")
    return repo_dir


def test_an_upgrade_heals_what_git_could_not_merge_and_all_of_it_can_go(branches: Path) -> None:
    clashing = merge(branches, "ada")

    kit(branches, "upgrade")

    assert set(clashing) <= {manifest.PATH, ".agentops/config.yaml"}
    assert set(configuration(branches).assistants) == {"claude", "codex", "gemini"}
    assert set(configuration(branches).profiles) == {"base", "devops"}
    repo = Repo.open(branches)
    assert validate.validate(repo) == ()
    listed = service.installed(repo)
    assert listed is not None
    assert set(listed.assistants) == {"claude", "codex", "gemini"}
    texts = [path.read_text() for path in branches.rglob("*.[my]*") if ".git" not in path.parts]
    assert not [text for text in texts if "<<<<<<<" in text]
    service.remove(repo)
    before = trees.git(branches, "ls-tree", "-r", "--name-only", "main~1").splitlines()
    assert sorted(path for path, state in trees.snapshot(branches).items() if state.content) == before


@pytest.mark.heavy
def test_a_configuration_that_differs_in_more_is_the_persons_to_merge(branches: Path) -> None:
    path = branches / ".agentops/config.yaml"
    path.write_text(path.read_text().replace("enforcement: strict", "enforcement: warn"))
    trees.commit_all(branches, "Only warn")
    merge(branches, "ada")
    assert "<<<<<<<" in path.read_text()
    before = trees.snapshot(branches)

    said = CliRunner().invoke(agentops, ["upgrade", "--workspace", str(branches)])

    assert "around more than the lists" in str(said.exception)
    assert trees.snapshot(branches) == before
