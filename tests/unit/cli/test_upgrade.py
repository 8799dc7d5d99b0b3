from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support import trees

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Command

PLAN = ".claude/commands/plan.md"


@pytest.fixture
def behind(root: Path, call: Command) -> Path:
    """Return a workspace with an older text of a command, as an earlier version shipped it."""
    call("install", "--profile", "base")
    now = (root / PLAN).read_text()
    older = now.replace("## Stop when", "## Halt when")
    assert older != now
    _pretend_shipped(root, now, older)
    return root


def _pretend_shipped(root: Path, now: str, older: str) -> None:
    from agentops_kit.install import copies, manifest
    from agentops_kit.install.snapshot import digest
    from agentops_kit.memory.git import Repo

    path = root / manifest.PATH
    path.write_text(path.read_text().replace(digest(now.encode()), digest(older.encode())))
    copies.keep(Repo.open(root), [older.encode()])
    (root / PLAN).write_text(older)


def edit(root: Path, old: str, new: str) -> None:
    text = (root / PLAN).read_text()
    assert old in text
    (root / PLAN).write_text(text.replace(old, new))


def test_there_is_nothing_to_upgrade_without_an_install(call: Command) -> None:
    said = call("upgrade", "--check")

    assert said.status == 2
    assert "nothing to upgrade" in said.err


def test_a_current_workspace_is_said_to_be_so(root: Path, call: Command) -> None:
    call("install", "--profile", "base")
    before = trees.snapshot(root)

    checked, done = call("upgrade", "--check"), call("upgrade")

    assert (checked.status, done.status) == (0, 0)
    assert "of this version" in checked.out
    assert "of this version" in done.out
    assert trees.snapshot(root) == before


def test_a_check_says_what_would_change_and_why_and_writes_nothing(behind: Path, call: Command) -> None:
    before = trees.snapshot(behind)

    said = call("upgrade", "--check")
    data = json.loads(call("upgrade", "--check", "--json").out)

    assert said.status == 8
    assert f"+ {PLAN}  (newer text; you had not edited it; +1 -1 lines)" in said.out
    assert "Run `agentops upgrade`" in said.err
    assert not data["current"]
    assert data["from"] == data["to"]
    assert trees.snapshot(behind) == before


def test_a_dry_run_says_what_then_happens(behind: Path, call: Command) -> None:
    edit(behind, "description:", "description: My")
    before = trees.snapshot(behind)

    promised = json.loads(call("upgrade", "--dry-run", "--json").out)
    assert trees.snapshot(behind) == before
    done = call("upgrade", "--json")

    assert {**json.loads(done.out), "dry_run": True} == promised
    assert [action["path"] for action in promised["actions"] if action["action"] == "merge"] == [PLAN]
    text = (behind / PLAN).read_text()
    assert "## Stop when" in text
    assert "description: My" in text


def test_a_conflict_is_shown_with_the_command_that_settles_it(behind: Path, call: Command) -> None:
    edit(behind, "## Halt when", "## Never halt")

    checked, done = call("upgrade", "--check"), call("install", "--upgrade")
    settled = call("upgrade", "--take", PLAN)

    assert checked.status == 8
    assert "1 for you to settle" in checked.err
    for said in (checked, done):
        assert f"= {PLAN}  (yours stays: you and this version changed one place differently)" in said.out
        assert f"  resolve agentops upgrade --mark {PLAN}" in said.out
        assert "of this version" not in said.out
        assert "--keep stays with yours" in said.out
    assert settled.status == 0
    assert "## Stop when" in (behind / PLAN).read_text()
    assert ".git/agentops/backups/" in settled.out


def test_a_path_may_be_named_from_the_current_folder(
    behind: Path, call: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(behind, "## Halt when", "## Never halt")
    monkeypatch.chdir(behind / ".claude/commands")

    said = call("upgrade", "--mark", "plan.md")

    assert said.status == 0
    assert "conflict markers" in said.out
    assert "<<<<<<< yours" in (behind / PLAN).read_text()


def test_two_choices_for_one_file_are_refused(behind: Path, call: Command) -> None:
    said = call("upgrade", "--keep", PLAN, "--take", PLAN)

    assert said.status == 2
    assert "Choose one" in said.err


def test_an_uninstall_names_the_backups_it_leaves(behind: Path, call: Command) -> None:
    edit(behind, "description:", "description: My")
    call("upgrade")

    said = call("uninstall")

    assert "--purge takes them, too" in said.out
    assert (behind / ".git/agentops/backups").is_dir()
