"""Which candidates belong together: a persona, the commands that call it, and the one it serves before all."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentops_kit.routing.catalogue import Candidate


class Kin(NamedTuple):
    """For each candidate the place of its twin (-1 without), and the places of the commands that call it."""

    twins: tuple[int, ...]
    homes: tuple[tuple[int, ...], ...]


def of(candidates: Sequence[Candidate]) -> Kin:
    """Return who belongs to whom.

    A command and one of the personas it calls are twins: who asks for the work of the one is served by the other.
    A persona that few commands call is the twin before one that many call, for a command that calls few before one
    that calls many, and as the command's text names them.
    """
    places = {one.id: at for at, one in enumerate(candidates)}
    called = [[places[name] for name in one.calls if name in places and name != one.id] for one in candidates]
    homes = [tuple(at for at, held in enumerate(called) if place in held) for place in range(len(candidates))]
    twins = [-1] * len(candidates)
    pairs = (
        (len(homes[persona]), len(held), order, at, persona)
        for at, held in enumerate(called)
        for order, persona in enumerate(held)
    )
    for *_, at, persona in sorted(pairs):
        if twins[at] < 0 and twins[persona] < 0:
            twins[at], twins[persona] = persona, at
    return Kin(tuple(twins), tuple(homes))
