from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from agentops_kit.memory import lookup, recall
from agentops_kit.memory.git import Repo
from agentops_kit.memory.recall import RELEVANT, newest, relevant
from agentops_kit.tokens.count import count
from tests.support import trees
from tests.support.trees import write_tree

SUPPORT = Path(__file__).parents[2] / "support"


@pytest.fixture
def repo(repo_dir: Path) -> Repo:
    write_tree(
        repo_dir,
        {
            ".agentops/bundles/2026-01-01-oauth2-research.md": "---\nid: x\n---\n# Research: OAuth2 login\n\nTokens.\n",
            ".agentops/bundles/2026-01-02-billing-plan.md": "# Plan: Billing\n\nAlso speaks of login once.\n",
            ".agentops/learnings/2026-01-03-commit-files.md": "no heading, only commit_files\n",
            ".agentops/learnings/link.md": "-> /etc/passwd",
            ".agentops/runs/2026-01-04-x.yaml": """\
                id: 2026-01-04-x
                tasks: {research: 'Why does the invoice rounding differ?'}
                history: [{at: now, event: plan approved, by: Ada, note: mind the yen}]
                """,
        },
    )
    return Repo.open(repo_dir)


def ids(found: list[recall.Hit]) -> list[str]:
    return [one.id for one in found]


def test_the_title_counts_more_than_the_text(repo: Repo) -> None:
    found = recall.recall(repo, "How does login work?")
    assert ids(found) == ["2026-01-01-oauth2-research", "2026-01-02-billing-plan"]
    assert (found[1].quote, found[1].place) == (
        "Also speaks of login once.",
        ".agentops/bundles/2026-01-02-billing-plan.md:3",
    )
    assert found[1].why == "1 of 2 words: login"


def test_what_shares_no_word_is_left_out(repo: Repo) -> None:
    assert recall.recall(repo, "kubernetes rollout") == []
    assert recall.recall(repo, "") == []


def test_runs_and_commits_are_asked_too(repo: Repo, repo_dir: Path) -> None:
    trees.git(repo_dir, "commit", "--allow-empty", "-q", "-m", "fix: round in yen\n\nNo cents there.")
    commit = trees.git(repo_dir, "rev-parse", "HEAD")
    assert ids(recall.recall(repo, "yen")) == [commit[:12], "2026-01-04-x"]
    (found,) = recall.recall(repo, "yen", kinds=["commit"])
    assert (found.heading, found.place) == ("fix: round in yen", commit)
    assert [one.kind for one in recall.recall(repo, "yen", kinds=["run", "learning"])] == ["run"]
    assert len(recall.recall(repo, "yen", limit=1)) == 1


def test_the_kits_own_commits_and_links_are_no_memory(repo: Repo, repo_dir: Path) -> None:
    trees.git(repo_dir, "commit", "--allow-empty", "-q", "-m", "chore(agentops): research root passwd")
    assert recall.recall(repo, "root passwd") == []


def test_a_changed_new_or_gone_file_is_seen_at_once(repo: Repo, repo_dir: Path) -> None:
    assert recall.recall(repo, "canary") == []
    path = repo_dir / ".agentops/bundles/2026-01-02-billing-plan.md"
    path.write_text("# Plan: Canary\n")
    assert ids(recall.recall(repo, "canary")) == ["2026-01-02-billing-plan"]
    assert ids(recall.recall(repo, "billing")) == []
    path.unlink()
    assert recall.recall(repo, "canary") == []


def test_commits_follow_the_branch(repo: Repo, repo_dir: Path) -> None:
    trees.git(repo_dir, "switch", "-q", "-c", "side")
    trees.git(repo_dir, "commit", "--allow-empty", "-q", "-m", "feat: zebra")
    assert len(recall.recall(repo, "zebra")) == 1
    trees.git(repo_dir, "switch", "-q", "main")
    assert recall.recall(repo, "zebra") == []
    trees.git(repo_dir, "merge", "-q", "side")
    assert len(recall.recall(repo, "zebra")) == 1


def test_worktrees_share_the_index_and_see_their_own_files(repo: Repo, repo_dir: Path, tmp_path: Path) -> None:
    trees.commit_all(repo_dir, "Memory")
    other = tmp_path / "other"
    trees.git(repo_dir, "worktree", "add", "-q", str(other), "-b", "other")
    write_tree(other, {".agentops/learnings/2026-01-09-only-there.md": "# Learning: Giraffes are tall\n"})
    there = Repo.open(other)
    assert ids(recall.recall(there, "giraffes")) == ["2026-01-09-only-there"]
    assert recall.recall(repo, "giraffes") == []
    assert ids(recall.recall(there, "billing")) == ids(recall.recall(repo, "billing"))


@pytest.mark.parametrize("text", ["", "---\n", "# \n", "```\n# no heading\n", "\0\x85", "a: [b", "- 1\n- 2\n"])
def test_any_file_of_the_memory_can_be_read(repo: Repo, repo_dir: Path, text: str) -> None:
    for path in ("bundles/2026-02-01-odd.md", "learnings/2026-02-01-odd.md", "runs/2026-02-01-odd.yaml"):
        write_tree(repo_dir, {f".agentops/{path}": text.encode()})
    assert ids(recall.recall(repo, "login billing")) == ["2026-01-02-billing-plan", "2026-01-01-oauth2-research"]


def test_a_repository_without_a_commit_has_no_history(tmp_path: Path) -> None:
    trees.git(tmp_path, "init", "-q")
    assert recall.recall(Repo.open(tmp_path), "anything") == []


def test_a_damaged_index_is_made_again(repo: Repo) -> None:
    recall.recall(repo, "login")
    (repo.cache_dir / f"{lookup.NAME}.db").write_bytes(b"not a database" * 500)
    assert len(recall.recall(repo, "login")) == 2


@settings(max_examples=40)
@given(question=st.text(max_size=200))
def test_any_question_can_be_asked(learned: Repo, question: str) -> None:
    found = recall.recall(learned, question, limit=3)
    assert all(0 <= one.cover <= 1 for one in found)


def test_without_a_task_the_newest_come_first(repo: Repo) -> None:
    found = newest(repo, 5)
    assert [one.id[:10] for one in found] == ["2026-01-03", "2026-01-02", "2026-01-01"]
    assert [one.kind for one in found] == ["learning", "bundle", "bundle"]
    assert found[0].says == "2026-01-03-commit-files"
    assert found[2].says == "Research: OAuth2 login"


def test_identifiers_are_found_by_their_parts(repo: Repo) -> None:
    assert recall.recall(repo, "commit_files")[0].id == "2026-01-03-commit-files"


# -- what is brought unasked --------------------------------------------------------------------


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Return a repository that holds each first text of the labelled pairs as a learning."""
    pairs = yaml.safe_load((SUPPORT / "learning_pairs.yaml").read_text("utf-8"))
    files = {}
    for number, text in enumerate(dict.fromkeys(pair["a"] for pair in pairs)):
        title, _, pattern = text.partition(". ")
        files[f".agentops/learnings/2026-01-01-{number:02}.md"] = (
            f"# Learning: {title}\n\n## Pattern\n\n{pattern}\n\n## Evidence\n\nCommit abc shows it.\n\n"
            "## Application\n\nDo so next time.\n\n## Reusability\n\nHolds elsewhere too.\n"
        )
    root = tmp_path_factory.mktemp("learned")
    trees.write_tree(root, files)
    trees.git(root, "init", "-q", "-b", "main")
    return Repo.open(root)


def questions() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((SUPPORT / "recall_questions.yaml").read_text("utf-8"))
    return found


@pytest.mark.parametrize("half", [0, 1], ids=["chosen on", "held out"])
def test_the_floor_brings_what_helps_and_nothing_beside_the_point(learned: Repo, half: int) -> None:
    asked = questions()[half::2]
    brought = [(one["about"], [hit.heading for hit in relevant(learned, one["task"], budget=300)]) for one in asked]
    wanted = [(about, titles) for about, titles in brought if about]
    unwanted = [titles for about, titles in brought if not about]
    assert len(wanted) == len(unwanted) == 15
    assert sum(any(title.startswith(about) for title in titles) for about, titles in wanted) >= 14
    assert sum(bool(titles) for titles in unwanted) == 0


def test_the_floor_is_not_there_for_nothing(learned: Repo) -> None:
    beside = [one["task"] for one in questions() if not one["about"]]
    found = [recall.recall(learned, task, limit=1) for task in beside]
    assert sum(bool(hits) and hits[0].cover < RELEVANT for hits in found) >= 20


@pytest.mark.parametrize("budget", [0, 20, 60, 300])
def test_what_is_brought_fits_its_budget(learned: Repo, budget: int) -> None:
    lines = [hit.line for hit in relevant(learned, "retry 503 backoff deploy schema column code", budget=budget)]
    assert count("\n".join(lines)) <= budget


def test_a_runs_own_documents_are_not_brought_to_itself(repo: Repo) -> None:
    assert ids(relevant(repo, "OAuth2 login", budget=300)) == ["2026-01-01-oauth2-research"]
    assert relevant(repo, "OAuth2 login", budget=300, without="2026-01-01-oauth2") == []


# -- speed --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_warm_question_costs_a_fraction_of_a_cold_one(tmp_path: Path) -> None:
    """As a ratio, for machines differ: reading 500 bundles and 2,000 commits again would cost many times as much."""
    root = trees.make_repo(tmp_path / "repo")
    section = "\n\n## Part {0}\n\n" + "\n".join(f"The retry budget of host {{0}} is word{n} long." for n in range(20))
    for number in range(500):
        body = "".join(section.format(part) for part in range(10))
        trees.write_tree(root, {f".agentops/bundles/2026-01-01-{number}.md": f"# Research: {number}{body}\n"})
    repo = Repo.open(root)

    begun = time.perf_counter()
    first = recall.recall(repo, "What is the retry budget of a host?")
    cold = time.perf_counter() - begun
    begun = time.perf_counter()
    again = recall.recall(repo, "What is the retry budget of a host?")
    warm = time.perf_counter() - begun

    assert first == again
    assert warm < cold / 5
