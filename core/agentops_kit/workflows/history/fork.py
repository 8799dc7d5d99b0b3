"""Forking: a new run that keeps what was finished before a step and does that step and all after it again."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from agentops_kit.errors import InputInvalid
from agentops_kit.workflows.frontier import needed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agentops_kit.workflows.history.record import Record
    from agentops_kit.workflows.spec import Step, Workflow

_KEPT = frozenset({"succeeded", "skipped"})


def kept(workflow: Workflow, record: Record, start: str) -> frozenset[str]:
    """Return the steps whose recorded ends a fork from ``start`` keeps; ``InputInvalid`` for an unknown step.

    Kept is what ended well and neither is nor comes after ``start`` nor after a step that is done again.
    """
    known = [step.id for step in workflow.steps]
    if start not in known:
        near = get_close_matches(start, known, 2, 0.4) or known[:5]
        message = f"The workflow {workflow.name} has no step {start!r}."
        raise InputInvalid(message, remedy=f"Name one of: {', '.join(near)}.")
    ended = {one.key.step for one in record.steps if one.key.item is None and one.status in _KEPT}
    again = after(workflow.steps, {start, *(name for name in known if name not in ended)})
    return frozenset(name for name in known if name not in again)


def after(steps: Iterable[Step], first: set[str]) -> set[str]:
    """Return some steps and every step that needs one of them, however indirectly."""
    waiting: dict[str, list[str]] = {}
    for step in steps:
        for name in needed(step.needs):
            waiting.setdefault(name, []).append(step.id)
    found, heap = set(first), list(first)
    while heap:
        for follower in waiting.get(heap.pop(), ()):
            if follower not in found:
                found.add(follower)
                heap.append(follower)
    return found
