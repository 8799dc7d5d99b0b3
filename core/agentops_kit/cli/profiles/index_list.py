"""``agentops profile index list``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show

if TYPE_CHECKING:
    from pathlib import Path


@click.command("list", epilog="Example: agentops profile index list")
@options.as_json
@options.workspace
def command(*, as_json: bool, workspace: Path) -> None:
    """List the indexes of this workspace."""
    from agentops_kit.packages import index

    found = index.read(options.repo(workspace).root)
    if as_json:
        show.as_json(found)
    elif found:
        show.table(("index", "source"), list(found.items()))
    else:
        show.say("No index is known. Add one with `agentops profile index add NAME SOURCE`.")
