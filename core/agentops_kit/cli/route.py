"""``agentops route``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from agentops_kit.errors import InputInvalid


@click.command(epilog='Example: agentops route "Add OAuth2 support"')
@click.option("--batch", is_flag=True)
@click.option("--candidates", type=click.Path(dir_okay=False, path_type=Path))
def command(*, batch: bool, candidates: Path | None) -> None:
    """Route."""
    _batch(candidates)


def _batch(candidates: Path | None) -> None:
    from agentops_kit.routing import batch

    for answer in batch.answers(sys.stdin, candidates):
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
        sys.stdout.flush()
