"""``agentops verify``."""

from __future__ import annotations

from pathlib import Path

import click

from agentops_kit.cli import options, show
from agentops_kit.errors import EvidenceMissing

_FORMATS = click.Choice(["text", "json", "sarif", "junit"])


@click.command(epilog="Example: agentops verify --base origin/main --format sarif --output agentops.sarif")
@click.argument("commits", metavar="[RANGE]", required=False, default="")
@click.option("--base", metavar="REF", default="", help="Check what HEAD has beyond REF, such as origin/main.")
@click.option(
    "--branch", metavar="NAME", default="", help="The branch the commits are of (default: what is checked out)."
)
@click.option("--format", "kind", type=_FORMATS, default="text", show_default=True, help="How the report is written.")
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the report to a file, a summary to stdout."
)
@options.workspace
def command(*, commits: str, base: str, branch: str, kind: str, output: Path | None, workspace: Path) -> None:
    """Repeat every check over a range of commits, from what is committed alone; exit 8 when one refuses.

    RANGE is A..B, A...B or a commit; without one it is what the branch has beyond its upstream.
    """
    from agentops_kit.constitution import ranges, report, verify

    repo = options.repo(workspace)
    wanted = ranges.resolve(repo, commits, base)
    found = verify.verify(repo, wanted, branch=branch or repo.branch() or "")
    written = report.FORMATS[kind](found)
    if output is None:
        click.echo(written.encode("utf-8", "replace"), nl=False)
    else:
        output.write_bytes(written.encode("utf-8", "replace"))
        show.say(report.text(found).splitlines()[-1])
    if found.refused:
        first = found.refused[0].finding
        message = f"{len(found.refused)} of {len(found.found)} findings refuse {wanted.name}: {first.message}"
        raise EvidenceMissing(message, remedy=first.fix)
