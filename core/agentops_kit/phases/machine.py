"""The state machine of a run: pure functions from a run and facts to the next run, or a refusal.

    research --approve--> (gate) --plan--> plan --approve--> (gate) --implement--> implement --close--> done
    quick --close--> done
    reopen goes back to an earlier phase and makes the approvals from there on void.
    a check that fails twice as planned stops the work until a person resumes it or reopens the plan.

Every refusal is a ``GateClosed`` that says what is missing and who can give it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentops_kit.errors import EvidenceMissing, GateClosed, InputInvalid
from agentops_kit.phases import proof
from agentops_kit.phases.record import Amendment, Approval, Checkpoint, Event, Evidence, Phase, Run

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agentops_kit.ids import CommitId, RunId, Sha256, TreeId

_BEFORE: dict[str, Phase] = {"plan": "research", "implement": "plan"}
_ORDER: tuple[Phase, ...] = ("research", "plan", "implement")
_SHOWN = 5
_STOPPED = "stopped"
_GOES_ON = ("resumed", "implement started", "reopened", "closed")


@dataclass(frozen=True)
class Facts:
    """What the outside world says when a gate is asked.

    ``artefact`` is the SHA-256 of the previous phase's file, None when it is missing;
    ``changed`` names the paths that differ from the run's baseline.
    """

    at: str
    by: str
    tree: TreeId
    changed: tuple[str, ...] = ()
    artefact: Sha256 | None = None
    over_limit: str = ""
    """The context's state in words when the next phase must start elsewhere, else empty."""
    unsigned: tuple[str, ...] = ()
    """What signed approvals the workspace asks for are missing, one sentence each."""


def start(  # noqa: PLR0913 - the facts of a beginning
    run: RunId,
    task: str,
    facts: Facts,
    *,
    branch: str | None,
    enforcement: str,
    quick: bool = False,
    checkpoint: Checkpoint | None = None,
) -> Run:
    """Return a new run in its first phase, with the work tree as it is now as baseline."""
    phase: Phase = "quick" if quick else "research"
    return Run(
        id=run,
        workflow="quick" if quick else "research-plan-implement",
        phase=phase,
        branch=branch,
        enforcement=enforcement,
        created=facts.at,
        baseline=facts.tree,
        tasks={phase: task},
        artefacts={},
        checkpoint=checkpoint,
        origin=checkpoint if quick else None,
        history=(Event(facts.at, f"{phase} started", facts.by),),
    )


def with_artefact(run: Run, path: str) -> Run:
    """Return the run with the current phase's artefact named."""
    from dataclasses import replace

    return replace(run, artefacts={**run.artefacts, run.phase: path})


def lacks(run: Run, phase: Phase, facts: Facts) -> tuple[str, ...]:
    """Return, one sentence each, what keeps ``run`` out of ``phase``; empty when its gate is open."""
    before = _BEFORE[phase]
    found = []
    if run.phase != before:
        return (f"Run {run.id} is in phase {run.phase}; {phase} follows {before}.",)
    approval = run.approval(before)
    artefact = run.artefacts.get(before, "")
    if facts.artefact is None:
        found.append(f"The {before} artefact {artefact or 'of the run'} is missing.")
    elif approval is None:
        found.append(f"No person has approved {artefact}; type /approve, or run `agentops approve` in a terminal.")
    elif approval.sha256 != facts.artefact:
        found.append(f"{artefact} was edited after {approval.by} approved it; a person has to approve it again.")
    found += facts.unsigned
    if facts.changed:
        found.append(_changed(before, facts.changed))
    if facts.over_limit:
        found.append(f"{facts.over_limit}: start {phase} in a fresh context (/clear), then ask again.")
    return tuple(found)


def _changed(phase: str, paths: Iterable[str]) -> str:
    names = list(paths)
    shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    return (
        f"Files changed while the run was in {phase}: {shown}. Undo that, or a person accepts it with "
        "`/approve accept-changes` or `agentops approve --accept-changes`."
    )


def require_open(run: Run, phase: Phase, facts: Facts) -> None:
    """Raise ``GateClosed`` with every lack, or return."""
    found = lacks(run, phase, facts)
    if found:
        raise GateClosed(f"The gate to {phase} is closed.", remedy=" ".join(found))


def enter_plan(run: Run, task: str, facts: Facts, checkpoint: Checkpoint | None = None) -> Run:
    """Return the run in phase plan."""
    require_open(run, "plan", facts)
    tasks = {**run.tasks, "plan": task or run.tasks["research"]}
    point = checkpoint or run.checkpoint
    return run.noted(Event(facts.at, "plan started", facts.by), phase="plan", tasks=tasks, checkpoint=point)


def told(run: Run, words: str, facts: Facts) -> Run:
    """Return the run with words that were given for a phase that is open already; the same words are noted once."""
    event = f"{run.phase} told"
    known = {run.tasks.get(run.phase)} | {one.note for one in run.history if one.event == event}
    return run if words in known else run.noted(Event(facts.at, event, facts.by, words))


def enter_implement(run: Run, facts: Facts, *, commit: CommitId, branch: str | None, staged: tuple[str, ...]) -> Run:
    """Return the run in phase implement with a checkpoint of where the work tree stands."""
    require_open(run, "implement", facts)
    checkpoint = Checkpoint(commit, branch, facts.tree, staged, facts.at)
    event = Event(facts.at, "implement started", facts.by, f"checkpoint {commit[:12]}")
    tasks = {**run.tasks, "implement": run.tasks["plan"]}
    origin = run.origin or checkpoint  # a revised plan goes on from what the first one changed
    return run.noted(event, phase="implement", checkpoint=checkpoint, origin=origin, baseline=facts.tree, tasks=tasks)


def approve(run: Run, facts: Facts, how: str, note: str = "") -> Run:
    """Return the run with the current phase's artefact approved as it is now; the same bytes are approved once."""
    if run.phase not in _BEFORE.values():
        message = f"Run {run.id} is in phase {run.phase}, which has nothing to approve."
        raise InputInvalid(message, remedy="See `agentops status`.")
    artefact = run.artefacts.get(run.phase)
    if artefact is None or facts.artefact is None:
        message = f"The {run.phase} artefact {artefact or ''} of run {run.id} is missing."
        raise InputInvalid(message, remedy=f"Run `agentops {run.phase}` again to make it.")
    standing = run.approval(run.phase)
    if standing is not None and standing.sha256 == facts.artefact:
        return run
    approval = Approval(run.phase, artefact, facts.artefact, facts.by, facts.at, how, note.strip())
    others = tuple(one for one in run.approvals if one.phase != run.phase)
    said = f": {note.strip()}" if note.strip() else ""
    event = Event(facts.at, f"{run.phase} approved", facts.by, f"sha256 {facts.artefact[:12]} by {how}{said}")
    return run.noted(event, approvals=(*others, approval))


def accept_changes(run: Run, facts: Facts, reason: str) -> Run:
    """Return the run with the work tree as it is now as its baseline, on a person's word."""
    note = "; ".join(part for part in (reason, ", ".join(facts.changed[:20])) if part)
    return run.noted(Event(facts.at, "changes accepted", facts.by, note), baseline=facts.tree)


def amend(run: Run, facts: Facts, paths: Iterable[str]) -> Run:
    """Return the run with more paths that the implement phase may touch."""
    added = tuple(Amendment(path, facts.by, facts.at) for path in paths)
    note = ", ".join(one.path for one in added)
    return run.noted(Event(facts.at, "scope amended", facts.by, note), amendments=(*run.amendments, *added))


def reopen(run: Run, phase: Phase, facts: Facts, reason: str) -> Run:
    """Return the run back in an earlier phase; approvals from there on are void and said so in the history."""
    reachable = _ORDER[: _ORDER.index(run.phase) + 1] if run.phase in _ORDER else _ORDER
    if run.workflow == "quick" or phase not in reachable or phase not in run.tasks:
        can = ", ".join(one for one in reachable if one in run.tasks) or "none"
        message = f"Run {run.id} is in phase {run.phase} and cannot go back to {phase}."
        raise InputInvalid(message, remedy=f"It can go back to: {can}.")
    if not reason.strip():
        message = "Reopening needs a reason, because the history is all the next reader has."
        raise InputInvalid(message, remedy='Add --reason "why".')
    void = _ORDER[_ORDER.index(phase) :]
    kept = tuple(one for one in run.approvals if one.phase not in void)
    event = Event(facts.at, f"reopened {phase}", facts.by, reason.strip())
    return run.noted(event, phase=phase, approvals=kept, baseline=facts.tree)


def record_evidence(run: Run, facts: Facts, evidence: tuple[Evidence, ...]) -> Run:
    """Return the run with new evidence after the old; a check that failed twice as planned stops the work."""
    held = sum(one.holds for one in evidence)
    event = Event(facts.at, "checks ran", facts.by, f"{held} of {len(evidence)} as expected")
    ran = run.noted(event, evidence=(*run.evidence, *evidence))
    failed = proof.failing(evidence)
    if not failed:
        return ran
    note = "; ".join(f"`{one.command}` failed {one.attempt} times in a row" for one in failed)
    return ran.noted(Event(facts.at, _STOPPED, facts.by, note))


def stopped(run: Run) -> Event | None:
    """Return the stop that waits for a person, None when the work may go on."""
    if run.phase not in {"implement", "quick"}:
        return None
    telling = (one for one in reversed(run.history) if one.event.startswith((_STOPPED, *_GOES_ON)))
    last = next(telling, None)
    return last if last is not None and last.event == _STOPPED else None


def require_going(run: Run) -> None:
    """Raise ``GateClosed`` while a stop waits for a person."""
    stop = stopped(run)
    if stop is not None:
        message = f"Run {run.id} is stopped since {stop.at}: {stop.note}."
        remedy = (
            "A person revises the plan (`agentops reopen plan --reason …`, then /plan) or lets the work go on "
            "(/implement, or `agentops implement --resume` in a terminal)."
        )
        raise GateClosed(message, remedy=remedy)


def resume(run: Run, facts: Facts, checkpoint: Checkpoint | None = None, note: str = "") -> Run:
    """Return the run going on; with a checkpoint it takes the present state as where the phase stands."""
    if checkpoint is not None:
        return run.noted(
            Event(facts.at, "resumed by force", facts.by, note),
            checkpoint=checkpoint,
            baseline=facts.tree,
            branch=checkpoint.branch,
        )
    return run.noted(Event(facts.at, "resumed", facts.by, note)) if stopped(run) else run


def close(run: Run, facts: Facts, outside: tuple[str, ...], unproven: tuple[str, ...] = ()) -> Run:
    """Return the run done; ``outside`` names changed paths the plan does not, ``unproven`` items without evidence."""
    if run.phase not in {"implement", "quick"}:
        message = f"Run {run.id} is in phase {run.phase}; only implement or quick can be closed."
        raise GateClosed(message, remedy="See `agentops status` for the next step.")
    if outside:
        message = f"Files changed that the approved plan does not name: {', '.join(outside[:20])}."
        remedy = "Undo them, or a person accepts them with `/approve amend PATH …` or `agentops approve --amend PATH`."
        raise GateClosed(message, remedy=remedy)
    if facts.unsigned:
        message = f"Run {run.id} lacks signed approvals."
        raise GateClosed(message, remedy=" ".join(facts.unsigned))
    if unproven:
        message = f"Run {run.id} is not proven done: {len(unproven)} open."
        raise EvidenceMissing(message, remedy=" ".join(unproven))
    if not any(one.holds and one.tree == facts.tree for one in proof.latest(run.evidence).values()):
        message = f"Run {run.id} has no full evidence for the work tree as it is now."
        raise GateClosed(message, remedy="Run `agentops implement --close`, which runs every check of the plan.")
    return run.noted(Event(facts.at, "closed", facts.by, f"tree {facts.tree[:12]}"), phase="done")
