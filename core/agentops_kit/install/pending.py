"""Whether a killed install left work: asked by every command, so it loads nothing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentops_kit.memory.git import Repo

JOURNAL = "journal"
"""The journal's folder, in the state of a worktree."""


def is_pending(repo: Repo) -> bool:
    """Say whether a journal is there; one look-up."""
    return os.path.exists(repo.state_dir / JOURNAL)  # noqa: PTH110 - on every start, so the cheaper call
