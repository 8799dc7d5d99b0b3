"""Words found in the sections of all bundles, older kits' too: BM25, and the line that says most."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.bundles import sections
from agentops_kit.text.rank import Tallier, Tally, bm25, rarity
from agentops_kit.text.words import query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agentops_kit.bundles.sections import Section
    from agentops_kit.bundles.store import Held

_QUOTED = 200  # characters of a line
_WORD = 6  # characters a word has, about, with what is around it
_STEM = 4  # characters of a word that are looked for


class Hit(NamedTuple):
    """A section that has the words; ``line`` counts from 1 in the file ``path`` and is the one quoted."""

    bundle: str
    path: str
    heading: str
    line: int
    quote: str
    score: float
    foreign: bool


def search(held: Sequence[Held], words: str, most: int = 10) -> tuple[Hit, ...]:
    """Return the sections that share words with ``words``, best first; equal ones by bundle and line."""
    terms = query(words).terms
    tallier = Tallier(terms)
    begins = tuple({term[: max(2, min(_STEM, len(term) - 2))].encode() for term in terms})
    found: list[tuple[Held, Section, Tally]] = []
    for one in held if terms else ():
        for section in sections.split(one.bundle.body):
            # a stem may end otherwise than its word (happi, happy) but begins alike: without any of the
            # beginnings a section has none of the terms, and needs no closer look
            text = section.text.lower().encode()
            said = any(begin in text for begin in begins)
            terms_there = tallier.tally(f"{section.text} {section.title}").terms if said else {}
            found.append((one, section, Tally(terms_there, len(section.text) // _WORD + 1)))
    tallies = [tally for _, _, tally in found]
    scores = bm25(tallies)
    order = sorted(
        (at for at, score in enumerate(scores) if score > 0),
        key=lambda at: (-scores[at], found[at][0].bundle.id, found[at][1].line),
    )
    weights = rarity(tallies)
    return tuple(_hit(*found[at][:2], scores[at], tallier, weights) for at in order[:most])


def _hit(one: Held, section: Section, score: float, tallier: Tallier, weights: Mapping[str, float]) -> Hit:
    """Quote the line whose words weigh most, the first of equals; the heading only when no other line has any."""
    lines = sections.lines_of(section.text)
    worth = [sum(weights[term] for term in tallier.tally(line).terms) for line in lines]
    first = 1 if section.level and any(worth[1:]) else 0
    at = max(range(first, len(lines)), key=lambda number: (worth[number], -number))
    quote = lines[at].strip()
    shown = quote if len(quote) <= _QUOTED else quote[: _QUOTED - 1] + "…"
    line = one.first_line + section.line - 1 + at
    return Hit(one.bundle.id, one.path, section.title, line, shown, round(score, 3), one.foreign is not None)
