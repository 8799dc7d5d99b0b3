from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from agentops_kit import faults

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def from_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "_reached", {})


def test_nothing_happens_unless_asked() -> None:
    faults.point("here")
    assert faults._reached == {}


def test_points_are_logged_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTOPS_FAULT_LOG", str(tmp_path / "log"))
    for name in ("a", "b", "a"):
        faults.point(name)
    assert (tmp_path / "log").read_text() == "a\nb\na\n"


def test_the_process_dies_the_nth_time(monkeypatch: pytest.MonkeyPatch) -> None:
    killed: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda process, number: killed.append((process, number)))
    monkeypatch.setenv("AGENTOPS_FAULT", "b:2")
    for name in ("a", "b", "a"):
        faults.point(name)
    assert killed == []
    faults.point("b")
    assert killed == [(os.getpid(), signal.SIGKILL)]
