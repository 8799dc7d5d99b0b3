"""Other places of the same objects: worktrees, scratch repositories and what is fetched."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from agentops_kit.ids import CommitId
from agentops_kit.memory.heads import Heads

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self


class Copies(Heads):
    """The part of ``Repo`` that fetches, hands over and makes worktrees."""

    def fetch(self, address: str, ref: str = "HEAD") -> CommitId:
        """Take one commit of another repository into this one's objects, without its history, and return it.

        No file of it is written to the work tree and no program it names is run. Only https, ssh and files on this
        machine are asked; ``GitFailed`` holds git's words.
        """
        only = {"GIT_ALLOW_PROTOCOL": "https:ssh:file", "GIT_NO_LAZY_FETCH": "0"}
        shape = ("--quiet", "--depth=1", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules")
        kept = f"refs/agentops/fetched/{os.urandom(8).hex()}"
        self.run("fetch", *shape, "--end-of-options", address, f"+{ref}:{kept}", env=only)
        return CommitId(self.run("rev-parse", "--verify", f"{kept}^{{commit}}").decode().strip())

    def hand_over(self, commit: CommitId, to: Heads) -> None:
        """Make ``commit`` the head of the scratch repository ``to``, which gets its ancestors and nothing later."""
        to.run("config", "receive.denyCurrentBranch", "ignore")
        branch = to.branch() or "main"
        self.run("push", "--quiet", "--no-verify", str(to.root), f"+{commit}:refs/heads/{branch}")

    def add_worktree(self, path: Path, branch: str, commit: str) -> Self:
        """Make a worktree at ``commit`` on a branch, which is moved there when it exists; return its repository."""
        self.run("worktree", "add", "--quiet", "--no-checkout", "--force", "-B", branch, "--", str(path), commit)
        made = self.open(path)
        made.run("reset", "--quiet", "--hard", commit)  # here, so that it fills the worktree's own index
        return made

    def drop_worktree(self, path: Path) -> None:
        """Remove a worktree with everything in it; one that is gone or half made is no error."""
        import shutil

        self.attempt("worktree", "remove", "--force", "--force", "--", str(path))
        shutil.rmtree(path, ignore_errors=True)
        self.attempt("worktree", "prune")
