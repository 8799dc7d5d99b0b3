"""The measuring program of the hooks runs, and each hook answers as it must; its figures are judged by a person."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.benchmarks import hooks
from tests.benchmarks.start_up import BASE
from tests.support.source import ROOT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.benchmark


def test_the_program_measures_every_kind_of_call(tmp_path: Path) -> None:
    program = [sys.executable, "-m", "tests.benchmarks.hooks", "--pairs", "1", "--write", str(tmp_path)]

    done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True)

    assert done.returncode in {0, 1}, done.stderr
    facts = json.loads((tmp_path / "hooks.json").read_text(encoding="utf-8"))
    assert [each["name"] for each in facts["figures"]] == [
        *(BASE, hooks.SILENT, hooks.PLAIN, *hooks.PARSED),
        *(hooks.DENIED, hooks.DENIED_LINE, *hooks.GIT),
    ]
    assert (tmp_path / "hooks.md").read_text(encoding="utf-8") in done.stdout
