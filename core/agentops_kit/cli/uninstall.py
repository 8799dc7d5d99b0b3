"""``agentops uninstall``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.changes import actions
from agentops_kit.errors import GateClosed

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.memory.git import Repo


@click.command(epilog="Example: agentops uninstall --dry-run")
@click.option("--purge", is_flag=True, help="Also remove runs, bundles, learnings and backups.")
@click.option("--dry-run", is_flag=True, help="Print exactly what would be done and write nothing.")
@options.as_json
@options.workspace
def command(*, purge: bool, dry_run: bool, as_json: bool, workspace: Path) -> None:
    """Take the kit out of this workspace; what you made or edited stays, and is named."""
    from agentops_kit.install import service
    from agentops_kit.memory.git import Repo

    repo = Repo.open(workspace)
    if not dry_run:
        _require_person(repo)
    result = service.remove(repo, purge=purge, dry_run=dry_run)
    backups = None if dry_run else service.forget(repo, purge=purge)
    if as_json:
        show.as_json({**result.plan.as_json(), "dry_run": dry_run, "backups": str(backups) if backups else None})
        return
    actions(result.plan, whole=dry_run)
    if backups:
        show.say(f"note      Texts of yours from before an upgrade stay in {backups}; --purge takes them, too.")
    if not result.plan.actions:
        show.say("AgentOps Kit is not installed here.")


def _require_person(repo: Repo) -> None:
    """Refuse a model that would take down the fence it stands behind."""
    from agentops_kit.phases import state

    why = options.why_no_person(os.environ) if (state.read(str(repo.state_dir)) or {}).get("run") else ""
    if why:
        message = f"Taking the kit out while a run is open is a person's act, and {why}."
        raise GateClosed(message, remedy="Ask the person to run it in a terminal.")
