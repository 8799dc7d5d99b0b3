"""Where the candidates of a measurement come from: a file, or the workspace's profiles."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from agentops_kit.cli import options

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agentops_kit.routing.catalogue import Candidate

F = TypeVar("F", bound="Callable[..., Any]")


def candidates(command: F) -> F:
    """Add ``--candidates``."""
    return click.option(
        "--candidates",
        type=click.Path(dir_okay=False, path_type=Path),
        help="A JSON file of candidates instead of the installed profiles.",
    )(command)


def encoder(command: F) -> F:
    """Add ``--encoder``."""
    return click.option(
        "--encoder",
        is_flag=True,
        help="Compare pieces without learned weights by the encoder of the extra `encoder`, too.",
    )(command)


def with_encoder(path: Path | None, workspace: Path, *, asked: bool) -> bool:
    """Say whether the encoder is wanted, by its option or the workspace; ``InputInvalid`` where it is missing."""
    from agentops_kit.content.config import load
    from agentops_kit.routing import kept

    wanted = asked or (path is None and load(options.repo(workspace).root).routing.encoder)
    return bool(kept.stamp(with_encoder=wanted))


def read(path: Path | None, workspace: Path) -> Sequence[Candidate]:
    """Return the candidates of a file, else of the workspace's profiles."""
    from agentops_kit.routing import catalogue
    from agentops_kit.routing import workspace as routes

    if path is not None:
        return catalogue.parse(catalogue.data(path), str(path))
    from agentops_kit.content.config import load

    root = options.repo(workspace).root
    return routes.candidates(root, routes.names(load(root)))
