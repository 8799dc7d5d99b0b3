"""``agentops version``."""

from __future__ import annotations

import click

from agentops_kit import __version__


@click.command(epilog="Example: agentops version")
def command() -> None:
    """Print the version."""
    click.echo(f"agentops {__version__}")
