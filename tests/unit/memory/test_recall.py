from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agentops_kit.memory.git import Repo
from agentops_kit.memory.recall import recall, slug_words
from tests.support.trees import write_tree

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def repo(repo_dir: Path) -> Repo:
    write_tree(
        repo_dir,
        {
            ".agentops/bundles/2026-01-01-oauth2-research.md": "---\nid: x\n---\n# Research: OAuth2 login\n\nTokens.\n",
            ".agentops/bundles/2026-01-02-billing-plan.md": "# Plan: Billing\n\nAlso speaks of login once.\n",
            ".agentops/learnings/2026-01-03-commit-files.md": "no heading, only commit_files\n",
            ".agentops/learnings/link.md": "-> /etc/passwd",
        },
    )
    return Repo.open(repo_dir)


def test_the_title_counts_more_than_the_text(repo: Repo) -> None:
    assert [one.id for one in recall(repo, "How does login work?")] == [
        "2026-01-01-oauth2-research",
        "2026-01-02-billing-plan",
    ]


def test_what_shares_no_word_is_left_out(repo: Repo) -> None:
    assert recall(repo, "kubernetes rollout") == []


def test_without_a_task_the_newest_come_first(repo: Repo) -> None:
    found = recall(repo, "")
    assert [one.id[:10] for one in found] == ["2026-01-03", "2026-01-02", "2026-01-01"]
    assert [one.kind for one in found] == ["learning", "bundle", "bundle"]
    assert found[0].says == "2026-01-03-commit-files"
    assert found[2].says == "Research: OAuth2 login"


def test_identifiers_are_found_by_their_parts(repo: Repo) -> None:
    assert recall(repo, "commit_files")[0].id == "2026-01-03-commit-files"
    assert slug_words("The commit_files of größe") == ["commit", "files", "größe"]
