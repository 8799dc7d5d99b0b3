"""The held-out prompts of three authors and what is right for each, for any set of pieces.

The first author, of ``route_cases.yaml``, wrote the examples, too. The second, of ``route_cases_second.yaml``, had read
each piece's name, description and body, and no example. The third, of ``route_cases_third.yaml``, had read names and
descriptions, and wrote after all examples and thresholds.

A case stands under its kind:

``in``         one job of one piece
``near``       of the trade, but nobody's job
``far``        nothing to do with it
``ambiguous``  too little to decide on: the right answer is a question that offers one of ``accept``
``names``      says whom it wants
``two``        two jobs; ``accept`` holds the first, ``second`` the other
``language``   not English
``typo``       misspelt
``odd``        speaks to the router, or is nothing but code

``only`` names the profile whose sets measure it; without it every set does.

``accept`` lists every id that is right; those that a set of profiles lacks drop out. ``otherwise`` is right in a set
that has none of them. Where nothing is left, the right answer is to ask.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection

FILES = {
    "first": Path(__file__).with_name("route_cases.yaml"),
    "second": Path(__file__).with_name("route_cases_second.yaml"),
    "third": Path(__file__).with_name("route_cases_third.yaml"),
}
"""The file of each author."""
KINDS = ("in", "near", "far", "ambiguous", "names", "two", "language", "typo", "odd")
SETS = {
    "base": ("base",),
    "devops": ("devops",),
    "product-dev": ("product-dev",),
    "data-eng": ("data-eng",),
    "sre": ("sre",),
    "all": ("base", "devops", "example", "product-dev"),
}
"""The profiles of each set that is measured."""


class RouteCase(NamedTuple):
    """A prompt, its kind, and the ids that are right for it."""

    task: str
    kind: str
    accept: tuple[str, ...]
    second: tuple[str, ...] = ()
    otherwise: tuple[str, ...] = ()
    only: str = ""

    def right(self, ids: Collection[str]) -> tuple[str, ...]:
        """Return the accepted ones of the ids that there are; nothing when a question is the right answer."""
        there = _among(ids, (*self.accept, *self.second))
        return there or _among(ids, self.otherwise)

    def asks(self, ids: Collection[str]) -> bool:
        """Return whether a router of these ids should ask instead of starting something."""
        return self.kind == "ambiguous" or not self.right(ids)


def _among(ids: Collection[str], names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the ids of the names; an id of a name that two kinds share is ``kind:name``."""
    return tuple(one for name in names for one in sorted(ids) if one.rpartition(":")[2] == name)


@cache
def cases(author: str | None = None) -> tuple[RouteCase, ...]:
    """Return every case of an author, in the order of the file; without one, those of all."""
    import yaml

    if author is None:
        return tuple(case for one in FILES for case in cases(one))
    groups = yaml.safe_load(FILES[author].read_text(encoding="utf-8"))
    return tuple(
        RouteCase(
            task=one["task"],
            kind=kind,
            accept=tuple(one["accept"]),
            second=tuple(one.get("second", ())),
            otherwise=tuple(one.get("otherwise", ())),
            only=one.get("only", ""),
        )
        for kind, group in groups.items()
        for one in group
    )


def measured(profiles: Collection[str], author: str | None = None) -> tuple[RouteCase, ...]:
    """Return the cases that a set of profiles is measured on."""
    return tuple(case for case in cases(author) if case.only in {"", *profiles})


def labelled(there: Collection[str]) -> list[dict[str, object]]:
    """Return the cases as ``agentops route eval --cases`` reads them; one to ask about accepts nothing."""
    return [{"task": one.task, "accept": [] if one.asks(there) else list(one.right(there))} for one in cases()]


def ids(profiles: Collection[str]) -> frozenset[str]:
    """Return the names of the commands, personas and workflows that shipped profiles bring."""
    from agentops_kit.content.library import Library, shipped
    from agentops_kit.content.profiles import resolve

    resolved = resolve(tuple(profiles), Library(shipped()))
    return frozenset(item.name for item in (*resolved.commands, *resolved.personas, *resolved.workflows))
