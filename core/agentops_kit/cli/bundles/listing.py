"""``agentops bundle list``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.bundles import shown

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.bundles.document import Bundle
    from agentops_kit.bundles.store import Held
    from agentops_kit.memory.git import Repo


@click.command("list", epilog="Example: agentops bundle list --kind research --tag auth")
@click.option(
    "--kind",
    type=click.Choice(["research", "plan", "implementation", "progress", "context"]),
    help="Only bundles of this kind.",
)
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Only bundles with this tag; repeat it for several.")
@click.option("--run", metavar="ID", help="Only bundles of this run.")
@click.option("--stale", "only_stale", is_flag=True, help="Only bundles whose sources changed since, with how many.")
@options.as_json
@options.workspace
def command(
    *, kind: str | None, tags: tuple[str, ...], run: str | None, only_stale: bool, as_json: bool, workspace: Path
) -> None:
    """List the workspace's bundles, newest first; those of older kits are listed last and marked."""
    from agentops_kit.bundles import store

    repo = options.desk(workspace).repo
    shelf = store.scan(repo)
    held = [one for one in shelf.held if _matches(one.bundle, kind, tags, run)]
    stale = _stale(repo, held) if only_stale else {}
    if only_stale:
        held = [one for one in held if stale[one.path]]
    if as_json:
        show.as_json([{**shown.facts(one.bundle, one), **_sources(stale, one)} for one in held])
        return
    if held:
        _table(held, stale)
    elif shelf.held:
        show.say("No bundle is like that.")
    else:
        show.say('There is no bundle yet. Make one: agentops bundle make "your question"')
    foreign = [one for one in held if one.foreign is not None]
    if foreign:
        show.note(f"{len(foreign)} by an older kit; adopt one: agentops bundle import {foreign[0].path}")
    shown.notes(shelf.broken)


def _matches(bundle: Bundle, kind: str | None, tags: tuple[str, ...], run: str | None) -> bool:
    return (
        (kind is None or bundle.kind == kind)
        and set(tags) <= set(bundle.tags)
        and (run is None or (bundle.run or "").startswith(run))
    )


def _stale(repo: Repo, held: list[Held]) -> dict[str, list[str]]:
    from agentops_kit.bundles.fates import at_head
    from agentops_kit.bundles.verify import stale

    now = at_head(repo)
    return {one.path: stale(repo, one.bundle, now) for one in held}


def _sources(stale: dict[str, list[str]], one: Held) -> dict[str, object]:
    return {"stale": stale[one.path]} if stale else {}


def _table(held: list[Held], stale: dict[str, list[str]]) -> None:
    rows = []
    for one in held:
        bundle = one.bundle
        name = bundle.id if one.foreign is None else f"{one.path} (older kit)"
        row = [name, bundle.kind, bundle.tokens.bundle, bundle.tokens.ratio or "", bundle.created[:10]]
        rows.append([*row, " ".join(bundle.tags), *([len(stale[one.path])] if stale else [])])
    headers = ["bundle", "kind", "tokens", "ratio", "made", "tags", *(["changed"] if stale else [])]
    with_tags = any(one.bundle.tags for one in held)
    drop = headers.index("tags")
    if not with_tags:
        headers, rows = headers[:drop] + headers[drop + 1 :], [row[:drop] + row[drop + 1 :] for row in rows]
    show.table(headers, rows)
