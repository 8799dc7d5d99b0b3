"""``agentops implement``."""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.errors import EvidenceMissing

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.phases.lifecycle import Desk
    from agentops_kit.phases.proof import Verdict
    from agentops_kit.phases.record import Run


@click.command(epilog='Example: agentops implement --close --check "pytest -q"')
@click.option("--check", "checks", multiple=True, metavar="COMMAND", help="One more validation command; repeatable.")
@click.option("--validate", "only_checks", is_flag=True, help="Run the plan's validation commands without closing.")
@click.option("--close", is_flag=True, help="Run every validation command and finish the run with the evidence.")
@options.resume
@options.run
@options.as_json
@options.workspace
def command(
    *,
    checks: tuple[str, ...],
    only_checks: bool,
    close: bool,
    resume: bool,
    force: bool,
    run: str | None,
    as_json: bool,
    workspace: Path,
) -> None:
    """Check the approval, record a checkpoint and begin; --close ends the run with evidence for every item."""
    from agentops_kit.phases import lifecycle, store

    desk = options.desk(workspace)
    if resume or force:
        options.resumed(desk, run, resume=resume, force=force, as_json=as_json)
        return
    if not (close or only_checks):
        person = options.why_no_person(os.environ) == ""
        _began(desk, lifecycle.implement(desk, run=run, by_person=person), as_json=as_json)
        return
    name = store.choose(desk.repo, run).id
    before = len(store.read(desk.repo, name).evidence)
    with show.progress("checking") as step:
        try:
            act = lifecycle.close if close else lifecycle.run_checks
            act(desk, run=name, extra=checks, started=step)
        finally:
            _evidence(desk, store.read(desk.repo, name), before, checks, as_json=as_json)
    _require_expected(store.read(desk.repo, name), before)


def _require_expected(run: Run, before: int) -> None:
    from agentops_kit.phases.validate import way_on

    ran = run.evidence[before:]
    unmet = [one for one in ran if not one.holds]
    if unmet:
        message = f"{len(unmet)} of {len(ran)} checks did not do what the plan expects."
        first = f"`{unmet[0].command}` {unmet[0].void or f'exited with {unmet[0].exit_status}'}."
        raise EvidenceMissing(message, remedy=f"First: {first} {way_on(run)}".strip())


def _began(desk: Desk, run: Run, *, as_json: bool) -> None:
    from agentops_kit.phases import store

    scope, tests = store.scope_of(desk.repo, run)
    if as_json:
        show.as_json({"run": run.id, "phase": run.phase, "scope": scope, "checks": tests})
        return
    show.timeline(run)
    if run.checkpoint:
        show.say(f"from      commit {run.checkpoint.commit[:12]} on {run.checkpoint.branch or 'a detached HEAD'}")
    for path in scope:
        show.say(f"may write {path}")
    for test in tests:
        show.say(f"check     {test}")
    show.say(f"next      {show.next_step(run)}")


def _evidence(desk: Desk, run: Run, before: int, checks: tuple[str, ...], *, as_json: bool) -> None:
    from agentops_kit.phases import validate

    verdicts = validate.judged(desk, run, extra=checks)
    ticks = validate.ticked_by_hand(desk, run, verdicts)
    strays = validate.strays(desk, run) if run.phase == "implement" else ()
    if as_json:
        show.as_json({**_facts(run, before, verdicts), "ticked_by_hand": ticks, "outside": strays})
        return
    show.timeline(run)
    rows = [
        ("✓" if one.holds else "✗", one.command, one.exit_status, f"{one.seconds:.1f} s", one.output_sha256[:12])
        for one in run.evidence[before:]
    ]
    if rows:
        show.table(("", "command", "exit", "time", "output sha256"), rows)
    show.items(verdicts, ticks, strays)


def _facts(run: Run, before: int, verdicts: tuple[Verdict, ...]) -> dict[str, object]:
    items = [{"item": one.item.label, "proven": one.proven, "why": one.why} for one in verdicts]
    ran = [asdict(one) for one in run.evidence[before:]]
    return {"run": run.id, "phase": run.phase, "evidence": ran, "items": items}
