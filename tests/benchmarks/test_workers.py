"""The measuring program of the workers runs every count; a person judges figures."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.source import ROOT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.benchmark, pytest.mark.heavy]


def test_the_program_measures_one_two_and_four(tmp_path: Path) -> None:
    words = [
        sys.executable,
        "-m",
        "tests.benchmarks.workers",
        "--rounds",
        "1",
        "--items",
        "40",
        "--write",
        str(tmp_path),
    ]

    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    figures = json.loads((tmp_path / "workers.json").read_text(encoding="utf-8"))["figures"]
    assert [(one["workers"], one["speed_up"] > 0) for one in figures] == [(1, True), (2, True), (4, True)]
