"""The rights of an ordinary person, for tests of what may not be written: root may write anywhere."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from agentops_kit.memory.git import Repo

if TYPE_CHECKING:
    from collections.abc import Iterator

NOBODY = 65534


@contextmanager
def person() -> Iterator[Path]:
    """Be a user who is not root and give a folder that is theirs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        root = os.geteuid() == 0
        if root:
            os.chown(folder, NOBODY, NOBODY)
            os.seteuid(NOBODY)
        try:
            yield folder
        finally:
            if root:
                os.seteuid(0)


def bare_repo(folder: Path) -> Repo:
    """Return a repository without asking git, which trusts no folder of another user's."""
    (folder / ".git").mkdir(parents=True)
    return Repo(folder, folder / ".git", folder / ".git")
