"""Options and look-ups that the verbs of ``agentops runs`` share."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from agentops_kit.errors import InputInvalid, WorkspaceUnusable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import sqlalchemy as sa

    from agentops_kit.workflows.engine.engine import Engine
    from agentops_kit.workflows.history.record import Record

F = TypeVar("F", bound="Callable[..., Any]")


def database(command: F) -> F:
    """Add ``--db``."""
    return click.option(
        "--db",
        metavar="PATH|URL",
        help="Where runs are kept: a SQLite file or postgresql://… (default: $AGENTOPS_DB, then the repository's "
        "git folder, then ./agentops.db).",
    )(command)


def run_id(command: F) -> F:
    """Add the run as an argument."""
    return click.argument("run", metavar="ID")(command)


def place(db: str | None, workspace: Path) -> str:
    """Return the database's path or address."""
    from agentops_kit.workflows.place import database as found

    return found(db, os.environ, workspace)


def existing(db: str | None, workspace: Path) -> sa.Engine:
    """Return an engine over the database; ``InputInvalid`` when it is a file that is not there."""
    from agentops_kit.workflows.ledger.open import connect

    where = place(db, workspace)
    if "://" not in where and not Path(where).exists():
        message = f"There are no runs yet: {where} does not exist."
        raise InputInvalid(message, remedy="Start one: agentops run FILE.")
    return connect(where)


@contextmanager
def reading(db: str | None, workspace: Path) -> Iterator[sa.Engine]:
    """Open the database to look at what is there, and close it again."""
    found = existing(db, workspace)
    try:
        yield found
    finally:
        found.dispose()


@contextmanager
def engine(db: str | None, workspace: Path, *, make: bool = False) -> Iterator[Engine]:
    """Open what does runs; a database that is not there is made only on request."""
    from agentops_kit.workflows.engine.engine import Engine

    if not make:
        existing(db, workspace).dispose()
    opened = Engine.open(place(db, workspace))
    try:
        with usable(opened.ledger.engine):
            yield opened
    finally:
        opened.close(at_exit=True)


@contextmanager
def usable(engine: sa.Engine) -> Iterator[None]:
    """Say in one sentence that the database does not do what it was asked, as when its disk is full."""
    import sqlalchemy as sa

    try:
        yield
    except sa.exc.DBAPIError as error:
        where = engine.url.render_as_string(hide_password=True)
        reason = str(error.orig).strip().partition("\n")[0].rstrip(".")
        message = f"The database {where} does not work: {reason}."
        remedy = "Nothing that was kept is lost. Mend it, then go on with: agentops runs resume ID."
        raise WorkspaceUnusable(message, remedy=remedy) from error


def is_text(said: str) -> bool:
    """Say whether what a shell handed over can be written as UTF-8."""
    try:
        said.encode()
    except UnicodeEncodeError:
        return False
    return True


def known(engine: sa.Engine, name: str) -> str:
    """Return the run meant by an id, a part of one or a number; ``InputInvalid`` when none or several are."""
    from agentops_kit.workflows.history import held

    found = held.find(engine, name) if name.strip() and is_text(name) else []
    if len(found) == 1:
        return found[0]
    message = f"{name!r} fits {len(found)} runs." if found else f"There is no run {name!r}."
    raise InputInvalid(message, remedy=f"Such as {', '.join(found[:3])}." if found else "See `agentops runs list`.")


def going(engine: Engine, run: str, *, but: str = "") -> None:
    """Raise ``InputInvalid`` for a run that is over, unless it ended ``but`` so: there is nothing left to stop."""
    from agentops_kit.workflows.ledger.change import OVER

    status = engine.get(run).status
    if status in OVER and status != but:
        message = f"The run {run} is over: {status}."
        raise InputInvalid(message, remedy=f"See: agentops runs show {run}.")


def record(name: str, db: str | None, workspace: Path, *, events: bool = False) -> Record:
    """Return a run with its calls from the database, or from a file that ``agentops runs export`` wrote."""
    path = Path(name)
    if path.is_file():
        from agentops_kit.workflows.history import export

        return export.read(path.read_text(encoding="utf-8", errors="replace"), name)
    from agentops_kit.workflows.history import held

    with reading(db, workspace) as engine:
        return held.load(engine, known(engine, name), events=events)


def no_step(found: Record, step: str) -> NoReturn:
    """Raise ``InputInvalid`` for a step a run does not have, with near names."""
    from difflib import get_close_matches

    names = list(dict.fromkeys(one.key.step for one in found.steps))
    message = f"Run {found.id} has no step {step!r}."
    near = get_close_matches(step, names, 2, 0.4) or names[:5]
    raise InputInvalid(message, remedy=f"Name one of: {', '.join(near)}." if near else "It has no step yet.")
