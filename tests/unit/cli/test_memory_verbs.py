from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from agentops_kit.tokens.count import count
from tests.support import runs, trees

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Command

PROGRESS = """\
# Progress: greet politely

## Done
- src/app.py:3 ends with an exclamation mark, seen with grep

## Remaining
1. the documents still say hello without one
"""
LEARNING = """\
# Greetings are compared by callers

## Pattern
Look for callers that compare a text before changing it.

## Evidence
src/app.py line 3 was compared in two places.

## Application
Search for the text in quotes across the tests first.

## Reusability
Holds for every text that a program prints and another reads.
"""


def test_printing_a_bundle_commits_nothing_and_repeats(call: Command, root: Path, tmp_path: Path) -> None:
    (tmp_path / "task.txt").write_text(runs.TASK, encoding="utf-8")
    arguments = ("bundle", "make", "--task-file", str(tmp_path / "task.txt"), "--budget", "1000", "--print")
    head = trees.git(root, "rev-parse", "HEAD")

    first, second = call(*arguments), call(*arguments)

    assert first.status == 0
    assert first.out == second.out
    assert "src/app.py" in first.out
    assert trees.git(root, "rev-parse", "HEAD") == head
    assert trees.git(root, "status", "--porcelain") == ""


def test_a_bundle_is_made_listed_shown_verified_and_loaded(call: Command) -> None:
    made = json.loads(call("bundle", "make", runs.TASK, "--json").out)
    said = call("bundle", "make", "where is the greeting documented?")

    listed = call("bundle", "list")
    as_json = json.loads(call("bundle", "list", "--json").out)

    assert ":1; " in said.out
    assert made["id"] in listed.out
    assert len(as_json) == 2
    assert call("bundle", "show", made["id"]).out.startswith("# Research")
    assert json.loads(call("bundle", "show", "latest", "--json").out)["body"]
    assert "is sound" in call("bundle", "verify", made["id"]).out
    assert json.loads(call("bundle", "verify", made["id"], "--json").out)["problems"] == []
    assert call("bundle", "load", made["id"]).out.startswith("---\nschema: agentops.bundle/1")


def test_the_kits_own_committed_files_are_no_source(call: Command, root: Path) -> None:
    call("install", "--profile", "devops")
    trees.commit_all(root, "chore: install")

    made = json.loads(call("bundle", "make", "How does greet work, plan and research?", "--json").out)

    paths = {source["path"] for source in made["sources"]}
    assert "src/app.py" in paths
    assert not any(path.startswith((".claude/", ".agentops/")) for path in paths)


def test_no_bundles_yet(call: Command) -> None:
    assert "no bundle yet" in call("bundle", "list").out


def test_a_stale_bundle_does_not_verify(call: Command, root: Path) -> None:
    call("bundle", "make", runs.TASK)
    trees.write_tree(root, {"src/app.py": "def greet():\n    pass\n"})
    trees.commit_all(root, "fix: greet")

    said = call("bundle", "verify")

    assert said.status == 8
    assert "src/app.py changed since" in said.out


def test_a_broken_bundle_is_named_not_hidden(call: Command, root: Path) -> None:
    trees.write_tree(root, {".agentops/bundles/x.md": "no front matter\n"})

    assert "x.md is not a bundle" in call("bundle", "list").err


def test_near_names_are_suggested(call: Command) -> None:
    made = json.loads(call("bundle", "make", runs.TASK, "--json").out)

    said = call("bundle", "show", made["id"].replace("greet", "gret"))

    assert said.status == 2
    assert made["id"] in said.err


def test_a_text_is_kept_as_progress_of_the_run(call: Command, root: Path) -> None:
    runs.in_research(runs.desk_at(root))

    said = json.loads(call("bundle", "save", "--file", "-", "--json", stdin=PROGRESS).out)

    assert said["kind"] == "progress"
    assert said["id"].endswith("-progress")
    assert trees.git(root, "status", "--porcelain") == ""


def test_an_edited_artefact_is_recounted_and_kept(call: Command, root: Path) -> None:
    desk = runs.desk_at(root)
    run = runs.in_research(desk)
    path = root / run.artefacts["research"]
    path.write_text(path.read_text() + "\nMore words that were found later.\n", encoding="utf-8")

    said = call("bundle", "save")

    assert said.status == 0
    assert call("bundle", "verify", path.stem).status == 0


@pytest.mark.parametrize(
    ("arguments", "stdin", "status"),
    [(("bundle", "save"), "", 2), (("bundle", "save", "--file", "-"), "x", 5), (("bundle", "make", ""), "", 2)],
)
def test_bad_input_is_refused(call: Command, arguments: tuple[str, ...], stdin: str, status: int) -> None:
    assert call(*arguments, stdin=stdin).status == status


def test_loading_into_a_full_context_is_refused(call: Command, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = json.loads(call("bundle", "make", runs.TASK, "--json").out)
    transcript(root, monkeypatch, 90_000)

    refused = call("bundle", "load", made["id"])
    forced = call("bundle", "load", made["id"], "--force")

    assert refused.status == 4
    assert "limit 40%" in refused.err
    assert forced.status == 0


def test_loading_asks_for_room_for_all_that_it_prints(
    call: Command, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = call("bundle", "make", runs.TASK, "--json")
    whole = count(call("bundle", "load", json.loads(made.out)["id"]).out)
    transcript(root, monkeypatch, 80_000 - whole)

    refused = call("bundle", "load")
    transcript(root, monkeypatch, 80_000 - whole - 1)

    assert refused.status == 4
    assert f"({whole:,} tokens)" in refused.err
    assert call("bundle", "load").status == 0


def test_budget_draws_the_use_of_the_newest_session(call: Command, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "No transcript" in call("budget").out
    assert json.loads(call("budget", "--json").out) == {"tokens": None}
    transcript(root, monkeypatch, 90_000)

    said = call("budget", "--window", "200000")
    as_json = json.loads(call("budget", "--json").out)

    assert said.out.startswith("red")
    assert "45% of 200,000" in said.out
    assert (as_json["band"], as_json["share"]) == ("red", 0.45)


def transcript(root: Path, monkeypatch: pytest.MonkeyPatch, tokens: int) -> None:
    """Leave what Claude Code would have written of a session in this workspace."""
    import os

    name = "".join(letter if letter.isalnum() else "-" for letter in str(root.resolve()))
    usage = {"input_tokens": 3, "cache_read_input_tokens": tokens - 3, "output_tokens": 5}
    line = {"type": "assistant", "isSidechain": False, "message": {"id": "m", "usage": usage}}
    trees.write_tree(root.__class__(os.environ["HOME"]), {f".claude/projects/{name}/s1.jsonl": json.dumps(line) + "\n"})
    monkeypatch.setenv("CLAUDE_CODE_SESSION_ID", "s1")


def test_learnings_are_kept_listed_and_refused_when_thin(call: Command) -> None:
    template = call("learn", "--template")
    saved = json.loads(call("learn", "--file", "-", "--json", stdin=LEARNING).out)
    again = call("learn", "--file", "-", stdin=LEARNING)
    new = call("learn", "--file", "-", "--new", stdin=LEARNING)

    listed = call("learn")

    assert "## Pattern" in template.out
    assert saved["id"] in listed.out
    assert again.out.startswith(f"again     .agentops/learnings/{saved['id']}.md\nseen      2 times")
    assert new.out.startswith("learning  .agentops/learnings/")
    named = json.loads(call("learn", "--file", "-", "--same-as", saved["id"], "--json", stdin=LEARNING).out)
    assert (named["id"], named["again"], named["seen"]) == (saved["id"], True, 3)
    assert call("learn", "--file", "-", "--new", "--same-as", "x", stdin=LEARNING).status == 2
    assert len(json.loads(call("learn", "--json").out)) == 2
    thin = call("learn", "--file", "-", stdin="# x\n\n## Pattern\nWe learned some stuff.\n")
    assert thin.status == 5
    assert "## Evidence" in thin.err


def test_a_secret_in_a_learning_is_taken_out(call: Command, root: Path) -> None:
    secret = "ghp_" + "k3J9xQ2mVb7Lr5TzWc8NfYd4HgPs6AeUq1Xo"
    said = call("learn", "--file", "-", "--json", stdin=LEARNING + f"\nThe token was {secret} then.\n")
    assert "was taken out" in said.err
    kept = (root / ".agentops/learnings" / f"{json.loads(said.out)['id']}.md").read_text("utf-8")
    assert secret not in kept


def test_recall_searches_what_is_kept(call: Command) -> None:
    saved = json.loads(call("learn", "--file", "-", "--json", stdin=LEARNING).out)
    shown = call("recall", "greetings compared by callers")
    assert saved["id"] in shown.out
    assert "words:" in shown.out
    (found,) = json.loads(call("recall", "greetings compared by callers", "--kind", "learning", "--json").out)
    assert (found["id"], found["kind"]) == (saved["id"], "learning")
    assert "Nothing is kept yet" in call("recall", "zebra crossing").out
    assert saved["id"] in call("prime", "Are the greetings compared by callers?").out


def test_tokens_are_counted_for_files_and_standard_input(call: Command, root: Path) -> None:
    one = call("tokens", "count", "src/app.py")
    several = call("tokens", "count", "src/app.py", "docs/greeting.md")
    as_json = json.loads(call("tokens", "count", "--json", "--encoding", "cl100k_base", stdin="hello world").out)
    named = call("tokens", "count", "-", stdin="hello world").out

    assert int(one.out) > 5
    assert named == "2\n"
    assert "total" in several.out
    assert as_json == {"encoding": "cl100k_base", "files": {"-": 2}, "total": 2}
    assert call("tokens", "count", "--encoding", "p50k", stdin="x").status == 2
