"""``agentops runs diff``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.runs_verbs import columns, facts, opened

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.workflows.history.record import Record


@click.command("diff", epilog="Example: agentops runs diff 2026-11-21-digest-k7qd 2026-11-22-digest-x2fa")
@click.argument("first", metavar="ID")
@click.argument("second", metavar="ID")
@opened.database
@options.as_json
@options.workspace
def command(*, first: str, second: str, db: str | None, as_json: bool, workspace: Path) -> None:
    """Compare two runs, or exported files: how they ended, what each step gave and cost, and where they first differ.

    Exit status 1 when anything differs.
    """
    from agentops_kit.workflows.history.diff import differences

    one, two = (opened.record(name, db, workspace) for name in (first, second))
    found = list(differences(one, two))
    if as_json:
        runs = [{"run": run.id, "status": run.status, "cost": facts.dollars(run.cost)} for run in (one, two)]
        show.as_json({"runs": runs, "same": not found, "differences": [facts.difference(each) for each in found]})
    else:
        _table(one, two)
        for each in found:
            show.say(str(each))
        show.say(f"first difference: {found[0]}" if found else "Nothing differs.")
    if found:
        raise click.exceptions.Exit(1)


def _table(one: Record, two: Record) -> None:
    rows = [
        (run.id, run.workflow, run.status, facts.money(run.cost), facts.took(run.started, run.finished))
        for run in (one, two)
    ]
    columns.say(("run", "workflow", "status", "cost", "took"), rows)
