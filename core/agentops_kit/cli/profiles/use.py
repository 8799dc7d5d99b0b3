"""``agentops profile use``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options

if TYPE_CHECKING:
    from pathlib import Path


@click.command(epilog="Example: agentops profile use devops product-dev")
@click.argument("names", nargs=-1, required=True)
@click.option("--dry-run", is_flag=True, help="Print what would change and write nothing.")
@options.as_json
@options.workspace
@click.pass_context
def command(ctx: click.Context, *, names: tuple[str, ...], dry_run: bool, as_json: bool, workspace: Path) -> None:
    """Make these the workspace's profiles: install what they bring, take away what no profile brings now."""
    from agentops_kit.cli.install import command as install

    ctx.invoke(install, profiles=names, dry_run=dry_run, as_json=as_json, workspace=workspace)
