"""``agentops doctor``."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.errors import EvidenceMissing

if TYPE_CHECKING:
    from pathlib import Path


@click.command(epilog="Example: agentops doctor")
@options.as_json
@options.workspace
def command(*, as_json: bool, workspace: Path) -> None:
    """Prove that what is installed works: each hook is fired from each place; exit 8 when one does not refuse."""
    from agentops_kit.install import doctor

    desk = options.desk(workspace)
    with show.progress("examining"):
        findings = doctor.examine(desk.repo)
    if as_json:
        show.as_json([asdict(one) for one in findings])
    else:
        show.table(("", "check", "seen"), [("✓" if one.ok else "✗", one.check, one.detail) for one in findings])
    bad = [one for one in findings if not one.ok]
    if bad:
        message = f"{len(bad)} of {len(findings)} checks found a problem; first: {bad[0].check}: {bad[0].detail}."
        raise EvidenceMissing(message, remedy=bad[0].fix)
