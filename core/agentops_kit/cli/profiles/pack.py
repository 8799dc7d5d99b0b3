"""``agentops profile pack``."""

from __future__ import annotations

from pathlib import Path

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.profiles import shelf


@click.command(epilog="Example: agentops profile pack payments --sign --output dist")
@click.argument("name")
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="The folder to write to (default: the current one).",
)
@click.option("--sign", is_flag=True, help="Sign it with the key git signs with (SSH or OpenPGP).")
@options.as_json
@options.workspace
def command(*, name: str, output: Path, sign: bool, as_json: bool, workspace: Path) -> None:
    """Write a profile to NAME-VERSION.tar.gz: the same files give the same bytes.

    Prints the archive's sha256, and the digest of its files, which an index can pin and the lock file records.
    """
    from agentops_kit.packages import packing

    packed = packing.pack(shelf.library(workspace), name, options.repo(workspace) if sign else None)
    path = packing.write(packed, output)
    if as_json:
        values = {"file": str(path), "sha256": packed.sha256, "digest": packed.digest, "files": packed.files}
        show.as_json({**values, "left_out": packed.left_out})
        return
    for one in packed.left_out:
        show.note(f"left out  {one}: no part of a profile")
    show.say(f"wrote     {path} ({len(packed.data):,} bytes, {packed.files} files)")
    show.say(f"sha256    {packed.sha256}")
    show.say(f"digest    {packed.digest}")
