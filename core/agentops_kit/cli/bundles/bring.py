"""``agentops bundle import``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.bundles import shown
from agentops_kit.errors import InputInvalid

if TYPE_CHECKING:
    from agentops_kit.phases.lifecycle import Desk


@click.command("import", epilog="Example: agentops bundle import auth.bundles.json")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@options.as_json
@options.workspace
def command(*, file: Path, as_json: bool, workspace: Path) -> None:
    """Take in what `export` wrote, or adopt a bundle of an older kit (a markdown file).

    A file that was damaged or edited is refused whole. Sources of another repository are marked as
    its own; a bundle whose id is taken gets a new one. An adopted bundle keeps its front matter as
    text, and the file it was read from stays unless it lies in .agentops/bundles itself.
    """
    desk = options.desk(workspace)
    desk.repo.require_head()
    if file.suffix.lower() in {".md", ".markdown"}:
        _adopt(desk, file, as_json=as_json)
    else:
        _bring(desk, file, as_json=as_json)


def _bring(desk: Desk, file: Path, *, as_json: bool) -> None:
    from agentops_kit.bundles import pack, redaction, store
    from agentops_kit.phases import store as runs

    given = pack.loads(_bytes(file, pack.LARGEST), file.name)
    repo = desk.repo
    taken = [path.stem for path in (repo.root / store.FOLDER).glob("*.md")]
    same = pack.same_repository(repo, given)
    found = pack.brought(given, here=store.listing(repo), taken=taken, same=same, runs=runs.names(repo))
    clean = {
        bundle.id: redaction.redacted(bundle, desk.config.secrets, store.path_of(bundle.id)) for bundle in found.bundles
    }
    if clean:
        subject = f"chore(agentops): import {len(clean)} from {given.origin.name}"
        store.save_all(repo, [bundle for bundle, _ in clean.values()], subject)
    if as_json:
        origin = {"name": given.origin.name, "same": same}
        show.as_json({"origin": origin, "imported": list(clean), "renamed": found.renamed, "known": found.known})
        return
    for old, new in found.renamed.items():
        show.say(f"renamed   {old} is taken here: {new}")
    for name, (bundle, secrets) in clean.items():
        shown.notes(f"{name}: {sentence}" for sentence in secrets)
        shown.said(bundle, as_json=False)
    for name in found.known:
        show.say(f"known     {name} is here already")
    if clean and not same:
        show.say(f"from      {given.origin.name}, another repository: its files cannot be compared here")


def _adopt(desk: Desk, file: Path, *, as_json: bool) -> None:
    from agentops_kit.bundles import foreign, pack, store

    path = _inside(desk, file) or file.name
    text = store.text_of(file, path)
    if "\nschema: agentops.bundle/" in text[:200] and not foreign.is_foreign(text):
        message = f"{path} is a bundle of this kit, not an older one's."
        raise InputInvalid(message, remedy="Put it into .agentops/bundles and `agentops bundle save` it.")
    one = foreign.read(text, path)
    in_place = path == store.path_of(one.bundle.id)
    taken = [each.stem for each in (desk.repo.root / store.FOLDER).glob("*.md")]
    name = one.bundle.id if in_place else pack.free(one.bundle.id, taken)
    mine = foreign.adopted(one, name, desk.repo.require_head())
    bundle = shown.saved(desk, mine, f"chore(agentops): adopt {name}")
    if not as_json:
        for sentence in foreign.problems(one):
            show.say(f"counted   {sentence}")
    shown.said(bundle, as_json=as_json)


def _inside(desk: Desk, file: Path) -> str:
    """Return a file's path from the workspace's root, ``""`` for one outside."""
    whole = file.resolve()
    return whole.relative_to(desk.repo.root).as_posix() if whole.is_relative_to(desk.repo.root) else ""


def _bytes(file: Path, largest: int) -> bytes:
    with file.open("rb") as stream:
        return stream.read(largest + 1)
