from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agentops_kit.githooks import caller
from agentops_kit.memory.git import Repo
from tests.support import trees

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("files", "name"),
    [
        ({}, "plain"),
        ({".pre-commit-config.yaml": "repos: []\n"}, "pre-commit"),
        ({"lefthook.yml": ""}, "lefthook"),
        ({".lefthook.toml": ""}, "lefthook"),
        ({".overcommit.yml": ""}, "overcommit"),
        ({".simple-git-hooks.json": "{}"}, "simple-git-hooks"),
        ({"package.json": '{"simple-git-hooks": {"pre-commit": "x"}}'}, "simple-git-hooks"),
        ({"package.json": '{"name": "x"}'}, "plain"),
        ({"package.json": "{"}, "plain"),
        ({".husky/pre-commit": "npm test\n"}, "husky"),
    ],
)
def test_what_lies_in_the_repository_says_who_calls_the_hooks(
    repo_dir: Path, files: dict[str, str | bytes], name: str
) -> None:
    trees.write_tree(repo_dir, files)

    assert caller.find(Repo.open(repo_dir)).name == name


@pytest.mark.parametrize(
    ("path", "name", "where"),
    [
        (".husky/_", "husky", ".husky"),
        (".githooks", "hooks-path", ".githooks"),
        ("{outside}", "elsewhere", "{outside}"),
        (".git/hooks", "plain", "{root}/.git/hooks"),
    ],
)
def test_core_hooks_path_comes_first(repo_dir: Path, tmp_path: Path, path: str, name: str, where: str) -> None:
    places = {"outside": str(tmp_path / "team hooks"), "root": str(repo_dir)}
    trees.git(repo_dir, "config", "core.hooksPath", path.format(**places))
    if name != "plain":
        trees.write_tree(repo_dir, {".pre-commit-config.yaml": "repos: []\n"})

    found = caller.find(Repo.open(repo_dir))

    assert (found.name, found.where) == (name, where.format(**places))


def test_a_global_hooks_path_is_seen(repo_dir: Path, isolated_environment: Path) -> None:
    trees.git(repo_dir, "config", "--global", "core.hooksPath", "~/hooks")

    found = caller.find(Repo.open(repo_dir))

    assert (found.name, found.where) == ("elsewhere", str(isolated_environment / "hooks"))


def test_a_hooks_folder_that_is_a_link_is_somebody_elses(repo_dir: Path) -> None:
    hooks = repo_dir / ".git" / "hooks"
    hooks.rename(repo_dir / "githooks")
    hooks.symlink_to("../githooks")

    assert caller.find(Repo.open(repo_dir)).name == "hooks-path"


@pytest.mark.parametrize("name", ["husky", "lefthook", "simple-git-hooks", "overcommit", "hooks-path", "elsewhere"])
def test_the_advice_names_the_caller_and_what_to_add(name: caller.Name) -> None:
    said = "\n".join(caller.advice(caller.Caller(name, "the-place", "the reason")))

    assert "the reason" in said
    assert "the-place" in said
    assert ".agentops/hooks/git" in said
    if name != "elsewhere":
        assert all(f"{hook}" in said for hook in caller.HOOKS)


@pytest.mark.parametrize("name", ["pre-commit", "plain"])
def test_where_we_write_ourselves_there_is_nothing_to_add(name: caller.Name) -> None:
    assert caller.advice(caller.Caller(name, "x", "y")) == ()


def test_hooks_that_a_person_wired_are_known(repo_dir: Path) -> None:
    trees.write_tree(repo_dir, {".husky/pre-commit": 'npm test\nsh .agentops/hooks/git pre-commit "$@"\n'})

    assert caller.named(repo_dir, caller.Caller("husky", ".husky", "x")) == ("pre-commit",)
