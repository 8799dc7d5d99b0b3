"""``agentops runs fork``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.runs_verbs import driven, opened

if TYPE_CHECKING:
    from agentops_kit.workflows.history.forking import Origin
    from agentops_kit.workflows.history.record import Record


@click.command("fork", epilog="Example: agentops runs fork 2026-11-21-digest-k7qd summarizer --input length=short")
@opened.run_id
@click.argument("step", metavar="STEP")
@click.option(
    "--input", "-i", "inputs", multiple=True, metavar="NAME=TEXT", help="A changed input; NAME:=JSON for JSON."
)
@click.option("--provider", default="", metavar="NAME", help="Another provider for what is done again.")
@click.option("--model", default="", metavar="NAME", help="Another model for what is done again.")
@opened.database
@options.as_json
@options.workspace
def command(
    *,
    run: str,
    step: str,
    inputs: tuple[str, ...],
    provider: str,
    model: str,
    db: str | None,
    as_json: bool,
    workspace: Path,
) -> None:
    """Start a new run that keeps what ended well before STEP, and does STEP and all after it again.

    ID may be an exported file: its run goes on here, in this workspace. A changed input reaches only what is done
    again. The old run stays as it is.
    """
    from agentops_kit.workflows import given
    from agentops_kit.workflows.history import forking

    record = opened.record(run, db, workspace)
    in_file = Path(run).is_file()
    origin = forking.of_file(record, workspace, os.environ) if in_file else _origin(record, db, workspace)
    wish = forking.Wish(step, given.pairs(inputs), provider, model)
    request = forking.request(record, origin, wish)
    with opened.engine(db, workspace, make=in_file) as engine:
        forked = engine.submit(request)
        show.note(f"run {forked} keeps {len(request.kept)} steps of {record.id}")
        driven.drive(engine, forked, as_json=as_json)


def _origin(record: Record, db: str | None, workspace: Path) -> Origin:
    from agentops_kit.workflows.history import forking

    with opened.reading(db, workspace) as engine:
        return forking.of_run(engine, record.id, os.environ)
