from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from agentops_kit.bundles.document import Bundle, dump
from agentops_kit.bundles.names import find
from agentops_kit.bundles.store import listing, load, save, scan
from agentops_kit.errors import ContentInvalid, InputInvalid
from agentops_kit.ids import BundleId, CommitId, RunId
from agentops_kit.memory.git import Repo
from agentops_kit.tokens.count import count
from tests.support.trees import git, write_tree

if TYPE_CHECKING:
    from pathlib import Path


def bundle(name: str, created: str, run: str | None = None, body: str = "# Text\n") -> Bundle:
    return Bundle(BundleId(name), "research", "A task", CommitId("a" * 40), body, RunId(run) if run else None, created)


OLD = bundle("2026-01-01-old-research", "2026-01-01T10:00:00+00:00", "2026-01-01-old")
PLAN = bundle("2026-01-01-old-plan", "2026-01-02T10:00:00+00:00", "2026-01-01-old")
NEW = bundle("2026-01-03-new-research", "2026-01-03T01:00:00+02:00")


@pytest.fixture
def repo(repo_dir: Path) -> Repo:
    opened = Repo.open(repo_dir)
    for one in (NEW, OLD, PLAN):
        save(opened, one, f"Save {one.id}")
    return opened


def test_a_saved_bundle_is_committed_with_true_counts(repo: Repo, repo_dir: Path) -> None:
    commit = save(repo, replace(OLD, body="# Filled in\n"), "Fill in")
    assert commit == repo.head()
    assert git(repo_dir, "show", "--name-only", "--format=%s", "HEAD").split("\n") == [
        "Fill in",
        "",
        f".agentops/bundles/{OLD.id}.md",
    ]
    assert git(repo_dir, "status", "--porcelain") == ""
    assert load(repo, OLD.id).body == "# Filled in\n"
    assert load(repo, OLD.id).tokens.bundle == count("# Filled in\n")


@pytest.mark.parametrize("name", ["../out", "a/b", "", "a b", "x" * 300])
def test_an_id_that_is_no_file_name_is_refused(repo: Repo, name: str) -> None:
    with pytest.raises(InputInvalid, match="cannot be called"):
        save(repo, replace(OLD, id=BundleId(name)), "no")


def test_the_newest_comes_first(repo: Repo) -> None:
    assert [one.id for one in listing(repo)] == [NEW.id, PLAN.id, OLD.id]


def test_a_bundle_without_a_date_is_as_old_as_its_id_says(repo: Repo) -> None:
    save(repo, bundle("2026-01-02-undated", ""), "Save")
    save(repo, bundle("undated", "soon"), "Save")
    assert [one.id for one in listing(repo)] == [NEW.id, PLAN.id, "2026-01-02-undated", OLD.id, "undated"]


def test_broken_files_are_named_and_hide_no_other(repo: Repo, repo_dir: Path) -> None:
    write_tree(
        repo_dir / ".agentops/bundles",
        {
            "broken.md": "no front matter\n",
            "odd.md": b"\xff\xfe",
            "moved.md": dump(OLD),
            "out.md": "-> ../../README.md",
            "sub.md/x": "",
        },
    )
    shelf = scan(repo)
    assert len(shelf.bundles) == 3
    assert [name for name in ("broken.md", "moved.md", "odd.md") if name not in str(shelf.broken)] == []
    assert len(shelf.broken) == 3
    with pytest.raises(ContentInvalid, match=r"broken\.md"):
        find(repo, "broken")
    with pytest.raises(InputInvalid):
        load(repo, BundleId("out"))


@pytest.mark.parametrize(
    ("name", "found"),
    [
        (OLD.id, OLD.id),
        ("latest", NEW.id),
        ("2026-01-01-old", PLAN.id),
        ("2026-01-01-old-p", PLAN.id),
        ("2026-01-03", NEW.id),
    ],
)
def test_a_bundle_is_found_by_what_one_remembers(repo: Repo, name: str, found: str) -> None:
    assert find(repo, name).id == found


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("2026-01-01-odl-research", "Did you mean: 2026-01-01-old-research"),
        ("2026-01-0", "3 bundles begin with"),
        ("nothing like it", "Did you mean"),
        ("", "There is no bundle"),
        ("../../README", "There is no bundle"),
        ("x" * 60_000, "There is no bundle"),
        ("\0", "There is no bundle"),
    ],
)
def test_an_unknown_name_is_refused_with_near_ones(repo: Repo, name: str, words: str) -> None:
    with pytest.raises(InputInvalid) as refused:
        find(repo, name)
    assert words in str(refused.value)
    assert len(str(refused.value)) < 500


def test_an_empty_shelf_says_how_to_fill_it(repo_dir: Path) -> None:
    with pytest.raises(InputInvalid, match="bundle make"):
        find(Repo.open(repo_dir), "latest")
    assert listing(Repo.open(repo_dir)) == ()
