"""``agentops learn``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from agentops_kit.cli import options, show


@click.command(epilog="Example: agentops learn --file learning.md")
@click.option(
    "--file",
    "source",
    type=click.File("r", encoding="utf-8", errors="replace"),
    help="The learning's markdown; - is standard input.",
)
@click.option("--template", is_flag=True, help="Print the template to fill in.")
@options.as_json
@options.workspace
def command(*, source: Any, template: bool, as_json: bool, workspace: Path) -> None:
    """Keep a reusable pattern with its evidence; without options, list what is kept."""
    from agentops_kit.memory import learnings
    from agentops_kit.phases import lifecycle

    if template:
        path = Path(lifecycle.__file__).parent / "templates" / "learning.md.j2"
        show.say(path.read_text(encoding="utf-8").rstrip())
        return
    desk = options.desk(workspace)
    if source is None:
        kept = learnings.listing(desk.repo)
        if as_json:
            show.as_json([{"id": one.id, "title": one.title, **one.sections} for one in kept])
        else:
            show.table(("learning", "title"), [(one.id, one.title) for one in kept])
        return
    saved = learnings.save(desk.repo, source.read(), desk.clock().date())
    if as_json:
        show.as_json({"id": saved.id, "title": saved.title})
    else:
        show.say(f"learning  {learnings.FOLDER}/{saved.id}.md")
