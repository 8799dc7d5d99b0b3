"""``agentops profile create``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.profiles import shelf

if TYPE_CHECKING:
    from pathlib import Path


@click.command(epilog="Example: agentops profile create payments --from example")
@click.argument("name")
@click.option("--from", "like", metavar="PROFILE", default="", help="Take over this profile's files, such as example.")
@click.option("--dry-run", is_flag=True, help="Print what would be written, and write nothing.")
@options.as_json
@options.workspace
def command(*, name: str, like: str, dry_run: bool, as_json: bool, workspace: Path) -> None:
    """Make a profile of your own in .agentops/profiles/NAME, which lints clean and has a scenario."""
    from agentops_kit.packages import create, service

    repo = options.repo(workspace)
    plan = create.create(repo, shelf.library(workspace), name, like)
    plan.require_allowed()
    if not dry_run:
        service.carry_out(repo, plan)
    if as_json:
        show.as_json({"name": name, "writes": [one.path for one in plan.changes], "dry_run": dry_run})
        return
    shelf.plan(plan)
    show.say(f"next      edit it, then agentops profile lint {name}, agentops profile test {name}")
