"""``agentops runs fork``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.runs_verbs import driven, opened

if TYPE_CHECKING:
    from pathlib import Path


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

    A changed input reaches only what is done again. The old run stays as it is.
    """
    from agentops_kit.workflows import given
    from agentops_kit.workflows.history import forking

    with opened.engine(db, workspace) as engine:
        name = opened.known(engine.ledger.engine, run)
        wish = forking.Wish(name, step, given.pairs(inputs), provider, model)
        request = forking.request(engine.ledger.engine, wish, os.environ)
        forked = engine.submit(request)
        show.note(f"run {forked} keeps {len(request.kept)} steps of {name}")
        driven.drive(engine, forked, as_json=as_json)
