"""``agentops bundle tag``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.bundles import shown
from agentops_kit.errors import InputInvalid

if TYPE_CHECKING:
    from pathlib import Path

_TAG = re.compile(r"[^\W_][\w.:/-]{0,63}")


@click.command(
    epilog="Example: agentops bundle tag latest +auth -draft",
    context_settings={"ignore_unknown_options": True},
)
@click.argument("name")
@click.argument("changes", nargs=-1, metavar="[+TAG | -TAG]...")
@shown.force
@options.as_json
@options.workspace
def command(*, name: str, changes: tuple[str, ...], force: bool, as_json: bool, workspace: Path) -> None:
    """Add tags (+auth) to a bundle and remove others (-draft); without either, show its tags."""
    from agentops_kit.bundles import keep, names, protect

    desk = options.desk(workspace)
    repo = desk.repo
    add, remove = _read(changes)
    bundle = names.find(repo, name)
    tagged = keep.tagged(bundle, add, remove)
    if tagged.tags != bundle.tags:
        protect.require_unapproved(bundle, protect.approvals(bundle, protect.read_runs(repo)), force=force)
        shown.saved(desk, tagged, f"chore(agentops): tag {bundle.id}")
    if as_json:
        show.as_json({"id": bundle.id, "tags": tagged.tags})
        return
    for tag in (tag for tag in remove if tag not in bundle.tags):
        show.note(f"{bundle.id} did not have the tag {tag!r}.")
    show.say(f"{bundle.id}: {', '.join(tagged.tags) or 'no tags'}")


def _read(changes: tuple[str, ...]) -> tuple[list[str], list[str]]:
    add: list[str] = []
    remove: list[str] = []
    for change in changes:
        sign, tag = change[:1], change[1:]
        if sign not in {"+", "-"} or not _TAG.fullmatch(tag):
            message = f"{change[:80]!r} is no change of tags."
            remedy = "Write +auth to add and -draft to remove: letters, digits, and . : / _ - inside."
            raise InputInvalid(message, remedy=remedy)
        (add if sign == "+" else remove).append(tag)
    return add, remove
