"""Which steps a retry does again: those that a run failed for, and those that never came about because of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from agentops_kit.workflows.engine.scope import below_map
from agentops_kit.workflows.engine.submit import owner
from agentops_kit.workflows.frontier import needed
from agentops_kit.workflows.ledger import schema
from agentops_kit.workflows.load import load

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agentops_kit.workflows.spec import Step

_RUNS = schema.executions.c
_STEPS = schema.steps.c
_DONE, _NEVER = "succeeded", "skipped"


class Again(NamedTuple):
    """What to take back: rows of steps by their numbers, and the sub-workflows that begin anew."""

    rows: tuple[int, ...]
    runs: tuple[str, ...]


def of(connection: sa.Connection, root: str) -> Again:
    """Return what to take back of a run, and of the sub-workflows that are done again."""
    columns = (_RUNS.id, _RUNS.source, _RUNS.file, _RUNS.parent, _RUNS.parent_step, _RUNS.parent_item)
    asked = sa.select(*columns).where(_RUNS.root == root, sa.or_(_RUNS.id == root, _RUNS.status != _DONE))
    places: dict[tuple[str, str, int], int] = {}
    begun: list[str] = []
    for run, source, file, *above in connection.execute(asked.order_by(_RUNS.number)).all():  # parents come first
        if run == root or tuple(above) in places:
            begun.append(run)
            places |= _of_run(connection, run, source, file)
    return Again(tuple(places.values()), tuple(begun[1:]))


def _of_run(connection: sa.Connection, run: str, source: str, file: str) -> dict[tuple[str, str, int], int]:
    columns = (_STEPS.number, _STEPS.step, _STEPS.item, _STEPS.kind, _STEPS.status)
    found = connection.execute(sa.select(*columns).where(_STEPS.run == run)).all()
    steps = load(source, file).steps
    names = [step.id for step in steps]
    ends = {one.step: one.status for one in found if one.item == schema.ALONE and one.step in names}
    again = blamed(steps, ends)
    inside = tuple(below_map(one.step, one.item) for one in found if one.kind == "map" and one.status == _DONE)
    open_ones = (one for one in found if one.status != _DONE and not one.step.startswith(inside))
    return {(run, one.step, one.item): one.number for one in open_ones if owner(one.step, names) in again}


def blamed(steps: Sequence[Step], ends: Mapping[str, str]) -> frozenset[str]:
    """Return the steps that did not succeed, without those whose end a later step took in and began.

    ``ends`` has the status of the steps that have one. A step that one tolerated, and for which another never began,
    is among them.
    """
    needs = {step.id: needed(step.needs) for step in steps}
    tolerated = {name for step, names in needs.items() if ends.get(step, _NEVER) != _NEVER for name in names}
    found = {name for name, end in ends.items() if end != _DONE and name not in tolerated}
    heap = list(found)
    while heap:
        step = heap.pop()
        above = needs[step] if ends[step] == _NEVER else ()
        fresh = {name for name in above if ends.get(name, _DONE) != _DONE} - found
        found |= fresh
        heap += fresh
    return frozenset(found)
