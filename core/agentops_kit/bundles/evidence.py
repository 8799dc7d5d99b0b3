"""What speaks for each block of the best files: its words, its definition, its history and where it stands."""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.bundles.blocks import Block, Piece, cut, is_type, pieces
from agentops_kit.text.rank import Tallier, Tally, idf, score

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agentops_kit.bundles.churn import Churn
    from agentops_kit.bundles.outline import Definition
    from agentops_kit.bundles.pages import Page
    from agentops_kit.text.words import Query

_COLUMNS = """
file,file rank,file gap,piece,piece in file,piece rank,name,name in file,named
words a line,words,words of file,words near,cover,piece cover
changed,changed against file,changed like this,changed lately
definition changed,definition changed like this,definition like this,definition share
is signature,is head,is between,is body,of type,nesting,piece size,place,offset,file size
imports,comments,lines,definitions,early,of value,first file
"""
COLUMNS = tuple(_COLUMNS.strip().replace("\n", ",").split(","))
"""What each number of a block's row says, in order."""

_IMPORT = re.compile(
    r"^\s*(?:from\s+\S+\s+import|import\b|use\s|#\s*include|require|using\s|const .*require\(|package\b|pub use"
    r"|\"[^\"]+\"$|\)$)"
)
_COMMENT = re.compile(r"^\s*(?:#|//|/\*|\*|\"\"\"|--)")
_SHORTEST = 8  # words a piece is counted as at least
_NEAR = 4  # lines
_EARLY = 12


@dataclass(frozen=True)
class Opened:
    """A chosen file opened: ``score`` from its signals, the places of the task's terms, definitions and churn."""

    path: str
    score: float
    page: Page
    definitions: tuple[Definition, ...]
    churn: Churn
    touches: int

    @property
    def lines(self) -> list[str]:
        """The text cut at its line feeds."""
        return self.page.text.split("\n")


class Weighed(NamedTuple):
    """A block with the row of numbers that ``COLUMNS`` names."""

    block: Block
    piece: Piece
    row: tuple[float, ...]


class _Scored(NamedTuple):
    """A file's pieces with their tallies, and how well each fits the task."""

    parts: tuple[Piece, ...]
    tallies: list[Tally]
    scores: list[float]


def weigh(opened: Sequence[Opened], query: Query, worth: Mapping[str, float]) -> list[list[Weighed]]:
    """Return each file's blocks with their evidence; ``opened`` is best first, ``worth`` is each term's."""
    scored, names = _scored(opened, worth), _names(opened, query)
    best = max(chain.from_iterable(held.scores for held in scored), default=0.0) or 1.0
    best_name = max(chain.from_iterable(names), default=0.0) or 1.0
    return [
        _File(one, rank, opened[0].score, held.parts, query, worth).weigh(
            held.scores, best, names[rank], best_name, held.tallies
        )
        for rank, (one, held) in enumerate(zip(opened, scored, strict=True))
    ]


def best_pieces(opened: Sequence[Opened], worth: Mapping[str, float]) -> list[tuple[float, float]]:
    """Return for each file the score of its best piece, and that of its best three together."""
    ranked = [sorted(held.scores, reverse=True) for held in _scored(opened, worth)]
    return [(found[0] if found else 0.0, sum(found[:3])) for found in ranked]


def _scored(opened: Sequence[Opened], worth: Mapping[str, float]) -> list[_Scored]:
    """Score the files' pieces by BM25 among each other."""
    parts = [pieces(one.definitions, len(one.lines)) for one in opened]
    tallies = [
        [one.page.tally(part.first, part.last) for part in held] for one, held in zip(opened, parts, strict=True)
    ]
    floored = [[Tally(tally.terms, max(tally.length, _SHORTEST)) for tally in held] for held in tallies]
    lengths = [tally.length for tally in chain.from_iterable(floored)]
    mean = sum(lengths) / (len(lengths) or 1)
    return [
        _Scored(held, found, [score(tally, worth, mean) for tally in low])
        for held, found, low in zip(parts, tallies, floored, strict=True)
    ]


def _names(opened: Sequence[Opened], query: Query) -> list[list[float]]:
    """Score the names of definitions by the rarity, among these, of the terms they share with the task."""
    tallier = Tallier(query.terms)
    tallies = [[tallier.tally(one.name) for one in held.definitions] for held in opened]
    holders: dict[str, int] = {}
    for tally in (tally for held in tallies for tally in held):
        for term in tally.terms:
            holders[term] = holders.get(term, 0) + 1
    count = sum(map(len, tallies)) + 1
    weights = query.weight_of
    worth = {term: idf(count, held) * weights[term] for term, held in holders.items()}
    return [
        [sum(worth[term] for term in sorted(tally.terms)) / (1 + 0.3 * tally.length) for tally in held]
        for held in tallies
    ]


class _File:
    """One opened file with what is the same for all its blocks."""

    def __init__(
        self, opened: Opened, rank: int, best: float, parts: Sequence[Piece], query: Query, worth: Mapping[str, float]
    ) -> None:
        self._opened = opened
        self._lines = opened.lines
        self._parts = parts
        self._query = query
        self._worth = worth
        self._whole = sum(worth.values()) or 1.0
        self._shared = (opened.score, 1 / (1 + rank), best - opened.score)
        self._rank = rank
        per_line = [0.0] * (len(self._lines) + 1)
        for line, terms in opened.page.hits.items():
            if line < len(per_line):
                per_line[line] = sum(min(times, 2) * worth.get(term, 0.0) for term, times in sorted(terms.items()))
        self._words = _sums(per_line[1:])
        self._imports = _sums([float(_IMPORT.match(line) is not None) for line in self._lines])
        self._comments = _sums([float(_COMMENT.match(line) is not None) for line in self._lines])
        self._changed = _sums(opened.churn.times)
        self._mean_changed = self._changed[-1] / max(1, len(self._lines)) + 0.1

    def weigh(
        self, scores: Sequence[float], best: float, names: Sequence[float], best_name: float, tallies: Sequence[Tally]
    ) -> list[Weighed]:
        """Return the file's blocks with their rows."""
        order = sorted(range(len(scores)), key=lambda at: (-scores[at], at))
        ranks = {at: 1 / (1 + rank) for rank, at in enumerate(order)}
        own_best = max(scores, default=0.0) or 1.0
        own_name = max(names, default=0.0) or 1.0
        of_piece = []
        for at, part in enumerate(self._parts):
            name = names[part.definition] if part.definition >= 0 else 0.0
            covered = sum(self._worth.get(term, 0.0) for term in sorted(tallies[at].terms)) / self._whole
            of_piece.append(
                (
                    (scores[at] / best, scores[at] / own_best, ranks[at], name / best_name, name / own_name),
                    covered,
                    self._of_definition(part),
                )
            )
        return [
            Weighed(block, self._parts[block.piece], self._row(block, *of_piece[block.piece]))
            for block in cut(self._parts, self._opened.definitions, self._lines)
        ]

    def _of_definition(self, part: Piece) -> tuple[float, float, float, float]:
        """Return how often a definition changed, by commits how like the task, and its share of the file's changes."""
        if part.definition < 0:
            return 0.0, 0.0, 0.0, 0.0
        one = self._opened.definitions[part.definition]
        span = slice(one.first - 1, min(one.end, len(self._lines)))
        times = max(self._opened.churn.times[span], default=0.0)
        fit = max(self._opened.churn.fits[span], default=0.0)
        return math.log1p(times), fit / (1 + times), math.log1p(fit), times / (1 + self._opened.touches)

    def _row(
        self, block: Block, of_piece: tuple[float, ...], covered: float, history: tuple[float, ...]
    ) -> tuple[float, ...]:
        first, last = block.first, block.last
        part = self._parts[block.piece]
        count, lines = last - first + 1, len(self._lines)
        words = self._words[last] - self._words[first - 1]
        near = self._words[min(lines, last + _NEAR)] - self._words[max(0, first - 1 - _NEAR)]
        changed = (self._changed[last] - self._changed[first - 1]) / count
        churn, span = self._opened.churn, slice(first - 1, last)
        one = self._opened.definitions[part.definition] if part.definition >= 0 else None
        return (
            *self._shared,
            *of_piece,
            float(one is not None and one.name in self._query.identifiers),
            words / count,
            math.log1p(words),
            words / (self._words[-1] or 1.0),
            math.log1p(near),
            self._cover(first, last),
            covered,
            max(churn.times[span]),
            changed / self._mean_changed,
            max(churn.fits[span]),
            max(churn.lately[span]),
            *history,
            float(block.kind == "signature"),
            float(block.kind == "head"),
            float(block.kind == "between"),
            float(block.kind == "body"),
            float(one is not None and is_type(one)),
            float(one.depth if one else 0),
            math.log(part.last - part.first + 1),
            first / lines,
            (first - part.first) / (part.last - part.first + 1),
            math.log(lines),
            (self._imports[last] - self._imports[first - 1]) / count,
            (self._comments[last] - self._comments[first - 1]) / count,
            float(count),
            math.log1p(len(self._opened.definitions)),
            float(one is not None and first <= one.line + _EARLY),
            float(one is not None and one.kind == "value"),
            float(self._rank == 0),
        )

    def _cover(self, first: int, last: int) -> float:
        page = self._opened.page
        terms: set[str] = set()
        for line in page.places[bisect_left(page.places, first) : bisect_right(page.places, last)]:
            terms.update(page.hits[line])
        return sum(self._worth.get(term, 0.0) for term in sorted(terms)) / self._whole


def _sums(values: Sequence[float]) -> list[float]:
    """Return running sums, the first 0."""
    found = [0.0]
    for value in values:
        found.append(found[-1] + value)
    return found
