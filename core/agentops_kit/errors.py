"""Everything that can go wrong in a way a person can fix.

    AgentOpsError              exit status
      RunFailed                  1   a workflow ran and did not succeed
      InputInvalid               2   an argument, id or task that cannot be used
        WorkflowInvalid          2   a workflow file that is refused; every problem has its place and mend
      WorkspaceUnusable          3   no repository, bare, no commit, merge in progress, read-only
      GateClosed                 4   an approval is missing, stale or not yours to give; context is over the limit
      ArtefactRejected           5   a bundle or plan that is empty, vague or has open slots
      ContentInvalid             6   a profile, persona, command or configuration that does not load
      InstallRefused             7   a file that is not ours stands where ours would go, or a link leads out
      EvidenceMissing            8   a validation failed, or a check found a problem
      Busy                       9   a lock or a ref was held by another process for too long
      CostCapped                10   a workflow stopped before the call that would have passed its cost cap
      RunCancelled              11   a workflow was cancelled

Click reports usage mistakes itself with exit status 2. Exit status 70 is a fault of ours, 130 an interrupt.
Each error is one sentence of what is wrong and where, and one of how to mend it.
"""

from __future__ import annotations


class AgentOpsError(Exception):
    """Base of the errors a person can act on; shown by ``cli.boundary`` and nowhere else."""

    code = "AOK-E01"
    exit_status = 1

    def __init__(self, message: str, *, remedy: str = "") -> None:
        """Keep what went wrong in ``message`` and how to mend it in ``remedy``."""
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        """Return the message and, if there is one, the remedy."""
        return f"{self.message} {self.remedy}".strip()


class InputInvalid(AgentOpsError):
    """An argument, identifier or task text that cannot be used."""

    code = "AOK-E02"
    exit_status = 2


class WorkflowInvalid(InputInvalid):
    """A workflow file that is refused; ``problems`` has one sentence for each, with its place and mend."""

    code = "AOK-E10"

    def __init__(self, message: str, *, problems: tuple[str, ...] = (), remedy: str = "") -> None:
        """Keep every problem beside the message."""
        super().__init__(message, remedy=remedy)
        self.problems = problems


class WorkspaceUnusable(AgentOpsError):
    """The folder is not a repository we can work in right now."""

    code = "AOK-E03"
    exit_status = 3


class GateClosed(AgentOpsError):
    """A person's decision is missing, stale or bound to other content."""

    code = "AOK-E04"
    exit_status = 4


class ArtefactRejected(AgentOpsError):
    """A bundle or plan lacks what the next phase needs; ``lacks`` names each lack."""

    code = "AOK-E05"
    exit_status = 5

    def __init__(self, message: str, *, lacks: tuple[str, ...] = (), remedy: str = "") -> None:
        """Keep the lacks, one sentence each, beside the message."""
        super().__init__(message, remedy=remedy)
        self.lacks = lacks


class ContentInvalid(AgentOpsError):
    """A profile, persona, command or configuration file that does not load."""

    code = "AOK-E06"
    exit_status = 6


class InstallRefused(AgentOpsError):
    """Installing would touch something that is not ours."""

    code = "AOK-E07"
    exit_status = 7


class EvidenceMissing(AgentOpsError):
    """A validation command failed, or a check found a problem."""

    code = "AOK-E08"
    exit_status = 8


class Busy(AgentOpsError):
    """Another process held a lock or kept moving a ref for too long."""

    code = "AOK-E09"
    exit_status = 9


class RunFailed(AgentOpsError):
    """A workflow ran and did not succeed."""

    code = "AOK-E11"
    exit_status = 1


class CostCapped(AgentOpsError):
    """A workflow stopped before the call that would have passed its cost cap."""

    code = "AOK-E12"
    exit_status = 10


class RunCancelled(AgentOpsError):
    """A workflow was cancelled by a person."""

    code = "AOK-E13"
    exit_status = 11
