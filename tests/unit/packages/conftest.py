"""A workspace and a repository of packages, made by git once and copied for each test, which is a tenth of the time."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agentops_kit.memory.git import Repo
from tests.support import packages, trees

if TYPE_CHECKING:
    from collections.abc import Callable

    Made = Callable[[str, Path, Callable[[Path], Path]], Path]


@pytest.fixture
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Return a function that copies what another one makes, which it does for a name only once."""

    def copy(name: str, place: Path, make: Callable[[Path], Path]) -> Path:
        first = tmp_path_factory.getbasetemp() / f"made-{name}"
        if not first.exists():
            make(first)
        return Path(shutil.copytree(first, place, symlinks=True))

    return copy


@pytest.fixture
def repo(tmp_path: Path, made: Made) -> Repo:
    """Return the workspace that packages come into; its path holds a space."""
    return Repo.open(made("workspace", tmp_path / "a repo", trees.make_repo))


@pytest.fixture
def kits(tmp_path: Path, made: Made) -> Path:
    """Return a repository with the package ``acme`` in ``profiles/acme``, tagged v1."""
    return made("kits", tmp_path / "kits", packages.repository)
