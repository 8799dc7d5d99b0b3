"""The measuring program of the sandboxes runs every tier; a person judges figures."""

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


def test_the_program_measures_every_tier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(ROOT / ".venv/sandbox"))
    program = [sys.executable, "-m", "tests.benchmarks.sandbox", "--rounds", "1", "--write", str(tmp_path)]

    done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    figures = json.loads((tmp_path / "sandbox.json").read_text(encoding="utf-8"))["figures"]
    assert [one["name"] for one in figures] == ["bare Python", "monty", "wasi", "bubblewrap", "process"]
