"""``agentops bundle search``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.bundles import shown
from agentops_kit.errors import InputInvalid

if TYPE_CHECKING:
    from pathlib import Path


@click.command(epilog="Example: agentops bundle search token expiry")
@click.argument("words", nargs=-1, required=True)
@click.option("--most", type=click.IntRange(1, 1000), default=10, show_default=True, help="How many sections to show.")
@options.as_json
@options.workspace
def command(*, words: tuple[str, ...], most: int, as_json: bool, workspace: Path) -> None:
    """Find words in the sections of all bundles, older kits' too, best first, with a line of each."""
    from agentops_kit.bundles import store
    from agentops_kit.bundles.search import search

    wanted = " ".join(words)
    shelf = store.scan(options.desk(workspace).repo)
    hits = search(shelf.held, wanted, most)
    if as_json:
        show.as_json([hit._asdict() for hit in hits])
        return
    shown.notes(shelf.broken)
    if not hits:
        message = f"No bundle has a section with {wanted[:80]!r}."
        raise InputInvalid(message, remedy="Use other words, or see `agentops bundle list`.")
    for hit in hits:
        title = click.style(hit.bundle, bold=True)
        older = " (older kit)" if hit.foreign else ""
        show.say(f"{title}{older}  {hit.heading or '(above the first heading)'}")
        show.say(f"  {hit.path}:{hit.line}  {hit.quote}")
