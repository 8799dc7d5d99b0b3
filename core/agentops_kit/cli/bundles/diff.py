"""``agentops bundle diff``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.bundles.compare import Difference
    from agentops_kit.bundles.document import Counts


@click.command(epilog="Example: agentops bundle diff latest:2 latest")
@click.argument("first", default="latest", metavar="A")
@click.argument("second", default="", required=False, metavar="[B]")
@options.as_json
@options.workspace
def command(*, first: str, second: str, as_json: bool, workspace: Path) -> None:
    """Show what changed between two bundles, or between one and what `refresh` would make of it now."""
    from agentops_kit.bundles import names
    from agentops_kit.bundles.compare import compare
    from agentops_kit.bundles.refresh import refreshed

    desk = options.desk(workspace)
    old = names.find_held(desk.repo, first).bundle
    if second:
        found = compare(old, names.find_held(desk.repo, second).bundle)
    else:
        names.find(desk.repo, first)  # an older kit's bundle is not made anew
        with show.progress("exploring") as step:
            tokens = old.budget or desk.config.limits.bundle_tokens
            new = refreshed(desk.repo, old, budget=tokens, progress=step).bundle
        found = compare(old, new, called=(str(old.id), f"{old.id} at HEAD"))
    if as_json:
        show.as_json({**found._asdict(), "same": found.same})
        return
    _show(found)


def _show(found: Difference) -> None:
    if found.same:
        show.say(f"{found.before} and {found.after} say the same of the same sources.")
        return
    for source in found.removed:
        show.say(f"removed   {source.path} ({source.why})")
    for source in found.added:
        show.say(f"added     {source.path} ({source.why})")
    for one in found.changed:
        tokens = f"{one.before.tokens:,} to {one.after.tokens:,} tokens"
        show.say(f"changed   {one.before.path} ({one.before.blob[:10]} to {one.after.blob[:10]}, {tokens})")
    old, new = found.tokens
    show.say(f"tokens    {_numbers(old)} to {_numbers(new)}")
    for line in found.lines:
        click.echo(_coloured(line))


def _numbers(counts: Counts) -> str:
    return f"{counts.bundle:,} of {counts.sources:,} ({counts.ratio}:1)" if counts.sources else f"{counts.bundle:,}"


def _coloured(line: str) -> str:
    if line.startswith(("---", "+++")):
        return click.style(line, bold=True)
    colour = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1])
    return click.style(line, fg=colour) if colour else line
