"""``agentops bundle show``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.bundles import shown

if TYPE_CHECKING:
    from pathlib import Path


@click.command("show", epilog="Example: agentops bundle show latest")
@click.argument("name", default="latest")
@options.as_json
@options.workspace
def command(*, name: str, as_json: bool, workspace: Path) -> None:
    """Show a bundle to a person.

    NAME is an id, its beginning or a part of it; latest, or latest:2 for the one before; a run; a
    tag; or tag:auth, run:ID, kind:plan for the newest of these (tag:auth:2 for the one before).
    """
    from agentops_kit.bundles import names
    from agentops_kit.bundles.verify import conflicts, notes_of

    held = names.find_held(options.desk(workspace).repo, name)
    if as_json:
        show.as_json({**shown.facts(held.bundle, held), "body": held.bundle.body})
        return
    shown.notes((*notes_of(held), *conflicts(held.bundle)))
    if not sys.stdout.isatty():
        click.echo(held.bundle.body, nl=False)
        return
    from rich.markdown import Markdown

    show.console().print(Markdown(held.bundle.body))
