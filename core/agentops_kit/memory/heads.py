"""Where a repository stands: its head, its branches, who commits there, and what waits to be finished."""

from __future__ import annotations

from agentops_kit.errors import WorkspaceUnusable
from agentops_kit.ids import CommitId
from agentops_kit.memory.runner import Runner

_UNFINISHED = {
    "MERGE_HEAD": ("merge", "git merge --continue"),
    "rebase-merge": ("rebase", "git rebase --continue"),
    "rebase-apply": ("rebase", "git rebase --continue"),
    "CHERRY_PICK_HEAD": ("cherry-pick", "git cherry-pick --continue"),
    "REVERT_HEAD": ("revert", "git revert --continue"),
}


class Heads(Runner):
    """The part of ``Repo`` that knows HEAD and the branches."""

    def head(self) -> CommitId | None:
        """Return the current commit, None before the first one."""
        status, output, _ = self.attempt("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        return None if status else CommitId(output.decode().strip())

    def require_head(self) -> CommitId:
        """Return the current commit or refuse with the remedy."""
        head = self.head()
        if head is None:
            message = f"{self.root} has no commit yet."
            raise WorkspaceUnusable(message, remedy="Make a first commit, then try again.")
        return head

    def branch(self) -> str | None:
        """Return the branch's short name, None when HEAD is detached."""
        status, output, _ = self.attempt("symbolic-ref", "--quiet", "--short", "HEAD")
        return None if status else output.decode().strip()

    def branch_head(self, branch: str) -> CommitId | None:
        """Return the commit a branch is at, None when there is no such branch."""
        status, output, _ = self.attempt("rev-parse", "--verify", "--quiet", f"refs/heads/{branch}^{{commit}}")
        return None if status else CommitId(output.decode().strip())

    def drop_branch(self, branch: str, head: str) -> None:
        """Delete a branch if it still is at ``head``."""
        self.attempt("update-ref", "-d", f"refs/heads/{branch}", head)

    def identity(self) -> str:
        """Return ``Name <mail>`` of the person git would record."""
        status, output, _ = self.attempt("var", "GIT_COMMITTER_IDENT")
        if status:
            message = f"git does not know who you are in {self.root}."
            raise WorkspaceUnusable(
                message, remedy="Run `git config user.name` and `git config user.email` with values."
            )
        return output.decode("utf-8", "replace").rsplit(">", 1)[0] + ">"

    def remote(self) -> str:
        """Return the address that ``origin`` has in the settings, ``""`` without one."""
        status, output, _ = self.attempt("config", "--get", "remote.origin.url")
        return "" if status else output.decode("utf-8", "replace").strip()

    def require_quiet(self) -> None:
        """Refuse while a merge, rebase, cherry-pick or revert waits to be finished."""
        for name, (what, remedy) in _UNFINISHED.items():
            if (self.git_dir / name).exists():
                message = f"A {what} is in progress in {self.root}."
                raise WorkspaceUnusable(message, remedy=f"Finish it (`{remedy}`) or abort it, then try again.")
