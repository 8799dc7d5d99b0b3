"""Rows of the ledger as the engine fills them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.sql.schema import ScalarElementColumnDefault

from agentops_kit.workflows.history.record import text, whole
from agentops_kit.workflows.ledger import schema
from agentops_kit.workflows.ledger.money import known

if TYPE_CHECKING:
    from agentops_kit.workflows.ledger.change import Row
    from agentops_kit.workflows.spec import Json
    from agentops_kit.workflows.steps.base import Outcome

_FILLED = {"number", "claim"}
_BLANK: Row = {
    column.name: column.default.arg if isinstance(column.default, ScalarElementColumnDefault) else None
    for column in schema.steps.c
    if column.name not in _FILLED
}

_UNUSED: Row = {
    "model": "", "provider": "", "input": 0, "output_tokens": 0, "cache_read": 0, "cache_write": 0, "cost": 0,
}  # fmt: skip


def step(run: str, key: str, item: int, **values: Any) -> Row:
    """Return a whole row of ``steps``."""
    return {**_BLANK, "run": run, "step": key, "item": item, **_clean(values)}


def attempt(run: str, key: str, item: int, number: int, **values: Any) -> Row:
    """Return a whole row of ``attempts``."""
    blank: Row = {"status": "", "failure": "", "error": "", "started": None, "finished": None, "wait": None}
    place: Row = {"run": run, "step": key, "item": item, "attempt": number, "worker": ""}
    return {**place, **blank, **_UNUSED, **_clean(values)}


def call(place: Row, number: int, kind: str, request: Json, **values: Any) -> Row:
    """Return a whole row of ``calls``; ``place`` holds run, step, item and attempt, ``answer`` is JSON already."""
    blank: Row = {"answer": "", "failure": "", "error": "", "at": None, "seconds": 0.0}
    return {**place, "call": number, "kind": kind, "request": text(request), **blank, **values}


def _clean(values: Row) -> Row:
    """Return values whose sentences every database takes: no NUL, no half of a pair of surrogates."""
    said = {name: whole(values[name]).replace("\0", "\ufffd") for name in ("error", "reason") if values.get(name)}
    return {**values, **said}


def used(outcome: Outcome | None) -> Row:
    """Return the columns of what a try used."""
    if outcome is None:
        return dict(_UNUSED)
    usage = outcome.usage
    return {
        "model": outcome.model,
        "provider": outcome.provider,
        "input": usage.input,
        "output_tokens": usage.output,
        "cache_read": usage.cache_read,
        "cache_write": usage.cache_write,
        "cost": known(outcome.cost),
    }


def summed(tries: list[Row]) -> Row:
    """Return what all tries of a step used; one price that nobody knows makes the sum unknown."""
    if not tries:
        return dict(_UNUSED)
    costs = [row["cost"] for row in tries]
    counts = ("input", "output_tokens", "cache_read", "cache_write")
    return {
        "model": tries[-1]["model"],
        "provider": tries[-1]["provider"],
        **{name: sum(row[name] for row in tries) for name in counts},
        "cost": None if None in costs else sum(costs),
    }
