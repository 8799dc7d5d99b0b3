"""The measuring program of the explorers runs, and waiting for models is done together; a person judges figures."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.benchmarks import explorers
from tests.support.source import ROOT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.benchmark


def test_the_program_measures_both_tasks(tmp_path: Path) -> None:
    program = [sys.executable, "-m", "tests.benchmarks.explorers", "--rounds", "1", "--write", str(tmp_path)]

    done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    stub, real = json.loads((tmp_path / "explorers.json").read_text(encoding="utf-8"))["figures"]
    assert (stub["name"], real["name"]) == (explorers.STUB, explorers.REAL)
    assert stub["ratio"] > 1.5
    assert real["parallel"] > 0
