"""``agentops profile remove``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.profiles import shelf

if TYPE_CHECKING:
    from pathlib import Path


@click.command(epilog="Example: agentops profile remove payments")
@click.argument("name")
@click.option("--discard-edits", is_flag=True, help="Remove files that were edited here, too.")
@click.option("--dry-run", is_flag=True, help="Print what would go and write nothing.")
@options.as_json
@options.workspace
def command(*, name: str, discard_edits: bool, dry_run: bool, as_json: bool, workspace: Path) -> None:
    """Take an added profile out again; a profile of your own, one in use and edited files stay."""
    from agentops_kit.packages import service

    repo = options.repo(workspace)
    plan = service.remove(repo, name, discard_edits=discard_edits)
    plan.require_allowed()
    if not dry_run:
        service.carry_out(repo, plan)
    if as_json:
        show.as_json({"name": name, "writes": [one.path for one in plan.changes], "dry_run": dry_run})
        return
    shelf.plan(plan)
    show.say(f"{'would remove' if dry_run else 'removed'}   {name}")
