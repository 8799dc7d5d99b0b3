"""In which order a drawing shows steps: none before what it waits for, otherwise as the file has them."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

from agentops_kit.workflows.frontier import needed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentops_kit.workflows.spec import Step


def ordered(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Return the steps, each after all it needs; the file's order where there is a choice."""
    numbers = {step.id: number for number, step in enumerate(steps)}
    waits = {step.id: len(needed(step.needs)) for step in steps}
    followers: dict[str, list[str]] = {}
    for step in steps:
        for before in needed(step.needs):
            followers.setdefault(before, []).append(step.id)
    heap = [numbers[name] for name, left in waits.items() if not left]
    heapify(heap)
    found: list[Step] = []
    while heap:
        step = steps[heappop(heap)]
        found.append(step)
        for after in followers.get(step.id, ()):
            waits[after] -= 1
            if not waits[after]:
                heappush(heap, numbers[after])
    return tuple(found)


def ranks(steps: Sequence[Step]) -> dict[str, int]:
    """Return each step's layer: one more than the deepest of what it needs."""
    found: dict[str, int] = {}
    for step in ordered(steps):
        found[step.id] = max((found[before] + 1 for before in needed(step.needs)), default=0)
    return found
