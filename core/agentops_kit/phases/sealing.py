"""Signed approvals in a workspace: making them with an approval, reading them, and what is missing at a gate."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from agentops_kit.content.critical import critical_paths
from agentops_kit.errors import GateClosed, InputInvalid
from agentops_kit.phases import approvers, signature, store
from agentops_kit.phases.approvers import Checked, Need, Seal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agentops_kit.content.approval_settings import Approvals
    from agentops_kit.memory.git import Repo
    from agentops_kit.phases.desk import Desk
    from agentops_kit.phases.record import Run
    from agentops_kit.phases.signature import Signer


def seal(desk: Desk, needs: Iterable[Need], signer: Signer, note: str = "") -> dict[str, bytes | None]:
    """Return the files of signed approvals, one for each need, by path.

    The signature is checked against the allowed signers at once, where the workspace names any:
    ``GateClosed`` says why it would not count.
    """
    trust = signature.trust_of(desk.repo)
    files: dict[str, bytes | None] = {}
    for need in needs:
        blank = Seal(
            need.run, need.gate, need.artefact, need.sha256, desk.repo.identity(), desk.at(), note.strip(), "ssh", ""
        )
        made = signature.sign(blank, signer)
        _require_known(signature.check(made, trust, desk.clock()), trust)
        files[made.path] = approvers.dump(made)
    return files


def countersign(desk: Desk, run: Run, signer: Signer, note: str = "") -> tuple[str, ...]:
    """Sign everything that is approved in a run and that this person has not signed; return the new files' paths.

    ``InputInvalid`` when there is nothing left to sign.
    """
    mine = approvers.mail_of(desk.repo.identity())
    counted = [one.seal for one in checked(desk, run) if not one.problem]
    mine_already = {(one.gate, one.artefact, one.sha256) for one in counted if one.mail == mine}
    open_needs = [one for one in needs(desk, run) if (one.gate, one.artefact, one.sha256) not in mine_already]
    if not open_needs:
        message = f"There is nothing in run {run.id} that {mine} has not signed."
        raise InputInvalid(message, remedy="See `agentops approve --verify`.")
    files = seal(desk, open_needs, signer, note)
    store.save(desk.repo, desk.config, run, f"chore(agentops): sign {run.id}", files)
    return tuple(files)


def read(repo: Repo, run: str) -> tuple[Seal, ...]:
    """Return the signed approvals of a run in the work tree, by path; ``ContentInvalid`` names one that is broken."""
    paths = sorted(path for path in (repo.root / approvers.FOLDER).glob(f"{run}.*.yaml") if not path.is_symlink())
    return tuple(approvers.load(path.read_bytes(), f"{approvers.FOLDER}/{path.name}") for path in paths)


def checked(desk: Desk, run: Run) -> tuple[Checked, ...]:
    """Return a run's signed approvals, each with its signer or the reason why it does not count."""
    seals = read(desk.repo, run.id)
    trust = signature.trust_of(desk.repo) if seals else signature.Trust()
    wanted = {(need.gate, need.artefact, need.sha256) for need in needs(desk, run)}
    return tuple(_current(signature.check(one, trust, desk.clock()), wanted) for one in seals)


def needs(desk: Desk, run: Run) -> tuple[Need, ...]:
    """Return what a person approves in a run: its approvals, with the plan's scope, and its amendments."""
    amended = {one.path for one in run.amendments}
    scope, _ = store.scope_of(desk.repo, run)
    return approvers.needs(run, [path for path in scope if path not in amended])


def lacks(desk: Desk, run: Run, phase: str) -> tuple[str, ...]:
    """Return what signed approvals are missing at the gate behind a phase, one sentence each."""
    policy = policy_of(desk)
    if policy.signed == "optional" and not policy.people:
        return ()
    wanted = [need for need in needs(desk, run) if need.gate in {phase, approvers.AMENDMENT}]
    return approvers.lacks(policy, wanted, checked(desk, run), run.author)


def policy_of(desk: Desk) -> Approvals:
    """Return what the workspace asks of approvals; a profile's critical paths need two people."""
    return desk.config.approvals.with_critical(critical_paths(desk.repo.root, desk.config, os.environ))


def _current(one: Checked, wanted: set[tuple[str, str, str]]) -> Checked:
    stands = (one.seal.gate, one.seal.artefact, one.seal.sha256) in wanted
    return one if one.problem or stands else replace(one, problem="it is for other bytes than those approved now.")


def _require_known(found: Checked, trust: signature.Trust) -> None:
    if found.problem and (trust.signers or trust.keys):
        message = f"Your signature would not count: {found.problem}"
        raise GateClosed(message, remedy=f"Have your key added to {approvers.SIGNERS} (or {approvers.KEYS}).")
