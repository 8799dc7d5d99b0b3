"""``agentops recall``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show

if TYPE_CHECKING:
    from pathlib import Path


@click.command(epilog='Example: agentops recall "Why do we retry on 503?" --kind learning')
@click.argument("question")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(["bundle", "learning", "commit", "run"]),
    help="Only this kind; repeatable.",
)
@click.option("--limit", type=click.IntRange(1, 100), default=8, show_default=True, help="Most answers to show.")
@options.as_json
@options.workspace
def command(*, question: str, kinds: tuple[str, ...], limit: int, as_json: bool, workspace: Path) -> None:
    """Search bundles, learnings, runs and commit messages for what speaks of a question, best first."""
    from agentops_kit.memory.recall import recall

    desk = options.desk(workspace)
    found = recall(desk.repo, question, kinds=kinds, limit=limit)
    if as_json:
        show.as_json([one._asdict() for one in found])
        return
    for one in found:
        show.say(f"{one.kind:<9} {one.id}  {one.heading}")
        if one.quote:
            show.say(f"          “{one.quote}”")
        show.say(f"          {one.place}; {one.why}")
    if not found:
        show.say("Nothing is kept yet that speaks of this.")
