"""What to quote when room is short: the most expected worth for the tokens, file by file and line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

GAP = 4  # tokens of the mark between two stretches of a file


class Offer(NamedTuple):
    """Lines of a file (its place) that may be quoted: what they are worth, and what they cost in tokens.

    ``along`` is the place of the offer that is quoted with it: the line that names the definition around
    it; -1 for none.
    """

    file: int
    first: int
    last: int
    worth: float
    cost: int
    along: int = -1


def pack(offers: Sequence[Offer], opening: Sequence[int], room: int, first: Sequence[int] = ()) -> tuple[int, ...]:
    """Return the places of offers that fit into ``room`` tokens, in the order they were chosen.

    ``opening`` is what it costs to show anything of a file. Offers are tried by worth a token; those in
    ``first`` come before all others.
    """
    order = sorted(
        (place for place, one in enumerate(offers) if one.worth > 0),
        key=lambda place: (-offers[place].worth / (offers[place].cost + 1.5), place),
    )
    shelf = _Shelf(offers, opening, room)
    for place in (*first, *order):
        shelf.offer(place)
    return tuple(shelf.chosen)


class _Shelf:
    def __init__(self, offers: Sequence[Offer], opening: Sequence[int], room: int) -> None:
        self.chosen: dict[int, None] = {}
        self._offers = offers
        self._opening = opening
        self._left = room
        self._open: set[int] = set()
        self._starts = {(one.file, one.first): place for place, one in enumerate(offers)}
        self._ends = {(one.file, one.last): place for place, one in enumerate(offers)}

    def offer(self, place: int) -> None:
        """Take an offer, with what goes along, when there is room for both."""
        wanted = [one for one in dict.fromkeys((place, self._offers[place].along)) if one >= 0]
        wanted = [one for one in wanted if one not in self.chosen]
        if place in self.chosen or not wanted:
            return
        file = self._offers[place].file
        cost = 0 if file in self._open else self._opening[file]
        cost += sum(self._offers[one].cost + self._gaps(one) for one in wanted)
        if cost <= self._left:
            self._left -= cost
            self._open.add(file)
            self.chosen.update(dict.fromkeys(wanted))

    def _gaps(self, place: int) -> int:
        """Return what the marks around an offer cost: it may close a gap that was there."""
        one = self._offers[place]
        before = self._ends.get((one.file, one.first - 1), -1) in self.chosen
        behind = self._starts.get((one.file, one.last + 1), -1) in self.chosen
        return GAP * (1 - before - behind)
