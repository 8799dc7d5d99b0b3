"""Rows of the views ``runs`` and ``workflow_runs`` as lines, or as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentops_kit.cli import show
from agentops_kit.cli.runs_verbs import facts

if TYPE_CHECKING:
    from collections.abc import Sequence

Row = dict[str, Any]


def steps(found: Sequence[Row], *, as_json: bool, previews: bool) -> None:
    """Print rows of ``runs``; with ``previews`` the beginning of each output or error below."""
    if as_json:
        show.as_json([_plain(row) for row in found])
        return
    for row in found:
        cost = "unknown" if row["cost"] is None else f"{float(row['cost']):.4f}"
        show.say(f"#{row['id']} | {row['workflow']} | {row['agent']} | {row['status']} | cost={cost}")
        said = str(row["output"] or row["error"] or "") if previews else ""
        if said.strip():
            show.say(f"   ↳ {facts.preview(said)}")


def runs(found: Sequence[Row], *, as_json: bool) -> None:
    """Print rows of ``workflow_runs``."""
    if as_json:
        show.as_json([_plain(row) for row in found])
        return
    for row in found:
        times = f"started={_time(row['started_at'])} | finished={_time(row['finished_at'])}"
        show.say(f"run_id={row['id']} | {row['workflow']} | {times}")


def _time(value: object) -> str:
    return "-" if value is None else str(value)[:19]


def _plain(row: Row) -> Row:
    plain = {**row, "cost": None if row.get("cost") is None else float(row["cost"])} if "cost" in row else dict(row)
    return {
        name: str(value)[:19] if name.endswith("_at") and value is not None else value for name, value in plain.items()
    }
