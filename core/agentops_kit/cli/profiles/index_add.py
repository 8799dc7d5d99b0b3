"""``agentops profile index add``."""

from __future__ import annotations

from pathlib import Path

import click

from agentops_kit.cli import options, show


@click.command("add", epilog="Example: agentops profile index add acme https://git.example.com/kits.git")
@click.argument("name")
@click.argument("source")
@options.as_json
@options.workspace
def command(*, name: str, source: str, as_json: bool, workspace: Path) -> None:
    """Look names up in this index, too: a folder or git repository (with @REF and #FOLDER) that holds index.yaml."""
    from agentops_kit.packages import indexes

    found = indexes.add(options.repo(workspace), name, source, Path.cwd())
    if as_json:
        show.as_json({"name": name, "profiles": [one.name for one in found]})
        return
    show.say(f"added     {name}, which offers {len(found)} profile{'' if len(found) == 1 else 's'}")
    show.say("next      commit .agentops/indexes.yaml, then `agentops profile search`")
