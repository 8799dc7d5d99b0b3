"""``agentops profile list``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.profiles import shelf

if TYPE_CHECKING:
    from pathlib import Path


@click.command("list", epilog="Example: agentops profile list --json")
@options.as_json
@options.workspace
def command(*, as_json: bool, workspace: Path) -> None:
    """List the profiles that can be installed here."""
    from agentops_kit.content import locked

    library = shelf.library(workspace)
    added = locked.read(library.workspace) if library.workspace else {}
    rows = []
    for name in library.names():
        loaded = library.load(name)
        origin = "added" if name in added else library.origin(name)
        rows.append((name, origin, loaded.profile.metadata.version, loaded.profile.metadata.description))
    shelf.warn(library.warnings(library.names()))
    if as_json:
        show.as_json([dict(zip(("name", "origin", "version", "description"), row, strict=True)) for row in rows])
    else:
        show.table(("profile", "from", "version", "description"), rows)
