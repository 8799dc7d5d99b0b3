"""``agentops uninstall``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.install import actions

if TYPE_CHECKING:
    from pathlib import Path


@click.command(epilog="Example: agentops uninstall --dry-run")
@click.option("--purge", is_flag=True, help="Also remove runs, bundles and learnings.")
@click.option("--dry-run", is_flag=True, help="Print exactly what would be done and write nothing.")
@options.as_json
@options.workspace
def command(*, purge: bool, dry_run: bool, as_json: bool, workspace: Path) -> None:
    """Take the kit out of this workspace; what you made or edited stays, and is named."""
    from agentops_kit.install import service
    from agentops_kit.memory.git import Repo

    repo = Repo.open(workspace)
    result = service.remove(repo, purge=purge, dry_run=dry_run)
    if not dry_run:
        service.forget(repo)
    if as_json:
        show.as_json({**result.plan.as_json(), "dry_run": dry_run})
        return
    actions(result.plan, whole=dry_run)
    if not result.plan.actions:
        show.say("AgentOps Kit is not installed here.")
