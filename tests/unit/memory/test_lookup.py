from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentops_kit.memory import cache, lookup, passages, recall
from agentops_kit.memory.git import Repo
from agentops_kit.memory.passages import Passage
from agentops_kit.text.rank import Tally, score
from tests.support import trees

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path


def ask(repo: Repo, words: str) -> list[str]:
    return [one.id for one in recall.recall(repo, words)]


def counted(repo: Repo, table: str) -> int:
    def work(connection: sqlite3.Connection) -> int:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - a table of ours

    return cache.use(repo, lookup.NAME, lookup.SCHEMA, work)


def test_scores_are_those_of_the_ranking_package(repo_dir: Path) -> None:
    texts = ["retry retry budget", "retry the call", "a budget of the host and the retry of it all", "nothing here"]
    files = {f".agentops/learnings/{n}.md": f"# Learning: l{n}\n\n{text}\n" for n, text in enumerate(texts)}
    trees.write_tree(repo_dir, files)
    repo = Repo.open(repo_dir)

    found = recall.recall(repo, "retry budget")

    held = [passages.terms(passages.of_learning(text)[0]) for text in files.values()]
    whole = [*held, passages.terms(Passage("Start", 0, ""))]
    mean = sum(sum(one.values()) for one in whole) / len(whole)
    weights = cache.use(
        repo, lookup.NAME, lookup.SCHEMA, lambda connection: lookup.rarities(connection, ["retri", "budget"])
    )
    for hit in found:
        terms = held[int(hit.id)]
        tally = Tally({term: terms[term] for term in weights if term in terms}, sum(terms.values()))
        assert hit.score == pytest.approx(score(tally, weights, mean), abs=1e-3)
    assert len(found) == 3


def test_two_files_of_the_same_bytes_are_one_passage_until_both_are_gone(repo_dir: Path) -> None:
    text = "# Learning: Zebra crossings\n"
    trees.write_tree(repo_dir, {".agentops/learnings/a.md": text, ".agentops/learnings/b.md": text})
    repo = Repo.open(repo_dir)
    assert len(ask(repo, "zebra")) == 1
    for name in ask(repo, "zebra"):
        (repo_dir / f".agentops/learnings/{name}.md").unlink()
    (left,) = ask(repo, "zebra")
    (repo_dir / f".agentops/learnings/{left}.md").unlink()
    assert ask(repo, "zebra") == []


def test_what_no_worktree_holds_is_taken_out(repo_dir: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    trees.git(repo_dir, "worktree", "add", "-q", str(other), "-b", "other")
    trees.write_tree(other, {".agentops/learnings/a.md": "# Learning: Zebra crossings\n"})
    repo = Repo.open(repo_dir)
    assert ask(Repo.open(other), "zebra") == ["a"]
    assert ask(repo, "start")
    before = counted(repo, "passage"), counted(repo, "place")

    shutil.rmtree(other)
    trees.git(repo_dir, "worktree", "prune")
    trees.write_tree(repo_dir, {".agentops/learnings/b.md": "# Learning: Giraffe\n"})
    assert ask(repo, "giraffe") == ["b"]

    assert (counted(repo, "passage"), counted(repo, "place")) == (before[0], before[1] - 1)
    assert counted(repo, "posting WHERE term = 'zebra'") == 0


def test_many_askers_at_once_make_one_index(repo_dir: Path) -> None:
    files = {f".agentops/bundles/{n}.md": f"# Plan: retry {n}\n\nThe budget of host {n}.\n" for n in range(40)}
    trees.write_tree(repo_dir, files)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: ask(Repo.open(repo_dir), "retry budget"), range(12)))
    assert all(answer == answers[0] for answer in answers)
    assert counted(Repo.open(repo_dir), "passage") == 41


def test_a_read_only_cache_answers_all_the_same(repo_dir: Path) -> None:
    trees.write_tree(repo_dir, {".agentops/learnings/a.md": "# Learning: Zebra\n"})
    repo = Repo.open(repo_dir)
    repo.cache_dir.parent.mkdir(parents=True, exist_ok=True)
    repo.cache_dir.write_text("a file where the folder would be")
    assert ask(repo, "zebra") == ["a"]


@settings(max_examples=60)
@given(st.text(max_size=300))
def test_any_markdown_is_cut_and_no_word_of_its_text_is_lost(text: str) -> None:
    cut = passages.of_markdown(text)
    assert all(one.line >= 1 for one in cut)
    assert all(len(one.text) <= 4000 for one in cut)
    assert passages.of_markdown(f"# A\n\n{text}")


def test_headings_front_matter_code_and_long_sections() -> None:
    long = "\n".join(f"line {n}" for n in range(50))
    text = f"---\nid: x\n---\n# Plan: One\n\nfirst\n\n## Two\n```\n# no heading\n```\n## Three\n{long}\n"
    cut = passages.of_markdown(text)
    assert [(one.heading, one.line) for one in cut] == [
        ("Plan: One", 6),
        ("Plan: One — Two", 9),
        ("Plan: One — Three", 13),
        ("Plan: One — Three", 53),
    ]
    assert text.splitlines()[cut[3].line - 1] == "line 40"
    assert passages.title_of(text) == "Plan: One"


@pytest.mark.parametrize("record", [None, [], "x", {}, {"tasks": 1, "history": "x", "evidence": [1]}])
def test_what_is_no_record_says_little(record: object) -> None:
    assert all(not one.text for one in passages.of_run(record))
