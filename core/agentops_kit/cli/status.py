"""``agentops status``."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.phases.lifecycle import Desk
    from agentops_kit.phases.record import Phase, Run

_RECENT = 8
_FOLLOWING: dict[Phase, Phase] = {"research": "plan", "plan": "implement"}


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
        facts = _facts(desk, found) if found else {}
        runs = store.names(desk.repo)
        show.as_json({"active": asdict(found) if found else None, **facts, "runs": runs, "tokens": _tokens(desk)})
        return
    if found is None:
        show.say('No run is open here. Start one: agentops research "your question"')
    else:
        _full(desk, found)
    _recent(desk, found)
    for name, paid in _tokens(desk).items():
        show.say(f"tokens    {name}: {paid['always_loaded']} always loaded, {paid['main_path']:,} on the main path")


def _tokens(desk: Desk) -> dict[str, dict[str, int]]:
    """Return what the installed files cost each assistant, in o200k tokens; nothing where nothing is installed."""
    from agentops_kit.assistants.costs import standing
    from agentops_kit.install import service

    installed = service.installed(desk.repo)
    if installed is None:
        return {}
    paths = [one.path for one in installed.files]
    return {name: standing(desk.repo.root, paths, name)._asdict() for name in installed.assistants}


def _full(desk: Desk, run: Run) -> None:
    show.timeline(run)
    show.say(f"task      {' '.join(run.task.split())[:200]}")
    for phase, path in run.artefacts.items():
        show.say(f"{phase:<9} {path}")
    for approval in run.approvals:
        said = f": {' '.join(approval.note.split())[:100]}" if approval.note else ""
        show.say(f"approved  {approval.phase} by {approval.by}, {approval.at}, by {approval.how}{said}")
    _signed(desk, run)
    _gate(desk, run)
    show.say(f"fence     {desk.config.enforcement}")
    show.say(f"next      {show.next_step(run)}")


def _signed(desk: Desk, run: Run) -> None:
    from agentops_kit.phases import sealing

    for one in sealing.checked(desk, run):
        how = f"by {one.signer} with {one.key}" if not one.problem else f"does not count: {one.problem}"
        show.say(f"signed    {one.seal.gate} {how}")


def _gate(desk: Desk, run: Run) -> None:
    """Say what is missing for the next gate: approvals before it, or evidence for each item."""
    following = _FOLLOWING.get(run.phase)
    if following is not None:
        from agentops_kit.phases import lifecycle

        lacks = lifecycle.lacks_for(desk, run, following)
        show.say(f"gate      to {following}: {'open' if not lacks else ' '.join(lacks)}")
    elif run.phase in {"implement", "quick"}:
        _items(desk, run)


def _facts(desk: Desk, run: Run) -> dict[str, object]:
    """Return what the run still needs, for programs."""
    from agentops_kit.phases import lifecycle, machine, validate

    following = _FOLLOWING.get(run.phase)
    verdicts = validate.judged(desk, run) if run.phase in {"implement", "quick"} else ()
    return {
        "gate": following or ("done" if verdicts else ""),
        "lacks": lifecycle.lacks_for(desk, run, following) if following else (),
        "items": [{"item": one.item.label, "proven": one.proven, "why": one.why} for one in verdicts],
        "stopped": machine.stopped(run) is not None,
    }


def _items(desk: Desk, run: Run) -> None:
    from agentops_kit.phases import machine, validate

    verdicts = validate.judged(desk, run)
    strays = validate.strays(desk, run)
    show.items(verdicts, validate.ticked_by_hand(desk, run, verdicts), strays)
    stop = machine.stopped(run)
    if stop is not None:
        show.say(f"stopped   {stop.at}: {stop.note}. {validate.way_on(run)}")
    open_items = sum(not one.proven for one in verdicts)
    lacks = [f"{open_items} of {len(verdicts)} items open"] if open_items or not verdicts else []
    lacks += [f"{len(strays)} files outside the plan"] if strays else []
    show.say(f"gate      to done: {', '.join(lacks) or 'open'}")


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
