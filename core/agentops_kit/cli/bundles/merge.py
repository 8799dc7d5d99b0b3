"""``agentops bundle merge``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.bundles import shown
from agentops_kit.errors import InputInvalid

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from agentops_kit.bundles.document import Bundle
    from agentops_kit.ids import BundleId
    from agentops_kit.phases.lifecycle import Desk


@click.command(epilog="Example: agentops bundle merge tag:auth from-ada-research --into 2026-11-21-auth-research")
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@click.option("--into", default="", metavar="NAME", help="Its id; A's or B's own to replace that one (default: new).")
@click.option("--budget", type=click.IntRange(min=100), help="Most tokens; cuts the tool's findings, never words.")
@shown.force
@options.as_json
@options.workspace
def command(
    *, first: str, second: str, into: str, budget: int | None, force: bool, as_json: bool, workspace: Path
) -> None:
    """Unite two people's bundles on one task: findings once, everybody's words kept, clashes named.

    Of a file that changed between the two, the newer bundle's findings are kept. Both bundles stay
    unless --into names one of them. --force merges bundles that have nothing in common, too.
    """
    from agentops_kit.bundles import items, keep, merge, names

    desk = options.desk(workspace)
    one, two = names.find(desk.repo, first), names.find(desk.repo, second)
    name = _name(desk, one, two, into)
    replaced = next((bundle for bundle in (one, two) if bundle.id == name), None)
    approved_in = _require(desk, one, two, replaced, force=force)
    facts = {
        str(bundle.id): merge.Facts(_author(desk, bundle), items.quoted_lines(desk.repo, bundle))
        for bundle in (one, two)
    }
    done = merge.merged(one, two, name, facts, budget=budget)
    if replaced is not None:
        keep.keep_as_is(desk.repo, replaced)
    clean = shown.saved(desk, done.bundle, f"chore(agentops): merge {one.id} and {two.id}")
    if as_json:
        clashes = [
            {"path": clash.path, "kept": clash.kept.blob, "dropped": clash.dropped.blob} for clash in done.clashes
        ]
        show.as_json({**shown.facts(clean), "clashes": clashes, "cut": done.cut, "approval_undone_in": approved_in})
        return
    for clash in done.clashes:
        show.say(f"clash     {clash.sentence}")
    if done.cut:
        show.say(f"cut       {done.cut} of the tool's findings, for the budget")
    for run in approved_in:
        show.say(f"approval  of {run} no longer fits; it has to be given anew")
    shown.said(clean, as_json=False)


def _name(desk: Desk, one: Bundle, two: Bundle, into: str) -> BundleId:
    from agentops_kit.bundles import store
    from agentops_kit.ids import BundleId
    from agentops_kit.memory.reserve import reserve

    if into:
        store.require_name(into)
        if into not in {one.id, two.id} and store.exists(desk.repo, into):
            message = f"There is a bundle {into!r} already."
            raise InputInvalid(message, remedy="Choose another name for --into, or the id of one of the two.")
        return BundleId(into)
    newer = max((one, two), key=store.age)
    taken = [path.stem.removesuffix("-merged") for path in (desk.repo.root / store.FOLDER).glob("*.md")]
    return BundleId(f"{reserve(desk.repo, desk.clock().date(), newer.task, taken, suffix='-merged')}-merged")


def _require(desk: Desk, one: Bundle, two: Bundle, replaced: Bundle | None, *, force: bool) -> Sequence[str]:
    """Refuse what needs ``--force``; return the runs whose approval is undone."""
    from agentops_kit.bundles import merge, protect

    if not force and not merge.akin(one, two):
        message = f"{one.id} and {two.id} share neither a word of their tasks nor a source."
        raise InputInvalid(message, remedy="Add --force to merge them all the same.")
    if replaced is None:
        return ()
    approved_in = protect.approvals(replaced, protect.read_runs(desk.repo))
    protect.require_unapproved(replaced, approved_in, force=force)
    return approved_in


def _author(desk: Desk, bundle: Bundle) -> str:
    """Return who committed the bundle last, ``""`` when nobody did."""
    from agentops_kit.bundles.store import path_of

    return next((author for _, author, _ in desk.repo.versions(path_of(bundle.id))), "")
