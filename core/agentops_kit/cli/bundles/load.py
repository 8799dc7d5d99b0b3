"""``agentops bundle load``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options
from agentops_kit.cli.bundles import shown

if TYPE_CHECKING:
    from pathlib import Path


@click.command(epilog="Example: agentops bundle load tag:auth")
@click.argument("name", default="latest")
@click.option("--force", is_flag=True, help="Load it although the context would cross the limit.")
@options.workspace
def command(*, name: str, force: bool, workspace: Path) -> None:
    """Print a bundle for a context; refused when the context would cross the limit.

    NAME is an id, its beginning or a part of it; latest, or latest:2 for the one before; a run; a
    tag; or tag:auth, run:ID, kind:plan for the newest of these (tag:auth:2 for the one before).
    """
    from agentops_kit.bundles import names
    from agentops_kit.bundles.document import dump
    from agentops_kit.bundles.verify import conflicts, notes_of

    desk = options.desk(workspace)
    held = names.find_held(desk.repo, name)
    text = dump(held.bundle) if held.foreign is None else held.bundle.body
    if not force:
        shown.require_room(desk, held.bundle, text)
    shown.notes((*notes_of(held), *conflicts(held.bundle)))
    click.echo(text, nl=False)
