"""The measuring program runs and records; what it measured is judged by a person, not by a busy machine."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.benchmarks import engine
from tests.support import source

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.benchmark


def test_the_program_measures_and_records(tmp_path: Path) -> None:
    words = [
        "-m",
        "tests.benchmarks.engine",
        "--rounds",
        "1",
        "--counts",
        "10",
        "--long",
        "10",
        "--write",
        str(tmp_path),
    ]

    done = subprocess.run([sys.executable, *words], cwd=source.ROOT, capture_output=True, text=True)

    assert done.returncode in {0, 1}, done.stderr
    facts = json.loads((tmp_path / "engine.json").read_text(encoding="utf-8"))
    assert [each["name"] for each in facts["figures"]] == ["asyncio", "ours"]
    assert [each["shape"] for each in facts["long"]] == ["chain", "map"]
    assert (tmp_path / "engine.md").read_text(encoding="utf-8") in done.stdout


def test_a_figure_is_the_median_of_ratios() -> None:
    def told(seconds: float) -> dict[str, Any]:
        return {"began": 0.0, "first": 1.0, "end": 1.0 + seconds, "peak": engine.MEGABYTE, "right": True}

    rounds = [{"ours": told(one), "langgraph": told(2.0)} for one in (1.0, 2.0, 8.0)]

    assert engine.figure("ours", 1000, rounds) == engine.Figure("ours", 1000, 2.0, 1.0, 1.0, 1.0)


def test_missed_goals_are_named() -> None:
    slow = engine.Figure("ours", 9, 1.0, 1.0, 1.0, 1.5)

    assert engine.misses([slow], 1.2) == ["a step costs 1.5× langgraph's", "the first step comes after 1.2 s"]
    assert engine.misses([slow._replace(ratio=None)], 0.5) == []
