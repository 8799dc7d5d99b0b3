"""How a run's values look: as JSON for programs, and as short texts for people."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from decimal import Decimal

    from agentops_kit.workflows.history.diff import Difference
    from agentops_kit.workflows.history.record import Done, Record

_PREVIEW = 160


def outline(record: Record) -> dict[str, Any]:
    """Return a run without its steps, for a program."""
    named = ("workflow", "status", "error", "created", "started", "finished", "parent", "fork_of", "provider", "model")
    shown = {name: getattr(record, name) for name in named}
    return {"run": record.id, **shown, "cost": dollars(record.cost), "inputs": dict(record.inputs)}


def whole(record: Record) -> dict[str, Any]:
    """Return a run with its outputs and steps, for a program."""
    return {**outline(record), "outputs": dict(record.outputs), "steps": [step(one) for one in record.steps]}


def step(done: Done) -> dict[str, Any]:
    """Return a step, for a program."""
    named = ("kind", "status", "attempts", "output", "failure", "error", "reason", "model", "provider", "started")
    shown = {name: getattr(done, name) for name in (*named, "finished")}
    return {
        "step": done.key.step,
        "item": done.key.item,
        **shown,
        "usage": dict(done.usage),
        "cost": dollars(done.cost),
    }


def difference(one: Difference) -> dict[str, Any]:
    """Return a difference, for a program."""
    return one._asdict()


def dollars(amount: Decimal | None) -> float | None:
    """Return an amount as a number; None is a price nobody knows."""
    return None if amount is None else float(amount)


def money(amount: Decimal | None) -> str:
    """Return an amount for people."""
    return "unknown" if amount is None else f"${amount:.4f}"


def day(at: str) -> str:
    """Return a time for people, to the second."""
    return at[:19].replace("T", " ")


def took(began: str, ended: str) -> str:
    """Return how long something took, empty while it goes on."""
    if not (began and ended):
        return ""
    seconds = (datetime.fromisoformat(ended) - datetime.fromisoformat(began)).total_seconds()
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds // 60)} min {int(seconds % 60)} s"  # noqa: PLR2004 - a minute


def preview(text: str, most: int = _PREVIEW) -> str:
    """Return the beginning of a text on one line."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
