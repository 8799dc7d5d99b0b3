"""Opening the database of runs: a SQLite file, or Postgres by its address."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from agentops_kit import extras
from agentops_kit.errors import InputInvalid, WorkspaceUnusable
from agentops_kit.workflows.ledger import schema, views

if TYPE_CHECKING:
    from collections.abc import Iterator

_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=30000", "foreign_keys=ON")
"""A write-ahead log keeps what was committed through a kill of the process, five times faster than SQLite's default;
after a loss of power the last commits may be missing, and their steps are done again."""


def address(place: str | Path) -> sa.URL:
    """Return the address of a database: ``postgresql://…`` as it is, everything else is a file's path."""
    text = str(place)
    if "://" not in text:
        return sa.URL.create("sqlite", database=str(Path(text).expanduser().absolute()))
    try:
        url = sa.make_url(text)
    except sa.exc.ArgumentError as error:
        message = "The address of the database cannot be read."
        raise InputInvalid(message, remedy="Give a file's path or postgresql://USER@HOST:PORT/NAME.") from error
    backend = url.get_backend_name()
    if backend not in {"sqlite", "postgresql", "postgres"}:
        message = f"Runs cannot be kept in {backend}."
        raise InputInvalid(message, remedy="Give a SQLite file's path or postgresql://USER@HOST:PORT/NAME.")
    if backend == "sqlite":
        return url
    _need_postgres()
    return url.set(drivername="postgresql+psycopg")


def _need_postgres() -> None:
    from importlib.util import find_spec

    if find_spec("psycopg") is None:
        message = "The driver for Postgres is not installed."
        raise InputInvalid(message, remedy=extras.remedy("postgres"))


def connect(place: str | Path) -> sa.Engine:
    """Return an engine over the database, its tables made if they are not there; ``WorkspaceUnusable`` says why not."""
    url = address(place)
    engine = _sqlite(url) if url.get_backend_name() == "sqlite" else sa.create_engine(url, pool_size=8, max_overflow=24)
    try:
        _prepare(engine)
    except sa.exc.DBAPIError as error:
        engine.dispose()
        message = f"The database {url.render_as_string(hide_password=True)} cannot be used: {_reason(error)}."
        raise WorkspaceUnusable(message, remedy="Check that it exists, is a database and may be written.") from error
    return engine


def _reason(error: sa.exc.DBAPIError) -> str:
    return str(error.orig).strip().splitlines()[0].rstrip(".")


def _sqlite(url: sa.URL) -> sa.Engine:
    if url.database and url.database != ":memory:":
        try:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            message = f"The folder of the database {url.database} cannot be made: {error.strerror}."
            raise WorkspaceUnusable(message, remedy="Name another file with --db.") from error
    engine = sa.create_engine(url, connect_args={"timeout": 30, "check_same_thread": False})
    sa.event.listen(engine, "connect", _tune)
    return engine


def _tune(connection: Any, _: object) -> None:
    # DBOS runs on this engine too and counts on transactions that take the write lock at their start.
    connection.isolation_level = "IMMEDIATE"
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _prepare(engine: sa.Engine) -> None:
    """Make what is missing; a database of a newer kit is refused, untouched."""
    if _found(engine) is None:
        with engine.begin() as connection:
            _alone(connection)
            schema.tables.create_all(connection)
            if connection.scalar(sa.select(schema.ledger.c.version)) is None:
                connection.execute(schema.ledger.insert().values(version=schema.VERSION))
            views.create(connection)
    version = _found(engine) or 0
    if version > schema.VERSION:
        message = (
            f"The database was made by a newer AgentOps Kit (its layout is {version}, this kit's {schema.VERSION})."
        )
        raise WorkspaceUnusable(message, remedy="Upgrade agentops-kit, or name another database with --db.")


def _found(engine: sa.Engine) -> int | None:
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("ledger"):
            return None
        return connection.scalar(sa.select(schema.ledger.c.version))


def _alone(connection: sa.Connection) -> None:
    """Let one process at a time make the tables."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext('agentops ledger'))"))


def rows(connection: sa.Connection, statement: sa.Select[Any]) -> Iterator[dict[str, Any]]:
    """Return a query's rows as dictionaries."""
    return (dict(row) for row in connection.execute(statement).mappings())
