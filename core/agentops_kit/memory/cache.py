"""Local caches in the git directory: SQLite files that may vanish at any time.

Everything kept in one can be computed again, so a cache that is damaged is thrown away and made
anew, one that cannot be written (a read-only clone) lives in memory for as long as the process,
and SQLite's own locks let several processes and worktrees use it at once.
"""

from __future__ import annotations

from contextlib import ExitStack, closing, suppress
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from pathlib import Path

    from agentops_kit.memory.git import Repo

_Result = TypeVar("_Result")
_PATIENCE = 60.0  # seconds to wait for another process that writes


def use(repo: Repo, name: str, schema: str, work: Callable[[sqlite3.Connection], _Result]) -> _Result:
    """Return what ``work`` makes of the cache ``name``, a database that has the tables of ``schema``.

    ``schema`` is SQL that makes the tables; a file made with another one is thrown away. ``work``
    commits what it wants kept, and is called again with an empty cache when the first is damaged,
    and once more with one in memory when the disk takes none: it must bear being repeated.
    """
    import sqlite3

    path = repo.cache_dir / f"{name}.db"
    for _ in range(2):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with closing(_opened(path, schema)) as connection:
                return work(connection)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.ProgrammingError):
                raise
            if getattr(error, "sqlite_errorcode", None) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
                break
            discard(path)
        except OSError:
            break
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(schema)
        return work(connection)


def discard(path: Path) -> None:
    """Throw a cache away with what SQLite keeps beside it."""
    for suffix in ("", "-wal", "-shm"):
        with suppress(OSError):
            path.with_name(path.name + suffix).unlink()


def _opened(path: Path, schema: str) -> sqlite3.Connection:
    import sqlite3

    connection = sqlite3.connect(path, timeout=_PATIENCE)
    with ExitStack() as undo:
        undo.enter_context(closing(connection))
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        if connection.execute("PRAGMA user_version").fetchone()[0] != _version(schema):
            _build(connection, schema)
        undo.pop_all()
    return connection


def _build(connection: sqlite3.Connection, schema: str) -> None:
    """Make the tables in one transaction, so that two processes at once build them once."""
    connection.execute("BEGIN IMMEDIATE")
    if connection.execute("PRAGMA user_version").fetchone()[0] != _version(schema):
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            if not table.startswith("sqlite_"):
                connection.execute(f'DROP TABLE "{table}"')
        for statement in _statements(schema):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {_version(schema)}")
    connection.commit()


def _statements(schema: str) -> list[str]:
    return [statement for statement in schema.split(";") if statement.strip()]


def _version(schema: str) -> int:
    import zlib

    return zlib.crc32(schema.encode()) & 0x7FFFFFFF or 1
