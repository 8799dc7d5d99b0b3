"""``agentops profile index remove``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show

if TYPE_CHECKING:
    from pathlib import Path


@click.command("remove", epilog="Example: agentops profile index remove acme")
@click.argument("name")
@options.as_json
@options.workspace
def command(*, name: str, as_json: bool, workspace: Path) -> None:
    """Forget an index; profiles that came from it stay."""
    from agentops_kit.packages import indexes

    left = indexes.remove(options.repo(workspace), name)
    if as_json:
        show.as_json({"removed": name, "left": left})
    else:
        show.say(f"removed   {name}")
