"""``agentops runs export``."""

from __future__ import annotations

from pathlib import Path

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.runs_verbs import opened
from agentops_kit.errors import InputInvalid


@click.command("export", epilog="Example: agentops runs export 2026-11-21-digest-k7qd --output digest.jsonl")
@opened.run_id
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="The file to write (default: standard output)."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["jsonl", "json"]),
    default="jsonl",
    show_default=True,
    help="A row a line, or one document.",
)
@click.option("--overwrite", is_flag=True, help="Replace the file when it is there.")
@opened.database
@options.workspace
def command(*, run: str, output: Path | None, form: str, overwrite: bool, db: str | None, workspace: Path) -> None:
    """Write a run with everything it asked and was answered; `show`, `diff` and `replay` read the file anywhere.

    The file holds the run's prompts and answers as they were: look through it before you share it.
    """
    from agentops_kit.workflows.history import export

    found = opened.record(run, db, workspace, events=True)
    text = export.document(found) if form == "json" else "".join(f"{line}\n" for line in export.lines(found))
    if output is None:
        show.say(text.removesuffix("\n"))
        return
    try:
        with output.open("w" if overwrite else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        message = f"{output} is there already."
        raise InputInvalid(message, remedy="Name another file, or add --overwrite.") from error
    except OSError as error:
        message = f"{output} cannot be written: {error.strerror}."
        raise InputInvalid(message, remedy="Name a file in a folder that is yours.") from error
    show.say(str(output))
