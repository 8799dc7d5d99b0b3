"""``agentops route lint``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.routes import source
from agentops_kit.errors import ContentInvalid

if TYPE_CHECKING:
    from pathlib import Path

_SHOWN = 20


@click.command(epilog="Example: agentops route lint --strict")
@source.candidates
@click.option("--all", "every", is_flag=True, help=f"Show every finding, not the first {_SHOWN} of a kind.")
@click.option("--strict", is_flag=True, help="Exit 6 when there is a finding.")
@options.as_json
@options.workspace
def command(*, candidates: Path | None, every: bool, strict: bool, as_json: bool, workspace: Path) -> None:
    """Find confusable routes, missing triggers, too few sentences, and examples that go elsewhere."""
    from agentops_kit.routing.lint import lint

    found = lint(source.read(candidates, workspace))
    if as_json:
        show.as_json([one._asdict() for one in found])
    else:
        for rule in dict.fromkeys(one.rule for one in found):
            same = [one for one in found if one.rule == rule]
            for one in same if every else same[:_SHOWN]:
                show.say(str(one))
            if len(same) > _SHOWN and not every:
                show.say(f"… and {len(same) - _SHOWN} more of {rule}; --all shows them")
        show.say(f"{len(found)} findings")
    if strict and found:
        message = f"{len(found)} findings about routes."
        raise ContentInvalid(message, remedy="Mend them as each says, or leave --strict out.")
