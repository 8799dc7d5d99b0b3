"""scripts/judgement as a person starts it: clones in, a table out that the kit ranks by."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from agentops_kit.bundles import code, index, judgement, signals
from agentops_kit.bundles.forest import Forest, Tree
from agentops_kit.bundles.judgement import Judgement, Linear
from agentops_kit.memory.git import Repo
from agentops_kit.text.words import query
from tests.support import source
from tests.support.trees import commit_all, make_repo, write_tree

if TYPE_CHECKING:
    from pathlib import Path

TOPICS = ("token", "cache", "socket", "parser", "colour", "retry")


def history(root: Path) -> Repo:
    """Make a repository with one module a topic, and a fix in each."""
    bodies = {topic: f"def {topic}_open(value):\n    size = len(value)\n    return size\n" for topic in TOPICS}
    make_repo(root, {f"app/{topic}.py": body for topic, body in bodies.items()})
    for topic in TOPICS:
        write_tree(root, {f"app/{topic}.py": bodies[topic].replace("len(value)", "len(value or [])")})
        commit_all(root, f"Fix the {topic} when its value is none at all")
    return Repo.open(root)


def program(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(source.ROOT / "scripts" / "judgement"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


@pytest.mark.heavy
def test_what_it_writes_is_what_the_kit_ranks_by(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = history(tmp_path / "clones" / "one")
    history(tmp_path / "clones" / "two")
    table = tmp_path / "judgement.json"
    kept = tmp_path / "facts"

    done = program(str(tmp_path / "clones"), str(table), "--facts", str(kept), "--definition", "0.5")

    assert done.returncode == 0, done.stderr
    assert "12 tasks of 2 repositories" in done.stdout
    assert "opened f@1" in done.stdout
    held = json.loads(table.read_text())
    assert held["worth"]["definition"] == 0.5
    assert sorted(path.name for path in kept.iterdir()) == ["one.facts", "two.facts"]
    lines, definitions = (Forest([Tree(*map(tuple, tree)) for tree in held[name]]) for name in ("lines", "definitions"))
    files, opened, worth = Linear(held["files"]), Linear(held["opened"]), held["worth"]
    learned = Judgement(files, opened, lines, definitions, worth["definition"], worth["shares"])
    monkeypatch.setattr(code, "judgement", lambda: learned)
    wanted = query("Fix the parser when its value is none at all")
    picks, _ = index.use(repo, repo.require_head(), lambda one: code.explore(one, wanted, signals.read(one, wanted)))
    assert picks[0].file.path == "app/parser.py"


@pytest.mark.heavy
def test_the_same_facts_give_the_same_table(tmp_path: Path) -> None:
    for name in ("one", "two"):
        history(tmp_path / "clones" / name)

    tables = []
    for at in range(2):
        table = tmp_path / f"{at}.json"
        program(str(tmp_path / "clones"), str(table), "--facts", str(tmp_path / "facts"))
        tables.append(table.read_bytes())

    assert tables[0] == tables[1]


@pytest.mark.heavy
def test_one_repository_is_not_enough_to_check_on(tmp_path: Path) -> None:
    history(tmp_path / "clones" / "one")

    done = program(str(tmp_path / "clones"), str(tmp_path / "table.json"))

    assert done.returncode == 2
    assert "fewer than 2 repositories" in done.stderr
    assert not (tmp_path / "table.json").exists()


def test_the_shipped_table_names_the_columns_the_kit_reads() -> None:
    held = judgement.judgement()

    assert set(held.files.weights) < set(held.opened.weights)
    assert {"piece", "pieces", "piece rank"} == set(held.opened.weights) - set(held.files.weights)
    assert 0 < held.definition < 2
    assert 0 <= held.shares < 2
