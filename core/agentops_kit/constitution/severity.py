"""How hard each law bites here, and who said so: shipped default, profiles, the user's own config."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Severity = Literal["off", "warn", "strict"]
SEVERITIES: tuple[Severity, ...] = ("off", "warn", "strict")
"""Mildest first."""
_RANK = {severity: rank for rank, severity in enumerate(SEVERITIES)}


class Layer(NamedTuple):
    """What one profile or file says: its name for people, and severities by law id."""

    name: str
    severities: Mapping[str, Severity]


class Ruling(NamedTuple):
    """A severity and where it comes from."""

    severity: Severity
    source: str


NO_CEILING = Ruling("strict", "enforcement: strict")


def severities(
    shipped: Mapping[str, Severity],
    profiles: Iterable[Layer] = (),
    user: Iterable[Layer] = (),
    *,
    pinned: Iterable[str] = (),
    ceiling: Ruling = NO_CEILING,
) -> dict[str, Ruling]:
    """Return each shipped id's severity; ids that nothing shipped are ignored.

    1. The shipped default stands until somebody says otherwise.
    2. What the user's own files say replaces it, harder or milder; where several say something,
       the hardest stands. This is the floor.
    3. A profile may tighten the floor and never loosens it; of several the hardest stands, in
       whatever order they come. An id the user has ``pinned`` is not tightened either.
    4. The ``ceiling``, the workspace's ``enforcement``, caps all of them.
    """
    profiles, user, kept = tuple(profiles), tuple(user), frozenset(pinned)
    found = {}
    for law, default in shipped.items():
        ruling = _hardest(law, user) or Ruling(default, "shipped default")
        tighter = None if law in kept else _hardest(law, profiles)
        if tighter is not None and _RANK[tighter.severity] > _RANK[ruling.severity]:
            ruling = tighter
        found[law] = ceiling if _RANK[ceiling.severity] < _RANK[ruling.severity] else ruling
    return found


def _hardest(law: str, layers: Iterable[Layer]) -> Ruling | None:
    """Return the hardest saying about a law; of equals the name that sorts first, so that order does not matter."""
    said = [Ruling(layer.severities[law], layer.name) for layer in layers if law in layer.severities]
    return min(said, key=lambda one: (-_RANK[one.severity], one.source), default=None)
