"""A repository as everybody asks it: one class put together by what is asked.

``runner`` alone runs git. Where a question belongs: ``heads`` (HEAD and branches), ``objects`` (trees and bytes),
``history`` (commits), ``worktree`` (files as they are), ``patches`` (merges and diffs), ``copies`` (other places of
the same objects).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.memory.copies import Copies
from agentops_kit.memory.history import Commit, History
from agentops_kit.memory.objects import Entry, Objects
from agentops_kit.memory.patches import Patches
from agentops_kit.memory.runner import GitFailed
from agentops_kit.memory.worktree import WorkTree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agentops_kit.ids import CommitId

__all__ = ["Commit", "Entry", "GitFailed", "Repo"]


class Repo(WorkTree, Copies, History, Objects, Patches):
    """A work tree and its git directory; reads and the few writes the kit needs."""

    def commit_files(self, files: Mapping[str, bytes | None], message: str) -> CommitId:
        """Write these files and commit exactly them on top of HEAD; see ``memory.commit``."""
        from agentops_kit.memory.commit import commit_files

        return commit_files(self, files, message)
