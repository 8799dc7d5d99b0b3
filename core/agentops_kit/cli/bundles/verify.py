"""``agentops bundle verify``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.bundles import shown
from agentops_kit.errors import EvidenceMissing

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.bundles.store import Held


@click.command(epilog="Example: agentops bundle verify --all")
@click.argument("name", default="")
@click.option("--all", "every", is_flag=True, help="Verify every bundle, and name each file that is none.")
@options.as_json
@options.workspace
def command(*, name: str, every: bool, as_json: bool, workspace: Path) -> None:
    """Recount a bundle and compare its sources with HEAD; exit 8 when something is not as it says."""
    if name and every:
        message = "Name a bundle or give --all, not both."
        raise click.UsageError(message)
    from agentops_kit.bundles import fates, names, store
    from agentops_kit.bundles.verify import problems_of

    repo = options.desk(workspace).repo
    shelf = store.scan(repo) if every else None
    held = list(shelf.held) if shelf else [names.find_held(repo, name or "latest")]
    now = fates.at_head(repo) if any(one.bundle.sources for one in held) else {}
    found = {one.path: problems_of(repo, one, now) for one in held}
    broken = shelf.broken if shelf else ()
    _report(held, found, broken, every=every, as_json=as_json)
    _judge(held, found, broken)


def _report(
    held: list[Held], found: dict[str, tuple[str, ...]], broken: tuple[str, ...], *, every: bool, as_json: bool
) -> None:
    if as_json:
        values = [{"id": one.bundle.id, "problems": found[one.path], **_foreign(one)} for one in held]
        show.as_json({"bundles": values, "broken": broken} if every else values[0])
        return
    from agentops_kit.bundles.verify import notes_of

    for one in held:
        if every and found[one.path]:
            show.say(f"{one.bundle.id}:")
        for sentence in found[one.path]:
            show.say(f"  - {sentence}")
        if not found[one.path]:
            show.say(_sound(one))
        shown.notes(notes_of(one))
    for sentence in broken:
        show.say(f"  - {sentence}")


def _foreign(one: Held) -> dict[str, object]:
    return {"foreign": True, "path": one.path} if one.foreign is not None else {}


def _sound(one: Held) -> str:
    bundle = one.bundle
    if one.foreign is not None:
        return f"{one.path} claims no untrue number: {bundle.tokens.bundle:,} tokens."
    here = sum(not source.repo for source in bundle.sources)
    compared = f", {here} source{'s' if here != 1 else ''} as at HEAD" if here or not bundle.sources else ""
    return f"{bundle.id} is sound: {bundle.tokens.bundle:,} tokens{compared}."


def _judge(held: list[Held], found: dict[str, tuple[str, ...]], broken: tuple[str, ...]) -> None:
    bad = [one for one in held if found[one.path]]
    count = sum(len(sentences) for sentences in found.values()) + len(broken)
    if not count:
        return
    if len(held) == 1 and bad:
        message = f"{bad[0].bundle.id} is not what it was: {count} finding{'s' if count > 1 else ''}."
    else:
        message = f"{len(bad)} of {len(held)} bundles are not what they were, {len(broken)} files are none."
    raise EvidenceMissing(message, remedy="Read the changed sources again, or `agentops bundle refresh` it.")
