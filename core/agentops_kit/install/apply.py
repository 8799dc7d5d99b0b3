"""The one place that changes a workspace: all of a plan, or nothing of it."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from agentops_kit.errors import Busy, InstallRefused
from agentops_kit.faults import point
from agentops_kit.install import journal
from agentops_kit.install.journal import Step
from agentops_kit.install.pending import is_pending
from agentops_kit.install.snapshot import look

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

    from agentops_kit.install.actions import InstallPlan
    from agentops_kit.memory.git import Repo

_LOCK = "install.lock"
_PATIENCE = 2.0
_PAUSE = 0.02


def perform(repo: Repo, plan: InstallPlan) -> None:
    """Do what the plan says.

    Raises ``InstallRefused`` when the plan refuses, a path changed since it was made, or a write
    fails (everything is put back); ``Busy`` when another install holds the lock.
    """
    plan.require_allowed()
    steps = [Step(action.base, action.path, action.before, action.after) for action in plan.changes]
    if not steps:
        return
    with locked(repo):
        if is_pending(repo):
            journal.settle(repo)
        _require_unchanged(repo, steps)
        _write(repo, steps)


def recover(repo: Repo) -> str:
    """Mend what a killed install left; return "old" or "new" for the state reached, "" when there was nothing."""
    if not is_pending(repo):
        return ""
    with locked(repo):
        return journal.settle(repo) if is_pending(repo) else ""


@contextmanager
def locked(repo: Repo) -> Iterator[None]:
    """Hold the install lock of this clone, whose worktrees share git's hooks; ``Busy`` after two seconds."""
    import fcntl

    with _lock_file(repo) as stream:
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > until:
                    message = f"Another install is at work in {repo.root}."
                    raise Busy(message, remedy="Wait until it is done, then try again.") from None
                time.sleep(_PAUSE)
            else:
                break
        yield


def _lock_file(repo: Repo) -> BinaryIO:
    folder = repo.common_dir / "agentops"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return (folder / _LOCK).open("ab")
    except OSError as error:
        message = f"{error.filename or folder} could not be written ({error.strerror})."
        raise InstallRefused(message, remedy="Nothing was written. Mend the cause, then try again.") from error


def _require_unchanged(repo: Repo, steps: Sequence[Step]) -> None:
    for step in steps:
        if not journal.same(look(step.place(repo)), step.before):
            message = f"{step.path} changed after the plan was made."
            raise InstallRefused(message, remedy="Nothing was written. Try again.")


def _write(repo: Repo, steps: Sequence[Step]) -> None:
    finished = False
    try:
        journal.begin(repo, steps)
        for step in steps:
            place = step.place(repo)
            if step.base == "git":
                place.parent.mkdir(parents=True, exist_ok=True)
            journal.bring(place, step.after)
            point("install.step")
        for folder in {step.place(repo).parent for step in steps}:
            if folder.is_dir():
                journal.sync_folder(folder)
        journal.finish(repo)
        finished = True
    except OSError as error:
        message = f"{error.filename or repo.root} could not be written ({error.strerror})."
        raise InstallRefused(message, remedy="Everything was put back. Mend the cause, then try again.") from error
    finally:
        if not finished and is_pending(repo):
            journal.settle(repo)
