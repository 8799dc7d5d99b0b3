"""``agentops bundle prune``."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.bundles.prune import Prune

_AGE = re.compile(r"(?P<number>[0-9]{1,5})(?P<unit>[dwmy]?)")
_DAYS = {"": 1, "d": 1, "w": 7, "m": 30, "y": 365}
_DEFAULT = timedelta(days=90)


def _age(_ctx: click.Context, _param: click.Parameter, value: str | None) -> timedelta | None:
    """Return a span such as ``90d``, ``12w``, ``6m`` or ``1y``."""
    if value is None:
        return None
    found = _AGE.fullmatch(value.strip().lower())
    if found is None:
        message = f"{value!r} is no span of time; write 90d, 12w, 6m or 1y"
        raise click.BadParameter(message)
    return timedelta(days=int(found["number"]) * _DAYS[found["unit"]])


@click.command(epilog="Example: agentops bundle prune --older-than 90d --closed --yes")
@click.option("--older-than", "older", callback=_age, metavar="SPAN", help="Only those made longer ago: 90d, 12w, 1y.")
@click.option("--keep", type=click.IntRange(min=0), metavar="N", help="Keep the N newest of all.")
@click.option("--closed", is_flag=True, help="Only bundles of runs that are done.")
@click.option("--yes", is_flag=True, help="Remove them; without it, only tell what would go.")
@click.option("--dry-run", is_flag=True, help="Only tell what would go (so it is without --yes).")
@options.as_json
@options.workspace
def command(
    *,
    older: timedelta | None,
    keep: int | None,
    closed: bool,
    yes: bool,
    dry_run: bool,
    as_json: bool,
    workspace: Path,
) -> None:
    """Remove old bundles in one commit, which git can undo; without options, those older than 90 days.

    Several options all have to hold. Bundles of open runs, and files that git does not have as they
    are, stay.
    """
    if yes and dry_run:
        message = "Give --yes or --dry-run, not both."
        raise click.UsageError(message)
    from agentops_kit.bundles import prune

    desk = options.desk(workspace)
    rule = prune.Rule(older if older is not None or keep is not None or closed else _DEFAULT, keep, closed)
    found = prune.plan(desk.repo, rule, desk.clock())
    commit = prune.carry_out(desk.repo, found) if yes and found.gone else ""
    if as_json:
        gone = [{"id": bundle.id, "tokens": bundle.tokens.bundle} for bundle in found.gone]
        stay = [{"id": bundle.id, "why": why} for bundle, why in found.stay]
        show.as_json({"gone": gone, "stay": stay, "tokens": found.tokens, "commit": commit})
        return
    _show(found, commit)


def _show(found: Prune, commit: str) -> None:
    for bundle, why in found.stay:
        show.say(f"stays     {bundle.id}: {why}")
    if not found.gone:
        show.say("Nothing to prune.")
        return
    for bundle in found.gone:
        show.say(f"{'removed' if commit else 'would go':<9} {bundle.id} ({bundle.tokens.bundle:,} tokens)")
    count = f"{len(found.gone)} bundle{'s' if len(found.gone) > 1 else ''}, {found.tokens:,} tokens"
    if commit:
        show.say(f"freed     {count}")
        show.say(f"undo      git revert --no-edit {commit[:12]}")
    else:
        show.say(f"in all    {count}; add --yes to remove them")
