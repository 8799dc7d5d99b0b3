"""``agentops doctor``."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.errors import EvidenceMissing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from agentops_kit.install.doctor.finding import Finding

_PARTS = {
    "machine": "This machine and clone",
    "files": "What is registered",
    "asked": "What assistants find here",
    "assistant": "Assistants: hooks fired in a scratch copy with a run in research",
    "git": "Git's hooks, fired there by git",
    "teammate": "A teammate's clone without the kit",
}


@click.command(epilog="Example: agentops doctor")
@click.option("--assistants", is_flag=True, help="Also start each assistant that can be asked offline what it finds.")
@options.as_json
@options.workspace
def command(*, assistants: bool, as_json: bool, workspace: Path) -> None:
    """Prove that what is installed works: each hook is fired from each place; exit 8 when one does not do its work.

    The hooks run in a copy with spaces in its path: from its root, a subfolder and a linked worktree,
    and in a clone without the kit. This workspace is only read; with --assistants the clients are started in it.
    """
    from agentops_kit.install.doctor.examine import examine

    repo = options.repo(workspace)
    with show.progress("examining") as progress:
        findings = examine(repo, progress, ask=assistants)
    if as_json:
        show.as_json([asdict(one) for one in findings])
    else:
        _print(findings)
    bad = [one for one in findings if not one.ok]
    if bad:
        message = f"{len(bad)} of {len(findings)} checks found a problem; first: {bad[0].check}: {bad[0].detail}."
        raise EvidenceMissing(message, remedy=bad[0].fix)


def _print(findings: Sequence[Finding]) -> None:
    """Show a table for each part, then how to mend what is wrong."""
    for part, title in _PARTS.items():
        rows = [("✓" if one.ok else "✗", one.check, one.detail) for one in findings if one.part == part]
        if rows:
            show.table(("", "check", "seen"), rows, title)
    for fix in dict.fromkeys(one.fix for one in findings if one.fix and not one.ok):
        show.say(f"fix  {fix}")
    if all(one.ok for one in findings):
        show.say(f"All {len(findings)} checks are well.")
