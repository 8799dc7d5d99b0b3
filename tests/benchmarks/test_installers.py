"""The comparing program runs and records; the other kits' figures are in docs/evidence."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.benchmarks import installers
from tests.support import source

if TYPE_CHECKING:
    from pathlib import Path


def compare(folder: Path, *words: str) -> tuple[list[installers.Figures], str]:
    command = [sys.executable, "-m", "tests.benchmarks.installers", "--kits", str(folder / "kits")]
    options = ["--write", str(folder / "out"), "--rounds", "1", *words]
    done = subprocess.run([*command, *options], cwd=source.ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads((folder / "out/installers.json").read_text(encoding="utf-8"))["figures"]
    return [installers.Figures(**one) for one in found], (folder / "out/installers.md").read_text(encoding="utf-8")


@pytest.mark.benchmark
@pytest.mark.heavy
def test_ours_loses_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    [ours], text = compare(tmp_path, "--only", installers.OURS)

    assert (ours.own_lost, ours.edits_lost, ours.lost_at_uninstall) == ("0 of 3", "0 of 3", "0 of 3")
    assert (ours.left, ours.left_bytes, ours.changed) == (0, 0, 0)
    assert ours.tokens <= 300
    assert f"| {installers.OURS} |" in text


@pytest.mark.benchmark
@pytest.mark.heavy
def test_another_kit_goes_through_the_same_matrix(tmp_path: Path) -> None:
    [peer], _ = compare(tmp_path, "--only", "OpenSpec")

    assert peer.files > 0
    assert peer.left is None
