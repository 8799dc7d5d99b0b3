"""What a person or an assistant does with a run: the acts behind the commands and the prompt hook.

Each act reads the facts, asks the state machine, and commits the record together with the
artefact. Nothing here prints; the caller shows the returned values.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from agentops_kit.errors import ArtefactRejected, EvidenceMissing, GateClosed, InputInvalid
from agentops_kit.ids import BundleId, RunId
from agentops_kit.phases import artefacts, machine, store
from agentops_kit.phases.evidence import gather
from agentops_kit.phases.machine import Facts
from agentops_kit.phases.plans import Test, parse
from agentops_kit.phases.record import Phase, Run, sha256

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from agentops_kit.bundles.document import Bundle
    from agentops_kit.content.config import Config
    from agentops_kit.ids import TreeId
    from agentops_kit.memory.git import Repo

_LONGEST_TASK = 100_000


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Desk:
    """The workspace a run lives in, its configuration, and the clock."""

    repo: Repo
    config: Config
    clock: Callable[[], datetime] = _now

    @classmethod
    def open(cls, start: Path) -> Desk:
        """Open the workspace around a folder and finish what a killed command left."""
        from agentops_kit.content.config import load
        from agentops_kit.memory.commit import recover
        from agentops_kit.memory.git import Repo

        repo = Repo.open(start)
        desk = cls(repo, load(repo.root))
        if recover(repo):
            store.activate(repo, desk.config, store.active(repo))
        return desk

    def at(self) -> str:
        """Return the time as ISO 8601, seconds, UTC."""
        return self.clock().astimezone(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True)
class Opened:
    """A run and the artefact of the phase it is in; ``lacks`` says what the artefact still needs."""

    run: Run
    bundle: Bundle | None
    path: str
    lacks: tuple[str, ...] = ()


def clean_task(task: str) -> str:
    """Return the task without surrounding blank; ``InputInvalid`` when empty or beyond 100,000 characters."""
    text = task.replace("\0", "").encode("utf-8", "replace").decode().strip()
    if not text:
        message = "The task is empty."
        raise InputInvalid(message, remedy='Say in a sentence what you want: agentops research "How does … work?"')
    if len(text) > _LONGEST_TASK:
        message = f"The task has {len(text):,} characters; the most is {_LONGEST_TASK:,}."
        raise InputInvalid(message, remedy="Put the long part into a file of the repository and name the file.")
    return text


def research(
    desk: Desk, task: str, *, budget: int | None = None, progress: Callable[[str], None] = lambda _: None
) -> Opened:
    """Start a run: three explorers read HEAD, and their bundle is committed with the run record."""
    from agentops_kit.bundles.make import make

    task = clean_task(task)
    desk.repo.require_head()
    run_id = _new_id(desk, task)
    run = machine.start(
        run_id, task, _facts(desk, None), branch=desk.repo.branch(), enforcement=desk.config.enforcement
    )
    tokens = budget or desk.config.limits.bundle_tokens
    name = BundleId(f"{run_id}-research")
    bundle = make(desk.repo, task, budget=tokens, run=run_id, created=desk.at(), bundle_id=name, progress=progress)
    path = artefacts.path_of(bundle.id)
    run = machine.with_artefact(run, path)
    store.save(desk.repo, desk.config, run, f"chore(agentops): research {run_id}", {path: artefacts.encode(bundle)})
    return Opened(run, bundle, path)


def quick(desk: Desk, task: str) -> Run:
    """Start a one-phase run: no plan, the same evidence at its end."""
    task = clean_task(task)
    desk.repo.require_head()
    facts = _facts(desk, None)
    branch, enforcement = desk.repo.branch(), desk.config.enforcement
    run = machine.start(_new_id(desk, task), task, facts, branch=branch, enforcement=enforcement, quick=True)
    store.save(desk.repo, desk.config, run, f"chore(agentops): quick {run.id}")
    return run


def plan(desk: Desk, task: str = "", *, run: str | None = None, over_limit: str = "") -> Opened:
    """Open the plan of a run from its approved research, or check the plan that is open."""
    found = store.choose(desk.repo, run)
    if found.phase == "plan":
        return check_plan(desk, found)
    facts = _facts(desk, found, before="research", over_limit=over_limit)
    entered = machine.enter_plan(found, clean_task(task) if task else "", facts)
    research_file = found.artefacts["research"]
    bundle = artefacts.draft_plan(desk.repo, entered, research_file, desk.at())
    path = artefacts.path_of(bundle.id)
    entered = machine.with_artefact(entered, path)
    message = f"chore(agentops): plan {entered.id}"
    files: dict[str, bytes | None] = {}
    if not (desk.repo.root / path).is_file():  # after a reopened run the person's plan is still there
        files[path] = artefacts.encode(bundle)
    store.save(desk.repo, desk.config, entered, message, files)
    return check_plan(desk, entered)


def check_plan(desk: Desk, run: Run) -> Opened:
    """Return the plan as it stands with what it lacks."""
    path = run.artefacts["plan"]
    bundle = artefacts.read(desk.repo, path)
    return Opened(run, bundle, path, artefacts.lacks("plan", bundle))


def approve(desk: Desk, how: str, *, run: str | None = None) -> Run:
    """Record a person's approval of the current phase's artefact, as its bytes are now.

    The artefact is recounted and committed with the approval. ``ArtefactRejected`` names what an
    empty or vague one lacks.
    """
    found = store.choose(desk.repo, run)
    path = found.artefacts.get(found.phase, "")
    data, digest = None, None
    if path and (desk.repo.root / path).is_file():
        bundle = artefacts.read(desk.repo, path)
        lacks = artefacts.lacks(found.phase, bundle)
        if lacks:
            message = f"{path} cannot be approved: {len(lacks)} lack{'s' if len(lacks) > 1 else ''}."
            raise ArtefactRejected(message, lacks=lacks, remedy="Fill them in, then approve.")
        data = artefacts.settled(desk.repo, path, bundle)
        digest = sha256(data)
    facts = replace(_facts(desk, found), artefact=digest)
    approved = machine.approve(found, facts, how)
    store.save(desk.repo, desk.config, approved, f"chore(agentops): approve {found.phase} of {found.id}", {path: data})
    return approved


def accept_changes(desk: Desk, reason: str, *, run: str | None = None) -> Run:
    """Take the work tree as it is now as the phase's baseline, on a person's word."""
    found = store.choose(desk.repo, run)
    accepted = machine.accept_changes(found, _facts(desk, found), reason)
    store.save(desk.repo, desk.config, accepted, f"chore(agentops): accept changes in {found.id}")
    return accepted


def amend(desk: Desk, paths: Sequence[str], *, run: str | None = None) -> Run:
    """Add paths to what the implement phase may touch, on a person's word."""
    found = store.choose(desk.repo, run)
    inside = [_relative(desk.repo.root, path) for path in paths]
    if not inside:
        message = "Amending needs the paths to add."
        raise InputInvalid(message, remedy="Type `/approve amend PATH …`, or `agentops approve --amend PATH`.")
    amended = machine.amend(found, _facts(desk, found), inside)
    store.save(desk.repo, desk.config, amended, f"chore(agentops): amend scope of {found.id}")
    return amended


def reopen(desk: Desk, phase: Phase, reason: str, *, run: str | None = None) -> Run:
    """Take a run back to an earlier phase."""
    found = store.choose(desk.repo, run)
    again = machine.reopen(found, phase, _facts(desk, found), reason)
    store.save(desk.repo, desk.config, again, f"chore(agentops): reopen {phase} of {found.id}")
    return again


def implement(desk: Desk, *, run: str | None = None, over_limit: str = "") -> Run:
    """Enter the implement phase with a checkpoint, or return the run that is already in it."""
    found = store.choose(desk.repo, run)
    if found.phase in {"implement", "quick"}:
        return found
    facts = _facts(desk, found, before="plan", over_limit=over_limit)
    head, branch, staged = desk.repo.require_head(), desk.repo.branch(), tuple(desk.repo.staged())
    entered = machine.enter_implement(found, facts, commit=head, branch=branch, staged=staged)
    store.save(desk.repo, desk.config, entered, f"chore(agentops): implement {found.id}")
    return entered


def run_checks(
    desk: Desk, *, run: str | None = None, extra: Sequence[str] = (), started: Callable[[str], None] = lambda _: None
) -> Run:
    """Run each validation command of the approved plan (and ``extra``) and record what happened."""
    found = store.choose(desk.repo, run)
    if found.phase not in {"implement", "quick"}:
        message = f"Run {found.id} is in phase {found.phase}; its checks run in implement."
        raise GateClosed(message, remedy="See `agentops status` for the next step.")
    tests = (*_planned(desk, found), *(Test(command, "exit 0") for command in extra))
    if not tests:
        message = f"Run {found.id} names no validation command."
        raise EvidenceMissing(message, remedy='Give one: agentops implement --close --check "pytest -q".')
    evidence = gather(
        tests,
        desk.repo.root,
        at=desk.at(),
        tree=desk.repo.fingerprint,
        seconds=desk.config.limits.check_seconds,
        started=started,
    )
    checked = machine.record_evidence(found, _facts(desk, found), evidence)
    store.save(desk.repo, desk.config, checked, f"chore(agentops): evidence for {found.id}")
    return checked


def close(
    desk: Desk, *, run: str | None = None, extra: Sequence[str] = (), started: Callable[[str], None] = lambda _: None
) -> Opened:
    """Run the checks and, when all are as expected and nothing else changed, finish the run with its bundle."""
    checked = run_checks(desk, run=run, extra=extra, started=started)
    unmet = [one for one in checked.evidence if not one.met]
    if unmet:
        message = f"{len(unmet)} of {len(checked.evidence)} checks did not do what the plan expects: {unmet[0].command}"
        raise EvidenceMissing(message, remedy=f"It exited with {unmet[0].exit_status}; mend it and close again.")
    facts = _facts(desk, checked)
    done = machine.close(checked, facts, outside(desk, checked, facts.changed))
    bundle = artefacts.implementation(desk.repo, done, facts.changed, desk.at())
    path = artefacts.path_of(bundle.id)
    done = replace(done, artefacts={**done.artefacts, "implement": path})
    files: dict[str, bytes | None] = {path: artefacts.encode(bundle)}
    store.save(desk.repo, desk.config, done, f"chore(agentops): close {done.id}", files)
    return Opened(done, bundle, path)


def outside(desk: Desk, run: Run, changed: Sequence[str]) -> tuple[str, ...]:
    """Return the changed paths that neither the approved plan nor an amendment names; none in the quick lane."""
    from agentops_kit.phases.fence import covers

    if run.phase == "quick":
        return ()
    scope, _ = store.scope_of(desk.repo, run)
    return tuple(path for path in changed if not any(covers(one, path) for one in scope))


def lacks_for(desk: Desk, run: Run, phase: Phase, over_limit: str = "") -> tuple[str, ...]:
    """Return what keeps the run out of a phase, without entering it."""
    before = "research" if phase == "plan" else "plan"
    return machine.lacks(run, phase, _facts(desk, run, before=before, over_limit=over_limit))


def _planned(desk: Desk, run: Run) -> tuple[Test, ...]:
    approval = run.approval("plan")
    if approval is None:
        return ()
    path = desk.repo.root / approval.artefact
    data = path.read_bytes() if path.is_file() else b""
    if sha256(data) != approval.sha256:
        what = "edited" if path.is_file() else "deleted"
        message = f"{approval.artefact} was {what} after {approval.by} approved it."
        raise GateClosed(message, remedy="Restore it, or `agentops reopen plan --reason …` and approve it again.")
    return parse(data.decode("utf-8", "replace")).tests


def _facts(desk: Desk, run: Run | None, *, before: str = "", over_limit: str = "") -> Facts:
    tree = desk.repo.fingerprint()
    path = desk.repo.root / run.artefacts.get(before, "") if run else desk.repo.root
    digest = sha256(path.read_bytes()) if before and path.is_file() else None
    changed = _changed(desk, run.baseline, tree) if run else ()
    return Facts(desk.at(), desk.repo.identity(), tree, changed, digest, over_limit)


def _changed(desk: Desk, before: TreeId, after: TreeId) -> tuple[str, ...]:
    if before == after:
        return ()
    from agentops_kit.memory.git import GitFailed

    try:
        return tuple(desk.repo.changed_between(before, after))
    except GitFailed:  # the baseline was taken in another clone: that trees differ is known, in what is not
        return ("(files unknown: the run began in another clone)",)


def _new_id(desk: Desk, task: str) -> RunId:
    from agentops_kit.memory.reserve import reserve

    return RunId(reserve(desk.repo, desk.clock().astimezone(UTC).date(), task, store.names(desk.repo)))


def _relative(root: Path, path: str) -> str:
    wanted = path.strip()
    clean = posixpath.normpath(wanted) if wanted else "."
    if clean in {".", ".."} or clean.startswith(("/", "~", "../")):
        message = f"{path!r} does not lie in the workspace."
        raise InputInvalid(message, remedy="Name it relative to the root; a folder ends with a slash.")
    return f"{clean}/" if wanted.endswith("/") or (root / clean).is_dir() else clean
