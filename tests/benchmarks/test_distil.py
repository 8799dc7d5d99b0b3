from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.benchmarks import distil
from tests.support.source import ROOT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.benchmark


def test_the_program_measures_and_records(tmp_path: Path) -> None:
    program = [sys.executable, "-m", "tests.benchmarks.distil", "--sessions", "1", "--write", str(tmp_path)]

    done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    rows = json.loads((tmp_path / "distil.json").read_text("utf-8"))["rows"]
    assert [row["budget"] for row in rows] == list(distil.BUDGETS)
    assert (tmp_path / "distil.md").read_text("utf-8") in done.stdout
