"""``agentops profile info``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.profiles import shelf

if TYPE_CHECKING:
    from agentops_kit.packages.service import Seen


@click.command(epilog="Example: agentops profile info https://git.example.com/kits.git#profiles/payments")
@click.argument("name")
@options.as_json
@options.workspace
def command(*, name: str, as_json: bool, workspace: Path) -> None:
    """Show what a profile is and may do: one that is here, or a package that could be added.

    NAME is a profile's name, or a source as `agentops profile add` takes it. Of an added profile also where it came
    from and which files were edited here. Nothing is written.
    """
    from agentops_kit.packages import service

    seen = service.look(options.repo(workspace), name, Path.cwd())
    if as_json:
        locked = {key: value for key, value in seen.locked._asdict().items() if value} if seen.locked else None
        show.as_json(
            {
                **shelf.powers_as_json(seen.candidate),
                "origin": seen.origin,
                "sha256": seen.sha256,
                "lock": locked,
                "edited": list(seen.edited),
                "signature": str(seen.signed),
            }
        )
        return
    _show(seen)


def _show(seen: Seen) -> None:
    shelf.told(seen.candidate)
    show.say(f"origin    {seen.origin}")
    if seen.locked:
        show.say(f"from      {seen.locked.source} {seen.locked.ref} {seen.locked.commit[:12]}".rstrip())
        show.say(f"locked    {seen.locked.sha256}")
    show.say(f"sha256    {seen.sha256}")
    show.say(f"signature {seen.signed}")
    for path in seen.edited:
        show.say(f"edited    {path}")
