"""What to quote when room is short: the most expected worth for the tokens, file by file and line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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


class Shelf:
    """Offers in the order in which they are tried: ``first`` before all others, then by worth a token.

    ``opening`` is what it costs to show anything of a file.
    """

    def __init__(self, offers: Sequence[Offer], opening: Sequence[int], first: Sequence[int] = ()) -> None:
        """Put the offers in order, and note which lie side by side."""
        worth = {place: -one.worth / (one.cost + 1.5) for place, one in enumerate(offers) if one.worth > 0}
        starts = {(one.file, one.first): place for place, one in enumerate(offers)}
        ends = {(one.file, one.last): place for place, one in enumerate(offers)}
        self._offers = offers
        self._opening = opening
        self._order = list(dict.fromkeys((*first, *sorted(worth, key=lambda place: (worth[place], place)))))
        self._beside = [
            (ends.get((one.file, one.first - 1), -1), starts.get((one.file, one.last + 1), -1)) for one in offers
        ]

    def fill(self, room: int) -> tuple[int, ...]:
        """Return the places of offers that fit into ``room`` tokens, in the order they were chosen."""
        chosen: dict[int, None] = {}
        shown: set[int] = set()
        for place in self._order:
            file, _, _, _, cost, along = self._offers[place]
            opening = 0 if file in shown else self._opening[file]
            if opening + cost - 2 * GAP > room or place in chosen:  # it does not fit even where it closes a gap
                continue
            cost += opening + self._gaps(place, chosen)
            together = along >= 0 and along != place and along not in chosen
            if together:
                cost += self._offers[along].cost + self._gaps(along, chosen)
            if cost <= room:
                room -= cost
                shown.add(file)
                chosen[place] = None
                if together:
                    chosen[along] = None
        return tuple(chosen)

    def _gaps(self, place: int, chosen: Mapping[int, None]) -> int:
        """Return what the marks around an offer cost: it may close a gap that was there."""
        before, behind = self._beside[place]
        return GAP * (1 - (before in chosen) - (behind in chosen))
