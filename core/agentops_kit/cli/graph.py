"""``agentops graph``."""

from __future__ import annotations

import shutil
import sys
from importlib import import_module
from pathlib import Path

import click

from agentops_kit.cli import options, show


@click.command(epilog="Example: agentops graph research-plan-implement --format svg --output graph.svg")
@click.argument("workflow", metavar="FILE|NAME")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["text", "svg", "mermaid"]),
    default="text",
    show_default=True,
    help="How it is drawn.",
)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to a file instead of stdout.")
@options.workspace
def command(*, workflow: str, kind: str, output: Path | None, workspace: Path) -> None:
    """Draw a workflow: its steps, what each waits for, its phases and gates. Nothing is run."""
    from agentops_kit.workflows import find, load

    read = load.load(find.find(workflow, workspace))
    to_terminal = kind == "text" and output is None and sys.stdout.isatty()
    width = {"width": shutil.get_terminal_size().columns} if to_terminal else {}
    drawing: str = import_module(f"agentops_kit.workflows.draw.{kind}").draw(read, **width)
    if output is None:
        click.echo(drawing.encode("utf-8", "replace"), nl=False)
        return
    show.written(output, drawing)
    show.say(f"drawn     {output}")
