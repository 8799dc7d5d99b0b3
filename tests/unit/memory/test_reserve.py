from __future__ import annotations

import os
import time
from datetime import date
from typing import TYPE_CHECKING

import pytest

from agentops_kit.memory.git import Repo
from agentops_kit.memory.reserve import reserve

if TYPE_CHECKING:
    from pathlib import Path

DAY = date(2026, 11, 21)


@pytest.fixture
def repo(repo_dir: Path) -> Repo:
    return Repo.open(repo_dir)


def test_a_name_is_given_once(repo: Repo) -> None:
    given = [reserve(repo, DAY, "fix", ["2026-11-21-fix-2"]) for _ in range(3)]
    assert given == ["2026-11-21-fix", "2026-11-21-fix-3", "2026-11-21-fix-4"]


def test_suffixes_are_reserved_apart(repo: Repo) -> None:
    assert reserve(repo, DAY, "fix", []) == reserve(repo, DAY, "fix", [], suffix="-context")


def test_old_reservations_are_forgotten(repo: Repo) -> None:
    name = reserve(repo, DAY, "fix", [])
    old = time.time() - 100_000
    os.utime(repo.common_dir / "agentops" / "ids" / name, (old, old))
    assert reserve(repo, DAY, "fix", []) == name
