"""A workspace with the kit installed, copied for each test from one that the real command line made."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from agentops_kit.phases import people
from tests.support import runs, workspaces

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.phases.lifecycle import Desk


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder in which the first test leaves the installed workspace for the others."""
    return tmp_path_factory.mktemp("shelf")


@pytest.fixture
def workspace(tmp_path: Path, shelf: Path) -> Path:
    """Return a project of its own with profile base installed and committed."""
    template = shelf / "base"
    if not template.exists():
        workspaces.make(shelf / "making").rename(template)
    return shutil.copytree(template, tmp_path / "project", symlinks=True)


@pytest.fixture
def desk(workspace: Path) -> Desk:
    """Return the workspace opened in this process, to bring a run into a phase without a client."""
    return runs.desk_at(workspace)


@pytest.fixture
def a_person() -> None:
    """Skip a test that types for a person where no person types: an assistant above it is seen by the kit."""
    above = people.why_not_terminal({}, people.ancestors(), terminal=True)
    if above:
        pytest.skip(f"the client would have two assistants above it: {above}")
