"""What a person or an assistant does with a run: the acts behind the commands and the prompt hook.

Each act reads the facts, asks the state machine, and commits the record together with the
artefact. Nothing here prints; the caller shows the returned values.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, replace
from datetime import UTC
from typing import TYPE_CHECKING

from agentops_kit.errors import ArtefactRejected, InputInvalid
from agentops_kit.ids import BundleId, RunId
from agentops_kit.phases import approvers, artefacts, machine, resume, sealing, store, validate
from agentops_kit.phases.approvers import Need
from agentops_kit.phases.desk import Desk
from agentops_kit.phases.record import Phase, Run, sha256
from agentops_kit.phases.validate import outside, run_checks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from agentops_kit.bundles.document import Bundle
    from agentops_kit.phases.machine import Facts
    from agentops_kit.phases.signature import Signer

__all__ = [
    "Desk",
    "Opened",
    "accept_changes",
    "amend",
    "approve",
    "check_plan",
    "clean_task",
    "close",
    "implement",
    "lacks_for",
    "outside",
    "plan",
    "quick",
    "reopen",
    "research",
    "run_checks",
]

_LONGEST_TASK = 100_000


@dataclass(frozen=True)
class Opened:
    """A run and the artefact of the phase it is in; ``lacks`` says what the artefact still needs."""

    run: Run
    bundle: Bundle | None
    path: str
    lacks: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    """One sentence for each secret that was taken out before anything was written."""


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


def _public(desk: Desk, task: str) -> tuple[str, tuple[str, ...]]:
    """Return a clean task without secrets, which becomes a file's name too, and a sentence for each."""
    from agentops_kit.bundles.redaction import redacted_text

    return redacted_text(clean_task(task), "the task", desk.config.secrets)


def research(
    desk: Desk,
    task: str,
    *,
    budget: int | None = None,
    progress: Callable[[str], None] = lambda _: None,
    note: str = "",
) -> Opened:
    """Start a run: three explorers read HEAD, and their bundle is committed with the run record.

    ``note`` stands beside its first line of history.
    """
    from agentops_kit.bundles.make import make
    from agentops_kit.memory.recall import relevant

    task, of_task = _public(desk, task)
    desk.repo.require_head()
    run = _start(desk, task, note=note)
    tokens = budget or desk.config.limits.bundle_tokens
    name = BundleId(f"{run.id}-research")
    known = relevant(desk.repo, task, budget=min(desk.config.limits.recall_tokens, tokens // 10))
    left = tokens - artefacts.known_tokens(known)
    bundle = make(desk.repo, task, budget=left, run=run.id, created=desk.at(), bundle_id=name, progress=progress)
    bundle, of_text = artefacts.without_secrets(desk.repo, artefacts.with_known(bundle, known))
    path = artefacts.path_of(bundle.id)
    run = machine.with_artefact(run, path)
    store.save(desk.repo, desk.config, run, f"chore(agentops): research {run.id}", {path: artefacts.encode(bundle)})
    return Opened(run, bundle, path, told=(*of_task, *of_text))


def quick(desk: Desk, task: str, *, note: str = "") -> Run:
    """Start a one-phase run: no plan, the same evidence at its end; ``note`` as for ``research``."""
    task, _ = _public(desk, task)
    desk.repo.require_head()
    run = _start(desk, task, quick=True, note=note)
    store.save(desk.repo, desk.config, run, f"chore(agentops): quick {run.id}")
    return run


def plan(desk: Desk, task: str = "", *, run: str | None = None, over_limit: str = "") -> Opened:
    """Open the plan of a run from its approved research, or check the plan that is open.

    Words given while a plan is open are kept in the run's history; its task stays.
    """
    found = store.choose(desk.repo, run)
    if found.phase == "plan":
        return check_plan(desk, _told(desk, found, task))
    facts = _facts(desk, found, "plan", over_limit)
    entered = machine.enter_plan(found, _public(desk, task)[0] if task else "", facts, desk.point(facts.tree))
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


def approve(desk: Desk, how: str, *, run: str | None = None, note: str = "", signer: Signer | None = None) -> Run:
    """Record a person's approval of the current phase's artefact, as its bytes are now, with the person's note.

    The artefact is recounted and committed with the approval, and with ``signer`` the signed
    approval beside it. ``ArtefactRejected`` names what an empty or vague one lacks.
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
    facts = replace(desk.facts(found), artefact=digest)
    approved = machine.approve(found, facts, how, note)
    files: dict[str, bytes | None] = {path: data}
    if signer is not None and digest is not None:
        files |= sealing.seal(desk, (Need(found.id, found.phase, path, digest),), signer, note)
    store.save(desk.repo, desk.config, approved, f"chore(agentops): approve {found.phase} of {found.id}", files)
    return approved


def accept_changes(desk: Desk, reason: str, *, run: str | None = None) -> Run:
    """Take the work tree as it is now as the phase's baseline, on a person's word."""
    found = store.choose(desk.repo, run)
    accepted = machine.accept_changes(found, desk.facts(found), reason)
    store.save(desk.repo, desk.config, accepted, f"chore(agentops): accept changes in {found.id}")
    return accepted


def amend(
    desk: Desk, paths: Sequence[str], *, run: str | None = None, note: str = "", signer: Signer | None = None
) -> Run:
    """Add paths to what the implement phase may touch, on a person's word; with ``signer`` each is signed, too."""
    found = store.choose(desk.repo, run)
    inside = [_relative(desk.repo.root, path) for path in paths]
    if not inside:
        message = "Amending needs the paths to add."
        raise InputInvalid(message, remedy="Type `/approve amend PATH …`, or `agentops approve --amend PATH`.")
    amended = machine.amend(found, desk.facts(found), inside)
    needs = tuple(approvers.amendment(found.id, path) for path in inside)
    files = sealing.seal(desk, needs, signer, note) if signer else {}
    store.save(desk.repo, desk.config, amended, f"chore(agentops): amend scope of {found.id}", files)
    return amended


def reopen(desk: Desk, phase: Phase, reason: str, *, run: str | None = None) -> Run:
    """Take a run back to an earlier phase."""
    found = store.choose(desk.repo, run)
    again = machine.reopen(found, phase, desk.facts(found), reason)
    store.save(desk.repo, desk.config, again, f"chore(agentops): reopen {phase} of {found.id}")
    return again


def implement(desk: Desk, *, run: str | None = None, over_limit: str = "", by_person: bool = True) -> Run:
    """Enter the implement phase with a checkpoint, or return the run that is already in it.

    A run that stopped goes on when a person asks; ``GateClosed`` when a model does.
    """
    found = store.choose(desk.repo, run)
    if found.phase in {"implement", "quick"}:
        if not by_person:
            machine.require_going(found)
        return resume.go_on(desk, found)
    facts = _facts(desk, found, "implement", over_limit)
    point = desk.point(facts.tree)
    entered = machine.enter_implement(found, facts, commit=point.commit, branch=point.branch, staged=point.staged)
    store.save(desk.repo, desk.config, entered, f"chore(agentops): implement {found.id}")
    return entered


def close(
    desk: Desk, *, run: str | None = None, extra: Sequence[str] = (), started: Callable[[str], None] = lambda _: None
) -> Opened:
    """Run the checks and, when every item is proven and nothing else changed, finish the run with its bundle."""
    return Opened(*validate.close(desk, run=run, extra=extra, started=started))


def lacks_for(desk: Desk, run: Run, phase: Phase, over_limit: str = "") -> tuple[str, ...]:
    """Return what keeps the run out of a phase, without entering it."""
    return machine.lacks(run, phase, _facts(desk, run, phase, over_limit))


def _facts(desk: Desk, run: Run, phase: Phase, over_limit: str) -> Facts:
    """Return the facts that the gate to a phase asks for."""
    before: Phase = "research" if phase == "plan" else "plan"
    facts = desk.facts(run, before=before, over_limit=over_limit)
    return replace(facts, unsigned=sealing.lacks(desk, run, before))


def _told(desk: Desk, run: Run, task: str) -> Run:
    told = machine.told(run, clean_task(task), desk.facts(run)) if task.strip() else run
    if told is not run:
        store.save(desk.repo, desk.config, told, f"chore(agentops): words for {run.phase} of {run.id}")
    return told


def _start(desk: Desk, task: str, *, quick: bool = False, note: str = "") -> Run:
    facts = desk.facts(None)
    run = machine.start(
        _new_id(desk, task),
        task,
        facts,
        branch=desk.repo.branch(),
        enforcement=desk.config.enforcement,
        quick=quick,
        checkpoint=desk.point(facts.tree),
    )
    return replace(run, history=(replace(run.history[0], note=note),)) if note else run


def _new_id(desk: Desk, task: str) -> RunId:
    from agentops_kit.memory.reserve import reserve

    files = (desk.repo.root / artefacts.FOLDER).glob("*.md")
    held = {path.stem.rpartition("-")[0] for path in files}  # bundles without a run may have a run's name
    return RunId(reserve(desk.repo, desk.clock().astimezone(UTC).date(), task, held.union(store.names(desk.repo))))


def _relative(root: Path, path: str) -> str:
    wanted = path.strip()
    clean = posixpath.normpath(wanted) if wanted else "."
    if clean in {".", ".."} or clean.startswith(("/", "~", "../")):
        message = f"{path!r} does not lie in the workspace."
        raise InputInvalid(message, remedy="Name it relative to the root; a folder ends with a slash.")
    return f"{clean}/" if wanted.endswith("/") or (root / clean).is_dir() else clean
