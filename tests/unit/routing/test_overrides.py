from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from agentops_kit.errors import ContentInvalid
from agentops_kit.memory.git import Repo
from agentops_kit.routing import index, overrides, rank
from agentops_kit.routing.overrides import Override
from tests.support import trees
from tests.unit.routing.candidates import ALL

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
TASK = "the backup of the logo colours"


def record(root: Path, task: str, to: str, at: str = "2026-11-21T09:00:00+00:00", said: str = "") -> str:
    return overrides.record(Repo.open(root), Override(task, to, at, said), NOW)


def test_an_override_is_a_commit_of_one_file_that_reads_back(repo_dir: Path) -> None:
    path = record(repo_dir, 'say: "hello"\nnow', "plan", said="cpp-pro")

    assert trees.git(repo_dir, "show", "--name-only", "--format=%s").split() == [
        *"chore(agentops): route to plan".split(),
        path,
    ]
    assert overrides.listing(repo_dir) == [Override('say: "hello" now', "plan", "2026-11-21T09:00:00+00:00", "cpp-pro")]


def test_two_branches_merge_without_a_conflict(repo_dir: Path) -> None:
    trees.git(repo_dir, "switch", "-q", "-c", "side")
    record(repo_dir, TASK, "plan")
    trees.git(repo_dir, "switch", "-q", "-")
    record(repo_dir, TASK, "cpp-pro")

    trees.git(repo_dir, "merge", "-q", "--no-edit", "side")

    assert {one.id for one in overrides.listing(repo_dir)} == {"plan", "cpp-pro"}


def test_what_a_person_decided_is_learned() -> None:
    said = index.compiled(ALL)
    before = said.ids[rank.rank(said, rank.read(TASK)).order[0]]
    learned = index.compiled(overrides.learned(ALL, [Override(TASK, "cpp-pro", "1", before)]))

    assert before != "cpp-pro"
    assert learned.ids[rank.rank(learned, rank.read(TASK)).order[0]] == "cpp-pro"


def test_the_last_decision_on_a_task_holds() -> None:
    said = [Override(TASK, "cpp-pro", "1"), Override(TASK.upper(), "plan", "2", "cpp-pro")]

    found = {one.id: one for one in overrides.learned(ALL, said)}

    assert TASK not in found["cpp-pro"].examples
    assert TASK.upper() in found["plan"].examples
    assert TASK.upper() in found["cpp-pro"].near_misses


def test_old_decisions_fade_as_new_ones_come() -> None:
    said = [Override(f"task {number}", "plan", f"{number:03}") for number in range(30)]

    examples = {one.id: one for one in overrides.learned(ALL, said)}["plan"].examples

    assert len(examples) == 20
    assert "task 29" in examples
    assert "task 0" not in examples


def test_a_secret_in_a_task_is_not_kept(repo_dir: Path) -> None:
    secret = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" + "k1L2m3N4o5P6q7R8"

    path = record(repo_dir, f"push with token {secret} to the mirror", "plan")

    assert secret not in (repo_dir / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ["task: [", "task: " + "[" * 3_000, "id: plan\n", "- a\n", "task: a\nid: b\n"])
def test_a_broken_file_is_named(repo_dir: Path, text: str) -> None:
    trees.write_tree(repo_dir, {f"{overrides.FOLDER}/x.yaml": text})

    with pytest.raises(ContentInvalid, match=r"x\.yaml"):
        overrides.listing(repo_dir)


def test_signs_beyond_the_first_plane_read_back_as_written_and_by_an_older_kit(repo_dir: Path) -> None:
    record(repo_dir, "🎉 set 𝄞 in 𠀀", "plan")
    older = 'task: "\\ud83c\\udf89 party"\nid: "plan"\nat: "2026-11-20"\n'
    trees.write_tree(repo_dir, {f"{overrides.FOLDER}/older.yaml": older})

    assert [one.task for one in overrides.listing(repo_dir)] == ["🎉 party", "🎉 set 𝄞 in 𠀀"]


@pytest.mark.parametrize("sign", ["\0", "\x85", "\x1b", "\ud800", "\ufffe"])
def test_what_no_yaml_holds_is_left_out_of_a_task(repo_dir: Path, sign: str) -> None:
    record(repo_dir, f"write{sign}tests", "plan")

    (kept,) = overrides.listing(repo_dir)
    assert kept.task in {"write tests", "write\ufffdtests"}


def test_a_secret_at_the_end_of_what_is_kept_is_not_cut_in_two(repo_dir: Path) -> None:
    secret = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" + "k1L2m3N4o5P6q7R8"

    path = record(repo_dir, "a " * 990 + f"key {secret}", "plan")

    assert secret[:8] not in (repo_dir / path).read_text(encoding="utf-8")
