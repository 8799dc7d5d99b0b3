"""``agentops profile search``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.profiles import shelf

if TYPE_CHECKING:
    from pathlib import Path


@click.command(epilog="Example: agentops profile search payments")
@click.argument("words", nargs=-1)
@options.as_json
@options.workspace
def command(*, words: tuple[str, ...], as_json: bool, workspace: Path) -> None:
    """Find profiles whose name or description holds every word, in all indexes; without words, list them."""
    from agentops_kit.packages import index

    repo = options.repo(workspace)
    indexes = index.read(repo.root)
    found = list(index.search(indexes, repo.root, " ".join(words)))
    if as_json:
        show.as_json([{**one._asdict(), "source": str(one.source)} for one in found])
        return
    if not indexes:
        show.say("No index is known. Add one with `agentops profile index add NAME SOURCE`.")
        return
    rows = [(one.name, one.where, one.version, shelf.clean(one.description)) for one in found]
    if rows:
        show.table(("profile", "index", "version", "description"), rows)
        show.say("next      agentops profile info NAME, agentops profile add NAME")
    else:
        show.say(f"Nothing in {shelf.said(indexes)} fits.")
