"""Real ``git commit`` with the two message commands as its hooks."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support import runs, trees

if TYPE_CHECKING:
    from pathlib import Path

HOOK = """\
#!/bin/sh
exec "{python}" -c '
import sys
from agentops_kit.cli import boundary
from agentops_kit.cli.commit_message import {name} as command
sys.exit(boundary.run(lambda: command(sys.argv[1:], standalone_mode=False)))
' "$@"
"""
EDITOR = """\
#!/bin/sh
cp "$1" "{seen}"
{act}
"""
SECTIONS = "constitution: {severity: {law-1: strict, law-2: strict, law-3: strict}, sections: [feat]}\n"
GOOD = """\
feat: retry per host

Context: eu-1 got no retries while us-2 was down.
Solution: keep a counter per host in `RetryBudget`.
Learning: Retry budget must be per host: a global one starved eu-1.
Impact: p99 of /pay in eu-1 falls from 9 s to 400 ms.
"""


@pytest.fixture
def root(repo_dir: Path) -> Path:
    trees.write_tree(repo_dir, runs.SOURCE)
    trees.commit_all(repo_dir, "feat: greet")
    hooks = {"commit-msg": "check_file", "prepare-commit-msg": "prepare_file"}
    trees.write_tree(
        repo_dir, {f".git/hooks/{hook}": HOOK.format(python=sys.executable, name=name) for hook, name in hooks.items()}
    )
    return repo_dir


def commit(root: Path, *arguments: str, edit: str = "") -> subprocess.CompletedProcess[str]:
    """Commit as a person does; ``edit`` is the shell line that stands for the editor."""
    environ = {**os.environ, "GIT_AUTHOR_DATE": trees.FIXED_DATE, "GIT_COMMITTER_DATE": trees.FIXED_DATE}
    if edit:
        trees.write_tree(root.parent, {"editor": EDITOR.format(seen=root.parent / "seen", act=edit)})
        environ["GIT_EDITOR"] = f"'{root.parent / 'editor'}'"
    command = ["git", "commit", "--allow-empty", *arguments]
    return subprocess.run(command, cwd=root, env=environ, capture_output=True, text=True, check=False)


def message(root: Path) -> str:
    return trees.git(root, "log", "-1", "--format=%B")


def test_a_conventional_message_passes_in_silence(root: Path) -> None:
    done = commit(root, "-m", "fix: greet twice")

    assert (done.returncode, done.stderr) == (0, "")


def test_another_message_is_refused_kept_and_said_how_to_mend(root: Path) -> None:
    done = commit(root, "-m", "Greet twice")

    assert done.returncode != 0
    assert "has no type" in done.stderr
    assert "COMMIT_EDITMSG" in done.stderr
    assert (root / ".git/COMMIT_EDITMSG").read_text(encoding="utf-8") == "Greet twice\n"
    assert message(root) == "feat: greet"


@pytest.mark.parametrize(("enforcement", "said"), [("warn", "advice"), ("off", "")])
def test_the_workspace_decides_how_hard_it_bites(root: Path, enforcement: str, said: str) -> None:
    trees.write_tree(root, {".agentops/config.yaml": f"enforcement: {enforcement}\n"})

    done = commit(root, "-m", "Greet twice")

    assert done.returncode == 0
    assert (said in done.stderr) if said else not done.stderr


def test_sections_are_checked_as_headings_and_as_words(root: Path) -> None:
    trees.write_tree(root, {".agentops/config.yaml": SECTIONS})

    words = commit(root, "-m", GOOD)
    headings = commit(root, "-m", GOOD.replace("Context: ", "## Context\n").replace("Impact: ", "\n## Impact\n"))
    hollow = commit(
        root, "-m", GOOD.replace("Retry budget must be per host: a global one starved eu-1.", "We learned some stuff.")
    )

    assert (words.returncode, headings.returncode, hollow.returncode) == (0, 0, 1), words.stderr + headings.stderr
    assert "Learning names nothing" in hollow.stderr


def test_headings_that_an_editor_would_lose_are_explained(root: Path) -> None:
    trees.write_tree(root, {".agentops/config.yaml": SECTIONS})
    lines = GOOD.replace("Context: ", "## Context\\n").replace("\n", "\\n").replace("`", "")

    done = commit(root, edit=f"printf '{lines}' > \"$1\"")

    assert done.returncode != 0
    assert "lines that begin with `#`" in done.stderr


def test_merges_reverts_and_fixups_pass(root: Path) -> None:
    trees.git(root, "checkout", "--quiet", "-b", "side")
    commit(root, "-m", "fix: on the side")
    trees.git(root, "checkout", "--quiet", "main")
    commit(root, "-m", "fix: on main")

    trees.git(root, "merge", "--quiet", "--no-ff", "--no-edit", "side")
    trees.git(root, "merge", "--quiet", "--no-ff", "-m", "Take the side in", "side^0")
    fixup = commit(root, "--fixup", "HEAD")
    trees.git(root, "commit", "--quiet", "--allow-empty", "-m", "chore: last")
    revert = subprocess.run(
        ["git", "revert", "--no-edit", "HEAD^{/fix: on main}"], cwd=root, capture_output=True, check=False
    )

    assert fixup.returncode == 0
    assert b"has no type" not in revert.stderr


def test_the_hook_leaves_index_work_tree_and_message_alone(root: Path) -> None:
    trees.write_tree(root, {"src/app.py": "changed = 1\n", "new.txt": "untracked\n"})
    trees.git(root, "add", "src/app.py")
    before = (trees.snapshot(root), trees.git(root, "ls-files", "--stage"))

    done = commit(root, "-m", "Greet twice")

    assert done.returncode != 0
    assert (trees.snapshot(root), trees.git(root, "ls-files", "--stage")) == before


def test_a_draft_from_the_run_waits_in_the_editor_as_comments(root: Path) -> None:
    runs.in_implement(runs.desk_at(root))

    closed_at_once = commit(root, edit="true")
    seen = (root.parent / "seen").read_text(encoding="utf-8")
    taken_up = commit(root, edit="""sed -i 's/^# feat: greet politely$/feat: greet politely/' "$1\"""")

    assert closed_at_once.returncode != 0
    assert "# feat: greet politely" in seen
    assert "# - src/app.py: The greeting ends with an exclamation mark." in seen
    assert taken_up.returncode == 0, taken_up.stderr
    assert message(root) == "feat: greet politely"


def test_without_a_run_and_with_a_message_nothing_is_drafted(root: Path) -> None:
    without = commit(root, edit="""echo 'fix: mine' > "$1\"""")
    seen = (root.parent / "seen").read_text(encoding="utf-8")
    runs.in_implement(runs.desk_at(root))
    given = commit(root, "-m", "fix: mine too")

    assert (without.returncode, given.returncode) == (0, 0)
    assert "Drafted" not in seen
    assert message(root) == "fix: mine too"


def test_a_broken_record_never_stops_a_commit_from_being_drafted(root: Path) -> None:
    trees.write_tree(root, {".agentops/runs/2026-01-01-x.yaml": "not: a run\n"})

    done = commit(root, edit="""echo 'fix: mine' > "$1\"""")

    assert done.returncode == 0
    assert "no draft for this message" in done.stderr


def test_a_linked_worktree_has_the_same_hooks_and_its_own_merge_state(root: Path) -> None:
    linked = root.parent / "linked tree"
    trees.git(root, "worktree", "add", "--quiet", "-b", "other", str(linked))

    refused, passed = commit(linked, "-m", "Greet twice"), commit(linked, "-m", "fix: greet twice")

    assert (refused.returncode, passed.returncode) == (1, 0)
