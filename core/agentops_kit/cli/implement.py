"""``agentops implement``."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.errors import EvidenceMissing

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.phases.lifecycle import Desk
    from agentops_kit.phases.record import Run


@click.command(epilog='Example: agentops implement --close --check "pytest -q"')
@click.option("--check", "checks", multiple=True, metavar="COMMAND", help="One more validation command; repeatable.")
@click.option("--validate", "only_checks", is_flag=True, help="Run the plan's validation commands without closing.")
@click.option("--close", is_flag=True, help="Run every validation command and finish the run with the evidence.")
@options.run
@options.as_json
@options.workspace
def command(
    *, checks: tuple[str, ...], only_checks: bool, close: bool, run: str | None, as_json: bool, workspace: Path
) -> None:
    """Check the approval, record a checkpoint and begin; --close ends the run with evidence."""
    from agentops_kit.phases import lifecycle, store

    desk = options.desk(workspace)
    if not (close or only_checks):
        _began(desk, lifecycle.implement(desk, run=run), as_json=as_json)
        return
    name = store.choose(desk.repo, run).id
    with show.progress("checking") as step:
        try:
            act = lifecycle.close if close else lifecycle.run_checks
            act(desk, run=name, extra=checks, started=step)
        finally:
            _evidence(store.read(desk.repo, name), as_json=as_json)
    checked = store.read(desk.repo, name)
    unmet = [one for one in checked.evidence if not one.met]
    if unmet:
        message = f"{len(unmet)} of {len(checked.evidence)} checks did not do what the plan expects."
        raise EvidenceMissing(message, remedy=f"First: `{unmet[0].command}` exited with {unmet[0].exit_status}.")


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


def _evidence(run: Run, *, as_json: bool) -> None:
    if as_json:
        show.as_json({"run": run.id, "phase": run.phase, "evidence": [asdict(one) for one in run.evidence]})
        return
    show.timeline(run)
    rows = [
        ("✓" if one.met else "✗", one.command, one.exit_status, f"{one.seconds:.1f} s", one.output_sha256[:12])
        for one in run.evidence
    ]
    if rows:
        show.table(("", "command", "exit", "time", "output sha256"), rows)
