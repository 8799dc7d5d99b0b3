"""``agentops worker``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agentops_kit.cli import options, show
from agentops_kit.cli.runs_verbs import opened

if TYPE_CHECKING:
    from pathlib import Path


@click.command(epilog="Example: agentops worker --db postgresql://agentops@db/agentops --queue gpu --slots 4")
@opened.database
@click.option(
    "--queue", "-q", "queues", multiple=True, metavar="NAME", help="A capability: do steps of this queue too."
)
@click.option("--slots", type=click.IntRange(min=1), default=8, show_default=True, help="Queued steps at a time.")
@click.option("--no-runs", is_flag=True, help="Do queued steps only; runs are others' work.")
@click.option(
    "--grace", type=click.FloatRange(min=0), default=30.0, show_default=True, metavar="SECONDS",
    help="How long steps at work may take to end after SIGTERM; then they are given to others.",
)  # fmt: skip
@click.option(
    "--build", metavar="TAG", help="Take runs submitted for this version of the engine only (default: its own)."
)
@options.workspace
def command(
    *,
    db: str | None,
    queues: tuple[str, ...],
    slots: int,
    no_runs: bool,
    grace: float,
    build: str | None,
    workspace: Path,
) -> None:
    """Do queued runs and steps until SIGTERM: as many workers as you like, on as many machines as reach the database.

    Dead workers' work is taken over by the living. SIGTERM and Ctrl-C let steps at work end, then hand over the rest.
    """
    import asyncio

    from agentops_kit.workflows.engine.submit import VERSION
    from agentops_kit.workflows.engine.worker import Orders, Worker

    if no_runs and not queues:
        message = "A worker without runs and without a --queue has nothing to do."
        raise click.UsageError(message)
    orders = Orders(queues, slots, not no_runs, build or VERSION, grace)
    with opened.engine(db, workspace, make=True) as engine:
        asyncio.run(Worker(engine, orders, show.note).work())
