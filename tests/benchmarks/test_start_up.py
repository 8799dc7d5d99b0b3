"""The measuring program runs and records; what it measured is judged by a person, not by a busy machine."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.benchmarks import start_up
from tests.support import source

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.benchmark


@pytest.fixture
def workspace(repo_dir: Path) -> Path:
    shim = repo_dir / ".claude" / "hooks" / "agentops"
    shim.parent.mkdir(parents=True)
    shutil.copy2(source.ROOT / "hooks" / "agentops.sh", shim)
    shim.chmod(0o755)
    pointer = repo_dir / ".git" / "agentops" / "kit"
    pointer.parent.mkdir()
    pointer.write_text(f"{sys.executable}\n{source.ROOT / 'core'}\n", encoding="utf-8")
    return repo_dir


def test_the_program_measures_and_records(workspace: Path, tmp_path: Path) -> None:
    evidence = tmp_path / "evidence"
    program = [sys.executable, "-m", "tests.benchmarks.start_up", "--python", sys.executable]
    words = [*program, "--workspace", str(workspace), "--pairs", "2", "--write", str(evidence)]

    done = subprocess.run(words, cwd=source.ROOT, capture_output=True, text=True)

    assert done.returncode in {0, 1}, done.stderr
    facts = json.loads((evidence / "start_up.json").read_text(encoding="utf-8"))
    named = [each["name"] for each in facts["figures"]]
    assert named == [start_up.BASE, start_up.VERSION, start_up.ROUTE, start_up.IDLE_HOOK]
    assert facts["figures"][0]["ratio"] == 1
    assert (evidence / "start_up.md").read_text(encoding="utf-8") in done.stdout


def test_the_measured_hook_is_silent(workspace: Path) -> None:
    hook = start_up.hook(workspace, "Edit", {"file_path": "README.md"})

    done = subprocess.run(hook.words, input=hook.data, cwd=hook.folder, capture_output=True)

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_a_figure_is_the_median_of_ratios() -> None:
    pairs = [(2.0, 1.0), (9.0, 3.0), (400.0, 1.0)]

    assert start_up.figure("x", pairs) == start_up.Figure("x", 9000.0, 3.0, 400.0, None)
