"""``agentops profile validate``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.profiles import shelf
from agentops_kit.errors import ContentInvalid, EvidenceMissing

if TYPE_CHECKING:
    from pathlib import Path


@click.command(epilog="Example: agentops profile validate devops")
@click.argument("names", nargs=-1)
@options.as_json
@options.workspace
def command(*, names: tuple[str, ...], as_json: bool, workspace: Path) -> None:
    """Load, merge, render and lint profiles (all of them by default); exit 6 or 8 when something is wrong."""
    from agentops_kit.assistants.rendering import rendered
    from agentops_kit.content.lint import lint
    from agentops_kit.content.profiles import resolve

    library = shelf.library(workspace)
    findings: dict[str, list[str]] = {}
    for name in names or library.names():
        try:
            resolved = resolve((name,), library)
            rendered(resolved)
            shelf.warn(resolved.warnings)
            findings[name] = [str(one) for one in lint(resolved)]
        except ContentInvalid as error:
            if names:
                raise
            findings[name] = [str(error)]
    if as_json:
        show.as_json(findings)
    else:
        for name, found in findings.items():
            show.say(f"{name:<14} {'sound' if not found else f'{len(found)} finding(s)'}")
            for sentence in found:
                show.say(f"  - {sentence}")
    if any(findings.values()):
        message = f"{sum(map(len, findings.values()))} findings in {sum(map(bool, findings.values()))} profiles."
        raise EvidenceMissing(message, remedy="Each finding names its file and its fix.")
