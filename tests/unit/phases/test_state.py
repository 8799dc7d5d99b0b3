from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from agentops_kit.phases import state as compiled
from tests.support.trees import write_tree

if TYPE_CHECKING:
    from pathlib import Path

RECORD = ".agentops/runs/r.yaml"


def state(root: Path, **more: Any) -> dict[str, Any]:
    known = {"run": "r", "run_file": RECORD, "branch": "main"}
    known["run_sha256"] = hashlib.sha256((root / RECORD).read_bytes()).hexdigest()
    return {**known, "config": compiled.stamp(str(root / ".agentops/config.yaml")), **more}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_tree(tmp_path, {RECORD: "r\n", ".agentops/config.yaml": "c\n", "git/HEAD": "ref: refs/heads/main\n"})


def test_what_is_written_is_read(tmp_path: Path) -> None:
    folder = str(tmp_path / "state")
    assert compiled.read(folder) is None
    compiled.write(folder, {"run": "ü"})
    assert compiled.read(folder) == {"version": 1, "run": "ü"}
    assert [path.name for path in (tmp_path / "state").iterdir()] == ["state.json"]
    compiled.write(folder, None)
    compiled.write(folder, None)
    assert compiled.read(folder) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"version": 2}', "\xff"])
def test_a_damaged_state_is_an_error(tmp_path: Path, text: str) -> None:
    write_tree(tmp_path, {"state.json": text.encode("latin1")})
    with pytest.raises(ValueError):
        compiled.read(str(tmp_path))


def test_a_state_is_current_until_record_or_configuration_change(root: Path) -> None:
    kept = state(root)
    assert compiled.is_current(kept, str(root))
    write_tree(root, {".agentops/config.yaml": "changed\n"})
    assert not compiled.is_current(kept, str(root))
    kept = state(root)
    write_tree(root, {RECORD: "changed\n"})
    assert not compiled.is_current(kept, str(root))
    (root / RECORD).unlink()
    assert not compiled.is_current(kept, str(root))


def test_without_a_run_only_the_configuration_counts(root: Path) -> None:
    kept = state(root, run="")
    (root / RECORD).unlink()
    assert compiled.is_current(kept, str(root))
    (root / ".agentops/config.yaml").unlink()
    assert not compiled.is_current(kept, str(root))
    assert compiled.stamp(str(root / ".agentops/config.yaml")) == [0, 0]


@pytest.mark.parametrize(
    ("head", "branch", "expected"),
    [
        ("ref: refs/heads/main\n", "main", True),
        ("ref: refs/heads/feat/x\n", "feat/x", True),
        ("ref: refs/heads/other\n", "main", False),
        ("a" * 40, None, True),
        ("a" * 40, "main", False),
        ("ref: refs/heads/main\n", None, False),
    ],
)
def test_a_run_belongs_to_its_branch(root: Path, head: str, branch: str | None, expected: bool) -> None:
    write_tree(root, {"git/HEAD": head})
    assert compiled.on_branch(state(root, branch=branch), str(root / "git")) is expected


def test_without_a_run_or_a_head_every_branch_counts(root: Path) -> None:
    assert compiled.on_branch(state(root, run=""), str(root / "git"))
    assert compiled.on_branch(state(root), str(root / "nowhere"))
