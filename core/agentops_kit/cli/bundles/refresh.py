"""``agentops bundle refresh``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.bundles import shown
from agentops_kit.errors import EvidenceMissing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from agentops_kit.bundles.document import Bundle
    from agentops_kit.bundles.fates import Fate
    from agentops_kit.memory.git import Repo


@click.command(epilog="Example: agentops bundle refresh latest --check")
@click.argument("name", default="latest")
@click.option("--check", is_flag=True, help="Only tell which sources changed; exit 8 when there are any.")
@click.option("--budget", type=click.IntRange(min=100), help="Tokens for the tool's findings (default: as at first).")
@shown.force
@options.as_json
@options.workspace
def command(*, name: str, check: bool, budget: int | None, force: bool, as_json: bool, workspace: Path) -> None:
    """Make a research bundle's findings anew at HEAD; what people and assistants wrote stays as it is.

    Lines that somebody added inside the tool's own sections move to the section Notes. The former
    version stays in git's history.
    """
    from agentops_kit.bundles import keep, names, protect
    from agentops_kit.bundles.refresh import SUBJECT, refreshed, require_made

    desk = options.desk(workspace)
    desk.repo.require_head()
    bundle = names.find(desk.repo, name)
    if check:
        _check(desk.repo, bundle, as_json=as_json)
        return
    require_made(bundle)
    approved_in = protect.approvals(bundle, protect.read_runs(desk.repo))
    protect.require_unapproved(bundle, approved_in, force=force)
    tokens = budget or bundle.budget or desk.config.limits.bundle_tokens
    with show.progress("exploring") as step:
        done = refreshed(desk.repo, bundle, budget=tokens, progress=step)
    keep.keep_as_is(desk.repo, bundle)
    saved = shown.saved(desk, done.bundle, f"{SUBJECT} {bundle.id}")
    if as_json:
        values = {"fates": _values(done.fates), "notes_moved": done.moved, "approval_undone_in": approved_in}
        show.as_json({**shown.facts(saved), **values})
        return
    _tell(done.fates)
    if done.moved:
        show.say(f"notes     {done.moved} line{'s' if done.moved > 1 else ''} moved to its section Notes")
    for run in approved_in:
        show.say(f"approval  of {run} no longer fits; it has to be given anew")
    shown.said(saved, as_json=False)


def _check(repo: Repo, bundle: Bundle, *, as_json: bool) -> None:
    from agentops_kit.bundles.fates import at_head, fates

    found = fates(repo, bundle, at_head(repo))
    if as_json:
        show.as_json({"id": bundle.id, "fates": _values(found)})
    else:
        _tell(found)
    stale = sum(fate.stale for fate in found)
    if stale:
        message = f"{stale} of the {len(found)} sources of {bundle.id} changed since it was made."
        raise EvidenceMissing(message, remedy=f"Make its findings anew: agentops bundle refresh {bundle.id}")


def _tell(found: Sequence[Fate]) -> None:
    for fate in found:
        to = f" -> {fate.path}" if fate.state == "renamed" else f" (of {fate.source.repo})" if fate.source.repo else ""
        if fate.state != "unchanged":
            show.say(f"{fate.state:<9} {fate.source.path}{to}")
    same = sum(fate.state == "unchanged" for fate in found)
    show.say(f"unchanged {same} of {len(found)} sources")


def _values(found: Sequence[Fate]) -> list[dict[str, str]]:
    return [{"path": fate.source.path, "state": fate.state, "now": fate.path, "blob": fate.blob} for fate in found]
