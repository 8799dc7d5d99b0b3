"""What runs hold on to: bundles that an open run needs, and approvals that an edit would undo."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.bundles.store import path_of
from agentops_kit.errors import ContentInvalid, GateClosed
from agentops_kit.phases import store as records

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentops_kit.bundles.document import Bundle
    from agentops_kit.memory.git import Repo
    from agentops_kit.phases.record import Run


class Runs(NamedTuple):
    """The workspace's runs; ``unreadable`` are ids whose record does not load."""

    readable: tuple[Run, ...]
    unreadable: tuple[str, ...]

    @property
    def open(self) -> tuple[Run, ...]:
        """The runs that are not done."""
        return tuple(run for run in self.readable if run.phase != "done")


def read_runs(repo: Repo) -> Runs:
    """Read every run record in the work tree."""
    readable, unreadable = [], []
    for name in records.names(repo):
        try:
            readable.append(records.read(repo, name))
        except ContentInvalid:
            unreadable.append(name)
    return Runs(tuple(readable), tuple(unreadable))


def holder(bundle: Bundle, runs: Runs) -> str:
    """Return why a bundle must stay, ``""`` when no run needs it: one sentence."""
    path = path_of(bundle.id)
    for run in runs.open:
        if any(one.artefact == path for one in run.approvals):
            return f"it is approved in run {run.id}, which is not done"
        if bundle.run == run.id or path in run.artefacts.values():
            return f"run {run.id} is not done"
    unclear = next((name for name in runs.unreadable if bundle.run == name or bundle.id.startswith(name)), "")
    return f"the record of run {unclear} cannot be read" if unclear else ""


def approvals(bundle: Bundle, runs: Runs) -> tuple[str, ...]:
    """Return the ids of the open runs in which a bundle is approved."""
    path = path_of(bundle.id)
    return tuple(run.id for run in runs.open if any(one.artefact == path for one in run.approvals))


def require_unapproved(bundle: Bundle, approved_in: Sequence[str], *, force: bool) -> None:
    """Refuse with ``GateClosed`` what would undo a person's approval, unless they said so."""
    if approved_in and not force:
        message = f"{bundle.id} is approved in run {approved_in[0]}; changing it closes that gate again."
        raise GateClosed(message, remedy="Add --force to change it all the same; then it has to be approved anew.")
