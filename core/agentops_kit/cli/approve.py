"""``agentops approve``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.errors import EvidenceMissing, GateClosed

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.phases.lifecycle import Desk
    from agentops_kit.phases.record import Run


@click.command(epilog="Example: agentops approve --sign")
@options.run
@click.option("--amend", multiple=True, metavar="PATH", help="Let the implement phase also write PATH; repeatable.")
@click.option("--accept-changes", is_flag=True, help="Accept the work tree as it is now as the phase's starting point.")
@click.option("--reason", default="", help="Why, for the run's history and the approval itself.")
@click.option("--sign", is_flag=True, help="Sign the approval with the key git signs with (SSH or OpenPGP).")
@click.option(
    "--verify", is_flag=True, help="Only check the run's signed approvals; exit 8 when one is missing or bad."
)
@options.as_json
@options.workspace
def command(
    *,
    run: str | None,
    amend: tuple[str, ...],
    accept_changes: bool,
    reason: str,
    sign: bool,
    verify: bool,
    as_json: bool,
    workspace: Path,
) -> None:
    """Record your approval of the current phase's artefact, bound to its bytes. Needs a terminal and a person.

    Once a run is past its gates, --sign adds your signature to what is approved already.
    """
    from agentops_kit.phases import store

    desk = options.desk(workspace)
    found = store.choose(desk.repo, run)
    if verify:
        _verify(desk, found, as_json=as_json)
        return
    _require_person()
    _confirm(desk, found, amend, accept_changes=accept_changes, sign=sign)
    _act(desk, found, amend, reason, accept_changes=accept_changes, sign=sign)
    done = store.read(desk.repo, found.id)
    if as_json:
        show.as_json({"run": done.id, "phase": done.phase, "signed": _signed(desk, done)})
        return
    show.timeline(done)
    for line in _signed(desk, done):
        show.say(f"signed    {line}")
    show.say(f"next      {show.next_step(done)}")


def _act(desk: Desk, run: Run, amend: tuple[str, ...], reason: str, *, accept_changes: bool, sign: bool) -> None:
    from agentops_kit.phases import lifecycle, sealing, signature

    signer = signature.signer_of(desk.repo) if sign else None
    if amend:
        lifecycle.amend(desk, amend, run=run.id, note=reason, signer=signer)
    if accept_changes:
        lifecycle.accept_changes(desk, reason, run=run.id)
    if amend or accept_changes:
        return
    if signer is not None and run.phase not in {"research", "plan"}:
        sealing.countersign(desk, run, signer, reason)
    else:
        lifecycle.approve(desk, "terminal", run=run.id, note=reason, signer=signer)


def _require_person() -> None:
    from agentops_kit.phases import people

    why = people.why_not_terminal(os.environ, people.ancestors(), terminal=options.interactive())
    if why:
        message = f"Approving is a person's act, and {why}."
        raise GateClosed(
            message, remedy="Type /approve in the assistant, or run `agentops approve` in a terminal of your own."
        )


def _verify(desk: Desk, run: Run, *, as_json: bool) -> None:
    from agentops_kit.phases import approvers, sealing

    checked = sealing.checked(desk, run)
    lacks = approvers.lacks(sealing.policy_of(desk), sealing.needs(desk, run), checked, run.author)
    bad = [one for one in checked if one.problem]
    if as_json:
        seals = [
            {"file": one.seal.path, "gate": one.seal.gate, "signer": one.signer, "key": one.key, "problem": one.problem}
            for one in checked
        ]
        show.as_json({"run": run.id, "approvals": seals, "lacks": lacks})
    else:
        for line in _signed(desk, run):
            show.say(f"signed    {line}")
        for sentence in lacks:
            show.say(f"missing   {sentence}")
        if not (checked or lacks):
            show.say(f"Run {run.id} has no signed approval, and what is approved so far needs none.")
    if lacks or bad:
        message = (
            f"{len(bad)} of {len(checked)} signed approvals of run {run.id} do not count, {len(lacks)} are missing."
        )
        raise EvidenceMissing(message, remedy=lacks[0] if lacks else f"{bad[0].seal.path}: {bad[0].problem}")


def _signed(desk: Desk, run: Run) -> list[str]:
    from agentops_kit.phases import sealing

    return [
        f"{one.seal.gate} {one.seal.artefact} "
        + (f"by {one.signer} with {one.key}" if not one.problem else f"does not count: {one.problem}")
        for one in sealing.checked(desk, run)
    ]


def _confirm(desk: Desk, run: Run, amend: tuple[str, ...], *, accept_changes: bool, sign: bool) -> None:
    if amend:
        what = f"let run {run.id} also write {', '.join(amend)}"
    elif accept_changes:
        what = f"accept the work tree as it is now for run {run.id}"
    elif sign and run.phase not in {"research", "plan"}:
        what = f"sign what is approved in run {run.id}"
    else:
        path = run.artefacts.get(run.phase, "")
        size = (desk.repo.root / path).stat().st_size if path and (desk.repo.root / path).is_file() else 0
        what = f"approve {path or 'the ' + run.phase + ' phase'} ({size:,} bytes) of run {run.id}"
    click.confirm(f"As {desk.repo.identity()}: {what}{' and sign it' if sign else ''}?", abort=True)
