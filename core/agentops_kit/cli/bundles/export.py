"""``agentops bundle export``."""

from __future__ import annotations

from pathlib import Path

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.bundles import shown
from agentops_kit.errors import InputInvalid


@click.command(epilog="Example: agentops bundle export tag:auth latest -o auth.bundles.json")
@click.argument("wanted", nargs=-1, required=True, metavar="NAME...")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path, allow_dash=True),
    help="The file to write; - is standard output.",
)
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@options.workspace
def command(*, wanted: tuple[str, ...], output: Path, force: bool, workspace: Path) -> None:
    """Write bundles to one file, to share with another repository.

    The file is JSON with checksums. It names this repository by its last name and its first
    commits; it holds no path of this machine and no address, and secrets are left out of it.
    """
    from agentops_kit.bundles import names, pack

    desk = options.desk(workspace)
    repo = desk.repo
    repo.require_head()
    found = {bundle.id: bundle for name in wanted for bundle in (names.find(repo, name),)}
    text, secrets = pack.dumps(pack.Pack(pack.origin_of(repo), tuple(found.values())), desk.config.secrets)
    shown.notes(secrets)
    if str(output) == "-":
        click.echo(text, nl=False)
        return
    _write(output, text, force=force)
    show.say(
        f"exported  {len(found)} bundle{'s' if len(found) != 1 else ''} to {output} ({len(text.encode()):,} bytes)"
    )


def _write(output: Path, text: str, *, force: bool) -> None:
    """Put the file in place whole or not at all."""
    import os

    if output.exists() and not force:
        raise InputInvalid(f"{output} is there already.", remedy="Name another file, or add --force.")
    spare = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        spare.write_text(text, encoding="utf-8")
        spare.replace(output)
    except OSError as error:
        spare.unlink(missing_ok=True)
        message = f"{output} cannot be written: {error.strerror}."
        raise InputInvalid(message, remedy="Name a file in a folder you can write to.") from error
