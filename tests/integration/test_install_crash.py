from __future__ import annotations

from pathlib import Path

import pytest

from agentops_kit.install import apply, journal, service
from agentops_kit.install.actions import Action, InstallPlan
from agentops_kit.install.pending import is_pending
from agentops_kit.install.snapshot import ABSENT, Seen
from agentops_kit.memory.git import Repo
from tests.support import installing, kills, trees

HERE = Path(__file__).parents[2]


@pytest.mark.crash
@pytest.mark.slow
@pytest.mark.parametrize(
    "what", ["install", "reinstall", pytest.param("upgrade", marks=pytest.mark.heavy), "uninstall"]
)
def test_killed_at_any_point_leaves_the_old_or_the_new_tree(what: str, tmp_path: Path) -> None:
    found = kills.report("install_crash", what, str(tmp_path))

    assert found["problems"] == []
    assert found["differs"]
    assert len(found["points"]) >= 15


def test_recovery_is_one_look_when_there_is_nothing_to_mend(repo_dir: Path) -> None:
    assert apply.recover(Repo.open(repo_dir)) == ""


@pytest.mark.parametrize("finished", [False, True])
def test_what_the_user_changed_between_crash_and_recovery_stays(repo_dir: Path, finished: bool) -> None:
    repo = Repo.open(repo_dir)
    plan = InstallPlan((Action("create", "one", "", ABSENT, Seen("file", b"ours", 0o644)),))
    steps = [journal.Step(one.base, one.path, one.before, one.after) for one in plan.actions]
    journal.begin(repo, steps)
    if finished:
        (repo.state_dir / "journal" / "done").touch()
    (repo_dir / "one").write_text("theirs")

    state = apply.recover(repo)

    assert state == ("new" if finished else "old")
    assert (repo_dir / "one").read_text() == "theirs"
    assert not is_pending(repo)


def test_the_next_command_mends_a_killed_install(repo_dir: Path) -> None:
    before = trees.snapshot(repo_dir)
    repo = Repo.open(repo_dir)
    plan = service.prepare(repo, installing.wanted())
    steps = [journal.Step(one.base, one.path, one.before, one.after) for one in plan.changes]
    journal.begin(repo, steps)
    for step in steps[:5]:
        journal.bring(step.place(repo), step.after)
    assert trees.snapshot(repo_dir) != before

    result = service.remove(repo, dry_run=True)

    assert result.recovered == "old"
    assert trees.snapshot(repo_dir) == before


def test_an_intent_that_was_never_finished_is_forgotten(repo_dir: Path) -> None:
    repo = Repo.open(repo_dir)
    (repo.state_dir / "journal").mkdir(parents=True)
    (repo.state_dir / "journal" / "intent.json.tmp").write_text('[["workspace"')

    installing.install(repo_dir)

    assert not is_pending(repo)
