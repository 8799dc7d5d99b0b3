"""The views ``runs`` and ``workflow_runs``: one row a step and one a run, in the columns older tools know.

A database that already has a table of such a name keeps it, and the view is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

if TYPE_CHECKING:
    from sqlalchemy import Connection

_OUTPUT = {
    "sqlite": "CASE WHEN s.output = '' THEN NULL ELSE json_extract(s.output, '$') END",
    # Postgres cannot turn a text with the character 0 into its own; such an output stays the JSON it is
    "postgresql": (
        "CASE WHEN s.output = '' THEN NULL WHEN strpos(s.output, '\\u0000') > 0 THEN s.output "
        "ELSE CAST(s.output AS json) #>> '{}' END"
    ),
}
_AGENT = "CASE WHEN s.item < 0 THEN s.step ELSE s.step || '[' || CAST(s.item AS TEXT) || ']' END"
_RETRIES = "CASE WHEN s.tries > 1 THEN s.tries - 1 ELSE 0 END"
_TIME = {
    "sqlite": "datetime({}, 'unixepoch')",
    "postgresql": "date_trunc('second', to_timestamp({}) AT TIME ZONE 'UTC')",
}

NAMES: Final = ("runs", "workflow_runs")


def select(name: str, dialect: str) -> str:
    """Return the query behind a view; ``dialect`` is ``sqlite`` or ``postgresql``."""
    return _runs(dialect) if name == "runs" else _workflow_runs(dialect)


def _runs(dialect: str) -> str:
    return (
        "SELECT s.number AS id, e.number AS workflow_run_id, e.workflow AS workflow, "  # noqa: S608 - constants only
        f"{_AGENT} AS agent, s.status AS status, s.cost / 1000000000.0 AS cost, {_OUTPUT[dialect]} AS output, "
        "COALESCE(NULLIF(s.error, ''), NULLIF(s.reason, '')) AS error, "
        f"{_RETRIES} AS retries FROM steps s JOIN executions e ON e.id = s.run"
    )


def _workflow_runs(dialect: str) -> str:
    started, finished = (_TIME[dialect].format(column) for column in ("COALESCE(e.started, e.created)", "e.finished"))
    return (
        "SELECT e.number AS id, e.workflow AS workflow, "  # noqa: S608 - constants only
        f"{started} AS started_at, {finished} AS finished_at FROM executions e"
    )


def create(connection: Connection) -> None:
    """Make the views where nothing of their name is there yet."""
    known = sa.inspect(connection)
    taken = {*known.get_table_names(), *known.get_view_names()}
    for name in NAMES:
        if name not in taken:
            connection.execute(sa.text(f"CREATE VIEW {name} AS {select(name, connection.dialect.name)}"))
