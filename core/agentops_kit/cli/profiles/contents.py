"""``agentops profile show``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.profiles import shelf

if TYPE_CHECKING:
    from pathlib import Path


@click.command("show", epilog="Example: agentops profile show devops --json")
@click.argument("names", nargs=-1, required=True)
@options.as_json
@options.workspace
def command(*, names: tuple[str, ...], as_json: bool, workspace: Path) -> None:
    """Show what profiles bring once everything they extend is merged, and what it costs in tokens."""
    from agentops_kit.assistants.costs import costs
    from agentops_kit.assistants.rendering import rendered
    from agentops_kit.content.profiles import resolve

    resolved = resolve(names, shelf.library(workspace))
    paid = costs(rendered(resolved), "claude")
    rows = shelf.rows(resolved)
    shelf.warn(resolved.warnings)
    if as_json:
        brought = [dict(zip(("kind", "name", "from", "description"), row, strict=True)) for row in rows]
        show.as_json({"profiles": names, "lineage": resolved.lineage, "tokens": paid._asdict(), "contents": brought})
        return
    show.table(("kind", "name", "from", "description"), rows)
    show.say(
        f"always loaded {paid.always_loaded} tokens, main path {paid.main_path:,} tokens (o200k_base, Claude Code)"
    )
