"""``agentops bundle save``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from agentops_kit.cli import options
from agentops_kit.cli.bundles import shown

if TYPE_CHECKING:
    from agentops_kit.bundles.document import Kind


@click.command(epilog="Example: agentops bundle save --kind progress --file notes.md")
@click.argument("name", required=False, default="")
@click.option(
    "--file",
    "source",
    type=click.File("r", encoding="utf-8", errors="replace"),
    help="Markdown to keep as a new bundle; - is standard input.",
)
@click.option(
    "--kind",
    type=click.Choice(["progress", "context", "research"]),
    default="progress",
    show_default=True,
    help="What the new bundle is.",
)
@options.run
@options.as_json
@options.workspace
def command(*, name: str, source: Any, kind: str, run: str | None, as_json: bool, workspace: Path) -> None:
    """Recount and commit an edited bundle, or keep a text as a new one; without either, the active artefact."""
    from agentops_kit.bundles import keep
    from agentops_kit.cli import show
    from agentops_kit.phases import store as runs

    desk = options.desk(workspace)
    active = runs.read(desk.repo, run) if run else runs.active(desk.repo)
    if source is not None:
        bundle = keep.keep_text(
            desk.repo,
            source.read(),
            cast("Kind", kind),
            run=active.id if active else None,
            now=desk.clock(),
            name=name,
            told=show.note,
        )
    else:
        current = Path(active.artefacts.get(active.phase, "")).stem if active else ""
        if not name and not current:
            message = "There is no active artefact: name a bundle, or give a text with --file."
            raise click.UsageError(message)
        bundle = keep.keep_edited(desk.repo, name or current, told=show.note)
    shown.said(bundle, as_json=as_json)


command.help = f"{command.help}\n\n{shown.FALSE_ALARM}"
