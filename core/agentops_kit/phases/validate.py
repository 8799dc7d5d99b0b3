"""Proving a run: its checks are run and recorded, and it is closed only when every item is carried by evidence."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agentops_kit.errors import EvidenceMissing, GateClosed
from agentops_kit.phases import artefacts, machine, proof, sealing, store
from agentops_kit.phases.evidence import Ground, gather, numbered
from agentops_kit.phases.fence import covers
from agentops_kit.phases.plans import Plan, Test, parse
from agentops_kit.phases.record import sha256

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agentops_kit.bundles.document import Bundle
    from agentops_kit.ids import TreeId
    from agentops_kit.phases.desk import Desk
    from agentops_kit.phases.proof import Item, Verdict
    from agentops_kit.phases.record import Run

_WORKING = frozenset({"implement", "quick"})


def run_checks(
    desk: Desk, *, run: str | None = None, extra: Sequence[str] = (), started: Callable[[str], None] = lambda _: None
) -> Run:
    """Run each validation command of the approved plan (and ``extra``) and record what happened.

    ``GateClosed`` while a stop waits for a person; a command that fails twice as planned makes one.
    """
    found = store.choose(desk.repo, run)
    if found.phase not in _WORKING:
        message = f"Run {found.id} is in phase {found.phase}; its checks run in implement."
        raise GateClosed(message, remedy="See `agentops status` for the next step.")
    machine.require_going(found)
    tests = (*_tests(approved_plan(desk, found)), *(Test(command, "exit 0") for command in extra))
    if not tests:
        message = f"Run {found.id} names no validation command."
        raise EvidenceMissing(message, remedy='Give one: agentops implement --close --check "pytest -q".')
    approval = found.approval("plan")
    ground = Ground(desk.repo.root, desk.repo.fingerprint, desk.changed, desk.at)
    ran = gather(tests, ground, seconds=desk.config.limits.check_seconds, started=started)
    evidence = numbered(ran, found.evidence, approval.sha256 if approval else "")
    checked = machine.record_evidence(found, desk.facts(found), evidence)
    files: dict[str, bytes | None] = {}
    if machine.stopped(checked):
        path, data = _progress(desk, checked)
        files[path] = data
    store.save(desk.repo, desk.config, checked, f"chore(agentops): evidence for {found.id}", files)
    return checked


def close(
    desk: Desk, *, run: str | None = None, extra: Sequence[str] = (), started: Callable[[str], None] = lambda _: None
) -> tuple[Run, Bundle, str]:
    """Run the checks and, when every item is proven and nothing else changed, finish the run.

    Returns the run with its implementation bundle and the bundle's path.
    """
    checked = run_checks(desk, run=run, extra=extra, started=started)
    facts = replace(desk.facts(checked), unsigned=sealing.lacks(desk, checked, "plan"))
    verdicts = judged(desk, checked, facts.tree, extra)
    _require_expected(checked, verdicts)
    done = machine.close(checked, facts, outside(desk, checked, facts.changed), _open(desk, checked, verdicts))
    touched = desk.touched(checked, facts.tree)
    bundle = artefacts.implementation(desk.repo, done, touched, verdicts, desk.at())
    path = artefacts.path_of(bundle.id)
    done = replace(done, artefacts={**done.artefacts, "implement": path})
    files: dict[str, bytes | None] = {path: artefacts.encode(bundle)}
    store.save(desk.repo, desk.config, done, f"chore(agentops): close {done.id}", files)
    return done, bundle, path


def judged(desk: Desk, run: Run, tree: TreeId | None = None, extra: Sequence[str] = ()) -> tuple[Verdict, ...]:
    """Return the verdict on each item of a run: what its plan promises, or in the quick lane each check that ran."""
    now = tree or desk.repo.fingerprint()
    trees = {one.tree for one in proof.latest(run.evidence).values()}
    since = {one: desk.changed(one, now) for one in trees if one != now}
    return proof.judge(_items(desk, run, extra), run.evidence, tree=now, touched=desk.touched(run, now), since=since)


def ticked_by_hand(desk: Desk, run: Run, verdicts: Sequence[Verdict]) -> tuple[str, ...]:
    """Return a sentence for each tick in the run's artefacts that no evidence carries."""
    paths = {run.artefacts.get("plan", ""), artefacts.path_of(f"{run.id}-progress"), run.artefacts.get("implement", "")}
    found = []
    for path in sorted(path for path in paths if path and (desk.repo.root / path).is_file()):
        said = proof.hand_ticked(artefacts.read(desk.repo, path).body, verdicts)
        found += [f"{path}: {sentence}" for sentence in said]
    return tuple(found)


def strays(desk: Desk, run: Run) -> tuple[str, ...]:
    """Return the files changed in this phase that no change of the plan names."""
    return outside(desk, run, desk.facts(run).changed)


def outside(desk: Desk, run: Run, changed: Sequence[str]) -> tuple[str, ...]:
    """Return the changed paths that neither the approved plan nor an amendment names; none in the quick lane."""
    if run.phase == "quick":
        return ()
    scope, _ = store.scope_of(desk.repo, run)
    return tuple(path for path in changed if not any(covers(one, path) for one in scope))


def approved_plan(desk: Desk, run: Run) -> Plan | None:
    """Return the run's plan as it was approved, None without one; ``GateClosed`` when its bytes are others now."""
    approval = run.approval("plan")
    if approval is None:
        return None
    path = desk.repo.root / approval.artefact
    data = path.read_bytes() if path.is_file() else b""
    if sha256(data) != approval.sha256:
        what = "edited" if path.is_file() else "deleted"
        message = f"{approval.artefact} was {what} after {approval.by} approved it."
        raise GateClosed(message, remedy="Restore it, or `agentops reopen plan --reason …` and approve it again.")
    return parse(data.decode("utf-8", "replace"))


def _tests(plan: Plan | None) -> tuple[Test, ...]:
    return plan.tests if plan else ()


def _items(desk: Desk, run: Run, extra: Sequence[str]) -> tuple[Item, ...]:
    plan = approved_plan(desk, run)
    given = tuple(Test(command, "exit 0") for command in extra)
    if plan is not None:
        return proof.items(plan, given)
    ran = () if given else tuple(Test(one.command, one.expected) for one in proof.latest(run.evidence).values())
    return proof.checks((*given, *ran))


def _require_expected(run: Run, verdicts: Sequence[Verdict]) -> None:
    """Raise ``EvidenceMissing`` when a check failed in the run just made, with the way on when that is a stop."""
    wanted = {one.item.name for one in verdicts if one.item.kind == "check"}
    newest = [one for command, one in proof.latest(run.evidence).items() if command in wanted]
    unmet = [one for one in newest if not one.met]
    if not unmet:
        return
    message = f"{len(unmet)} of {len(newest)} checks did not do what the plan expects: {unmet[0].command}"
    raise EvidenceMissing(
        message, remedy=way_on(run) or f"It exited with {unmet[0].exit_status}; mend it and close again."
    )


def way_on(run: Run) -> str:
    """Return what a person can do about a stop, empty when nothing is stopped."""
    if machine.stopped(run) is None:
        return ""
    revise = "start over with /research" if run.phase == "quick" else "`agentops reopen plan --reason …`, then /plan"
    return (
        f"It failed twice as planned, so the work stops here; what is done is kept in {run.id}-progress. A person "
        f"revises it ({revise}) or lets it go on (/implement, or `agentops implement --resume` in a terminal)."
    )


def _open(desk: Desk, run: Run, verdicts: Sequence[Verdict]) -> tuple[str, ...]:
    sentences = proof.unproven(verdicts)
    return (*sentences, *ticked_by_hand(desk, run, verdicts)) if sentences else ()


def _progress(desk: Desk, run: Run) -> tuple[str, bytes]:
    """Return path and bytes of the run's progress bundle; what a person kept there stays, the stop is added."""
    path = artefacts.path_of(f"{run.id}-progress")
    kept = artefacts.read(desk.repo, path) if (desk.repo.root / path).is_file() else None
    verdicts = judged(desk, run)
    return path, artefacts.encode(artefacts.progress(desk.repo, run, verdicts, kept, desk.at()))
