"""``agentops runs approve``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.runs_verbs import opened
from agentops_kit.errors import GateClosed, InputInvalid

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from agentops_kit.workflows.history.record import Record

_QUOTED = 12
"""Gates named in a message; a map may wait at hundreds."""


@click.command("approve", epilog='Example: agentops runs approve 2026-11-21-digest-k7qd --reason "Looks right"')
@opened.run_id
@click.option("--gate", default="", metavar="STEP", help="Which gate, when the run waits at several.")
@click.option("--reject", is_flag=True, help="Refuse: the gate's step fails.")
@click.option("--reason", default="", help="Why, for the run's history.")
@opened.database
@options.as_json
@options.workspace
def command(*, run: str, gate: str, reject: bool, reason: str, db: str | None, as_json: bool, workspace: Path) -> None:
    """Open or refuse a gate that a run waits at. Needs a terminal and a person.

    Gates of the workspace's own phases are opened with `agentops approve`, which binds them to the artefact's bytes.
    """
    _require_person()
    with opened.engine(db, workspace) as engine:
        from agentops_kit.workflows.history import held

        found = held.load(engine.ledger.engine, opened.known(engine.ledger.engine, run), calls=False)
        step = _gate(found, gate)
        verb = "refuse" if reject else "open"
        click.confirm(f"As {_who(workspace)}: {verb} the gate {step} of {found.id}?", abort=True)
        engine.approve(found.id, step, by=_who(workspace), reason=reason, rejected=reject)
    if as_json:
        show.as_json({"run": found.id, "gate": step, "approved": not reject})
        return
    show.say(f"{step} of {found.id} is {'refused' if reject else 'open'}.")
    show.say(f"next      agentops runs resume {found.id}")


def _gate(record: Record, wanted: str) -> str:
    """Return the gate that is meant; ``InputInvalid`` when the run waits at none, at several, or at another."""
    from agentops_kit.workflows.history.record import meant

    waiting = [one for one in record.steps if one.status == "waiting" and one.kind == "gate"]
    keys = [one.key for one in waiting if "agentops approve --run " not in one.reason]
    own = [str(key) for key in (meant(keys, wanted) if wanted else keys)]
    if len(own) == 1:
        return own[0]
    if not own and waiting and not wanted:
        message = f"Run {record.id} waits at a phase's gate."
        raise InputInvalid(message, remedy=waiting[0].reason)
    if not own:
        message = (
            f"Run {record.id} does not wait at {'the gate ' + wanted if wanted else 'a gate'}; it is {record.status}."
        )
        look = f"See: agentops runs show {record.id}."
        raise InputInvalid(message, remedy=f"Waiting are: {_few([*map(str, keys)])}." if keys else look)
    message = f"Run {record.id} waits at {len(own)} gates."
    raise InputInvalid(message, remedy=f"Name one with --gate: {_few(own)}.")


def _few(names: Sequence[str]) -> str:
    more = f" … and {len(names) - _QUOTED} more" if len(names) > _QUOTED else ""
    return ", ".join(names[:_QUOTED]) + more


def _require_person() -> None:
    from agentops_kit.phases import people

    why = people.why_not_terminal(os.environ, people.ancestors(), terminal=options.interactive())
    if why:
        message = f"Opening a gate is a person's act, and {why}."
        raise GateClosed(message, remedy="Run it in a terminal of your own.")


def _who(workspace: Path) -> str:
    """Return who git says is here, else who the system says."""
    import getpass

    from agentops_kit.errors import WorkspaceUnusable
    from agentops_kit.memory.git import Repo

    try:
        return Repo.open(workspace).identity()
    except WorkspaceUnusable:
        return getpass.getuser()
