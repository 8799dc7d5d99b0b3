"""``agentops status``."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.phases.lifecycle import Desk
    from agentops_kit.phases.record import Run

_RECENT = 8


@click.command(epilog="Example: agentops status --brief")
@click.option("--brief", is_flag=True, help="One to three lines, for a prompt file; never fails.")
@options.run
@options.as_json
@options.workspace
def command(*, brief: bool, run: str | None, as_json: bool, workspace: Path) -> None:
    """Show the run, its phase, its approvals, and the next step."""
    if brief:
        _brief(workspace)
        return
    from agentops_kit.phases import store

    desk = options.desk(workspace)
    found = store.read(desk.repo, run) if run else store.active(desk.repo)
    if found is not None and found.phase != "done":
        store.activate(desk.repo, desk.config, found)
    if as_json:
        show.as_json({"active": asdict(found) if found else None, "runs": store.names(desk.repo)})
        return
    if found is None:
        show.say('No run is open here. Start one: agentops research "your question"')
    else:
        _full(desk, found)
    _recent(desk, found)


def _full(desk: Desk, run: Run) -> None:
    show.timeline(run)
    show.say(f"task      {' '.join(run.task.split())[:200]}")
    for phase, path in run.artefacts.items():
        show.say(f"{phase:<9} {path}")
    for approval in run.approvals:
        show.say(f"approved  {approval.phase} by {approval.by}, {approval.at}, by {approval.how}")
    show.say(f"fence     {desk.config.enforcement}")
    show.say(f"next      {show.next_step(run)}")


def _recent(desk: Desk, active: Run | None) -> None:
    from agentops_kit.phases import store

    names = [name for name in store.names(desk.repo) if active is None or name != active.id][:_RECENT]
    runs = [store.read(desk.repo, name) for name in names]
    if runs:
        show.table(("run", "phase", "branch"), [(one.id, one.phase, one.branch or "(detached)") for one in runs])


def _brief(workspace: Path) -> None:
    from agentops_kit.errors import AgentOpsError
    from agentops_kit.phases import store

    try:
        desk = options.desk(workspace)
        found = store.active(desk.repo)
    except AgentOpsError as error:
        show.say(f"agentops: {error}")
        return
    if found is None:
        show.say("agentops: no run is open on this branch.")
        return
    store.activate(desk.repo, desk.config, found)
    show.say(f"agentops: run {found.id} is in phase {found.phase}; fence {desk.config.enforcement}.")
    if found.artefacts.get(found.phase):
        show.say(f"artefact: {found.artefacts[found.phase]}{' (approved)' if found.approval(found.phase) else ''}")
    show.say(f"next: {show.next_step(found)}")
