"""The acts of a headless run on the workspace; each may be repeated after a crash and then finds what it did."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agentops_kit.errors import EvidenceMissing, GateClosed
from agentops_kit.workflows.headless import answers, bound
from agentops_kit.workflows.steps.base import StepFailed, StepWaits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentops_kit.phases.lifecycle import Desk
    from agentops_kit.phases.record import Run
    from agentops_kit.workflows.steps.base import Job

Facts = dict[str, Any]


def research(desk: Desk, job: Job, task: str) -> Facts:
    """Begin the workspace's run with its research bundle, exactly as ``agentops research`` does."""
    from agentops_kit.phases import artefacts, lifecycle

    run = bound.find(desk, job) or lifecycle.research(desk, task, note=bound.mark(job.run)).run
    path = run.artefacts["research"]
    bundle = artefacts.read(desk.repo, path)
    sources = [one.path for one in bundle.sources]
    return {"run": run.id, "bundle": path, "tokens": bundle.tokens.bundle, "sources": sources, "text": bundle.body}


def answer(desk: Desk, job: Job, text: str) -> Facts:
    """Fill the research bundle's open sections, unless a person has filled or approved it."""
    from agentops_kit.phases.plans import SLOT

    run = bound.require(desk, job)
    path = run.artefacts["research"]
    body = _body(desk, path)
    if run.approval("research") is None and SLOT.search(body):
        _keep(desk, path, answers.with_findings(body, text))
    return {"run": run.id, "bundle": path, "text": _body(desk, path)}


def plan(desk: Desk, job: Job) -> Facts:
    """Open the plan from the approved research, or find it open."""
    from agentops_kit.phases import lifecycle

    run = bound.require(desk, job)
    if run.phase == "research":
        run = lifecycle.plan(desk, run=run.id).run
    return _planned(desk, run)


def fill(desk: Desk, job: Job, text: str) -> Facts:
    """Fill the plan with a model's answer, unless a person has filled or approved it; ``lacks`` says what it needs."""
    from agentops_kit.phases.plans import SLOT

    run = bound.require(desk, job)
    path = run.artefacts["plan"]
    given = answers.plan_in(text)
    if given and run.approval("plan") is None and SLOT.search(_body(desk, path)):
        _keep(desk, path, given)
    return _planned(desk, run)


def quick(desk: Desk, job: Job, task: str) -> Facts:
    """Begin a one-phase run."""
    from agentops_kit.phases import lifecycle

    run = bound.find(desk, job) or lifecycle.quick(desk, task, note=bound.mark(job.run))
    return {"run": run.id, "phase": run.phase}


def change(desk: Desk, job: Job, diffs: Sequence[str]) -> Facts:
    """Enter the implement phase and apply diffs to the files the plan names; one applied already stays as it is."""
    from agentops_kit.phases import lifecycle

    run = bound.require(desk, job)
    if run.phase == "done":
        return {"run": run.id, "changed": []}
    run = lifecycle.implement(desk, run=run.id)
    changed: list[str] = []
    for diff in diffs:
        changed += _apply(desk, run, diff)
    return {"run": run.id, "changed": sorted(set(changed))}


def close(desk: Desk, job: Job, checks: Sequence[str]) -> Facts:
    """Run the checks and close the run; ``StepWaits`` when something is left that a person has to mend."""
    from agentops_kit.phases import lifecycle

    run = bound.require(desk, job)
    if run.phase != "done":
        if not desk.touched(run, desk.repo.fingerprint()):
            message = f"Nothing is changed yet for run {run.id}: make the change, then: agentops runs resume {job.run}."
            raise StepWaits(message)
        try:
            run = lifecycle.close(desk, run=run.id, extra=checks).run
        except (EvidenceMissing, GateClosed) as error:
            message = f"Run {run.id} is not closed. {error} Mend it; then: agentops runs resume {job.run}."
            raise StepWaits(message) from error
    evidence = [{"command": one.command, "exit": one.exit_status, "holds": one.holds} for one in run.evidence]
    return {"run": run.id, "bundle": run.artefacts.get("implement", ""), "evidence": evidence}


def read(desk: Desk, job: Job, phase: str) -> Facts:
    """Return the text of a phase's artefact as it stands, empty when there is none."""
    run = bound.find(desk, job)
    path = run.artefacts.get(phase, "") if run else ""
    return {"path": path, "text": _body(desk, path) if path else ""}


def _planned(desk: Desk, run: Run) -> Facts:
    from agentops_kit.phases import artefacts

    path = run.artefacts["plan"]
    bundle = artefacts.read(desk.repo, path)
    lacks = [] if run.approval("plan") else list(artefacts.lacks("plan", bundle))
    return {"run": run.id, "plan": path, "lacks": lacks, "text": bundle.body}


def _body(desk: Desk, path: str) -> str:
    from agentops_kit.phases import artefacts

    return artefacts.read(desk.repo, path).body


def _keep(desk: Desk, path: str, body: str) -> None:
    from agentops_kit.bundles.keep import keep_edited
    from agentops_kit.phases import artefacts

    bundle = replace(artefacts.read(desk.repo, path), body=body)
    (desk.repo.root / path).write_bytes(artefacts.encode(bundle))
    keep_edited(desk.repo, bundle.id)


def _apply(desk: Desk, run: Run, diff: str) -> list[str]:
    data = diff.encode("utf-8", "surrogateescape")
    paths = desk.repo.diff_paths(data)
    strays = [path for path in paths if not _may_change(desk, run, path)]
    if strays:
        named = ", ".join(strays[:3])
        message = f"The change touches {named}, which the approved plan does not name; nothing of it was written."
        raise StepFailed("refused", message)
    if not paths or not desk.repo.apply(data):
        message = "A change does not fit the files as they are: " + (", ".join(paths[:3]) or "it names no file") + "."
        raise StepFailed("invalid", message)
    return list(paths)


def _may_change(desk: Desk, run: Run, path: str) -> bool:
    from agentops_kit.phases import store
    from agentops_kit.phases.fence import covers

    if path.startswith((".agentops/", ".git/")):
        return False
    return run.phase == "quick" or any(covers(one, path) for one in store.scope_of(desk.repo, run)[0])
