"""What a run allows to be committed, and whether its record is believable. Pure functions of records and plans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentops_kit.constitution.finding import Finding
from agentops_kit.phases import proof
from agentops_kit.phases.fence import covers
from agentops_kit.phases.plans import parse
from agentops_kit.phases.record import Run, sha256

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from agentops_kit.phases.plans import Plan

OURS = ".agentops/"
_ACCEPTED = "changes accepted"
_LONGEST_NOTE = 20
"""Paths that the note of an acceptance names at most; see ``machine.accept_changes``."""


@dataclass(frozen=True)
class Standing:
    """A run and its plan as it was approved; ``plan`` is None while none is, or when its bytes are others now."""

    run: Run
    plan: Plan | None
    problem: str = ""
    """Why there is no approved plan although the phase needs one, completing "the plan …"."""

    @property
    def scope(self) -> tuple[str, ...]:
        """The paths that may be written while the run is in implement."""
        amended = (one.path for one in self.run.amendments)
        return (*(self.plan.paths if self.plan else ()), *amended)


def standing(run: Run, plan: bytes | None) -> Standing:
    """Return what a run allows; ``plan`` are the bytes of its plan's file, None without one."""
    approval = run.approval("plan")
    if approval is None:
        return Standing(run, None, "was not approved")
    if plan is None:
        return Standing(run, None, f"that {approval.by} approved is missing")
    if sha256(plan) != approval.sha256:
        return Standing(run, None, f"was edited after {approval.by} approved it")
    return Standing(run, parse(plan.decode("utf-8", "replace")))


def plan_file(run: Run) -> str:
    """Return the path of the run's approved plan, of the one that waits, or ``""``."""
    approval = run.approval("plan")
    return approval.artefact if approval else run.artefacts.get("plan", "")


def sources(paths: Iterable[str], owned: Collection[str] = ()) -> tuple[str, ...]:
    """Return the paths that are work: neither the kit's records nor the files it installed (``owned``)."""
    return tuple(path for path in paths if not path.startswith(OURS) and path not in owned)


def outside(stand: Standing, paths: Iterable[str], what: str = "") -> Iterator[Finding]:
    """Yield a finding for each work path that the run does not allow to be committed now.

    ``what`` names the commit, for one that is made already.
    """
    run = stand.run
    changed = f"{what} changes" if what else "The commit changes"
    if run.phase in {"quick", "done"}:
        return
    for path in paths:
        if run.phase in {"research", "plan"}:
            message = f"{changed} {path} while run {run.id} is in phase {run.phase}, before a plan was approved."
            fix = "Approve the plan first (`agentops status` names the next step), then commit."
            yield Finding("run-approved" if what else "plan-scope", message, fix, path)
        elif stand.problem:
            message = f"{changed} {path} while run {run.id} is in implement, and its plan {stand.problem}."
            yield Finding("run-approved" if what else "plan-scope", message, "A person approves the plan again.", path)
        elif not any(covers(one, path) for one in stand.scope):
            message = f"{changed} {path}, which the approved plan of run {run.id} does not name."
            fix = f"A person adds it (`agentops approve --amend {path}`), or it is committed when the run is closed."
            yield Finding("plan-scope", message, fix, path)


def required(paths: Iterable[str]) -> Iterator[Finding]:
    """Yield a finding for each work path, where the configuration wants a run first and none is open."""
    for path in paths:
        message = f"The commit changes {path}, and this workspace wants a run first (`require_run`)."
        yield Finding("plan-scope", message, 'Start one: agentops research "…" or agentops quick "…".', path)


def accepted(run: Run, path: str) -> bool:
    """Say whether a person accepted a path that changed before the plan was approved."""
    for event in run.history:
        if event.event == _ACCEPTED:
            named = event.note.rpartition("; ")[2].split(", ")
            if path in named or len(named) >= _LONGEST_NOTE:
                return True
    return False


def unapproved(stand: Standing) -> Iterator[Finding]:
    """Yield a finding when a run went into implement, or was closed, on a plan that is not the approved one."""
    run = stand.run
    if run.workflow == "quick" or run.phase not in {"implement", "done"} or not stand.problem:
        return
    message = f"Run {run.id} is in phase {run.phase}, and its plan {stand.problem}."
    fix = "A person approves it: `agentops reopen plan --reason …`, then `agentops approve`."
    yield Finding("run-approved", message, fix, run.path)


def unproven(stand: Standing) -> Iterator[Finding]:
    """Yield a finding for each reason why a run that says it is done is not proven by its record."""
    commands = [test.command for test in stand.plan.tests] if stand.plan else []
    for sentence in proof.closed_without(stand.run, commands):
        fix = "Prove it: `agentops reopen implement --reason …`, then `agentops implement --close`."
        yield Finding("run-proven", sentence, fix, stand.run.path)


def stale(run: Run, changed: Iterable[str] | None) -> Iterator[Finding]:
    """Yield a finding when what is committed is not what the evidence ran on.

    ``changed`` names the work files that differ, None when only that they differ is known (the tree
    the evidence ran on is local to the clone that ran it).
    """
    paths = None if changed is None else list(changed)
    if paths is not None and not paths:
        return
    named = f": {', '.join(paths[:5])}{' …' if len(paths) > 5 else ''} changed since" if paths else ""  # noqa: PLR2004 - a line
    message = f"Run {run.id} is closed, and no commit since holds the files its evidence ran on{named}."
    fix = "Commit what was tested, or reopen implement and close the run again."
    yield Finding("run-proven", message, fix, run.path, level="warning" if paths is None else "error")
