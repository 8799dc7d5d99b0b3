"""What several integration tests stand on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agentops_kit.install import service
from tests.support import installing, matrix, ordinary

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def ordinary_person(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a folder of a user who is not root, and be that user: root may write anywhere."""
    warm = ordinary.bare_repo(tmp_path_factory.mktemp("warm"))  # they may be unable to read this interpreter's files
    for desired in (installing.wanted(), matrix.newer(installing.wanted())):
        service.execute(warm, service.prepare(warm, desired, git_hooks="none", choices={}))
    with ordinary.person() as folder:
        yield folder
