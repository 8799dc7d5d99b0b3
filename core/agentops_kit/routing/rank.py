"""How well each candidate fits a task: lexical and static scores, fused with weights that were fitted once."""

from __future__ import annotations

import math
from collections import Counter
from operator import mul
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.routing import learned, mention, table
from agentops_kit.routing.index import MIDDLES, OWN_ROWS, SCALE
from agentops_kit.routing.terms import MOST_CHARACTERS, grams, pairs, plain, stems, telling, words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agentops_kit.routing.index import Index

WEIGHTS = {"terms": 0.3, "pieces": 0.3, "centre": 1.0, "encoded": 1.0}
RICH = {"terms": 0.2, "pieces": 0.2, "name": 0.1, "description": 0.25, "centre": 1.0, "said": 1.0, "encoded": 0.75}
"""The same where candidates have examples enough to learn from, ``said`` for the habits of words and of pieces."""
LEARNED = {"terms": 0.35, "name": 0.05, "said": 1.9}
"""The same where all was learned when the kit was built, ``said`` for what was learned."""
_TOLD, _TOLD_FROM = 3.0, 0.85
"""What an example in the task's own words gives and such a near miss costs, and the cosine from which it begins to."""
_LOOKED_AT = 3
"""Of how many, best first, the single sentences are looked at."""
_SAME = 12.0
"""The same for a sentence that is the task itself, as one that a person decided is."""
_NAMED = 30.0
_APART = 8.0
"""Log odds beyond which it makes no difference how far one stands above another."""
_SHORTLIST = 24
"""How many candidates, best by their words, are compared by vectors."""
_FIRST_STEP = "research"
"""Where to go with what no installed piece is for, but one of a profile that is not: it begins with finding out."""
_FARTHER, _FLAT, _FLAT_OVER = 4.0, 4.0, 3
"""How far above the best here such a piece stands, in log odds, and how little this one above the third behind it."""
_AHEAD = 2.0
"""By how much the first step then leads."""


class Task(NamedTuple):
    """A task as it is compared: stems, pieces and word pairs with their weight, a vector of length 1, and the text."""

    stems: tuple[str, ...]
    pieces: dict[str, float]
    pairs: dict[str, float]
    vector: list[float]
    text: str


class Ranking(NamedTuple):
    """Candidates best first, with what the confidence is made of.

    ``order`` holds places in the index, ``scores`` their fused scores in that order. ``nearness`` is the largest
    cosine of the best candidate's description and centre; ``covered`` the share of the task's words, weighed by
    rarity, that any candidate holds; ``shared`` the share that the best one holds. ``outside`` says how far what is
    nobody's job stands above the best that is here, in log odds, and ``elsewhere`` the same of the best piece that was
    learned and is not here; None where not all were learned. ``absent`` names that piece where it is the reason for
    the answer. ``share`` is the part of all the weight that the best candidate and its twin have. ``encoded`` says
    whether the encoder was asked, too.
    """

    order: tuple[int, ...]
    scores: tuple[float, ...]
    nearness: float
    covered: float
    shared: float
    named: bool
    outside: float | None = None
    elsewhere: float | None = None
    absent: str = ""
    share: float = 0.0
    encoded: bool = False


def read(text: str) -> Task:
    """Read a task; its first 6,000 characters count."""
    found = words(plain(text[:MOST_CHARACTERS]))
    counts = Counter(grams(found))
    pieces = {piece: 1 + math.log(times) for piece, times in counts.items()}
    said = dict.fromkeys(pairs(found), 1.0)
    vector = table.unit(table.shipped().total(telling(found)))
    return Task(tuple(dict.fromkeys(stems(found))), pieces, said, vector, text[:MOST_CHARACTERS])


def rank(index: Index, task: Task, extra: Mapping[str, float] | None = None) -> Ranking:
    """Rank every candidate; ``extra`` adds to the scores of the ids it names."""
    worth, known = _worth(index), _learned(index, task)
    decided, _ = index.told(task.stems)
    known = known.settled() if decided and index.is_learned else known
    fused = _by_words(index, task, worth, known)
    nearness = _compare(index, task, _chosen(index, fused, decided), fused, worth)
    if index.columns and not index.is_learned:
        _reorder(fused, [at for at, column in enumerate(index.columns) if column >= 0], known.here)
        _lift(fused, decided)
    for at, bonus in _bonuses(index, task, extra or {}):
        fused[at] += bonus
    named = mention.places(index.ids, task.text)
    for at in named:
        fused[at] += _NAMED
    return _ranking(index, task, fused, nearness, known._replace(absent="") if named else known, is_named=bool(named))


def _by_words(index: Index, task: Task, worth: Mapping[str, float], known: _Known) -> list[float]:
    """Return what a task's words and what was learned of them say; the first step leads where it stands in."""
    number, weights = len(index.ids), dict.fromkeys(task.stems, 1.0)
    fused = [worth["terms"] * value for value in _standard(index.terms.score(weights, number))]
    if "pieces" in worth:
        _add(fused, worth["pieces"], _standard(index.pieces.score(task.pieces, number)))
    if "name" in worth:
        _add(fused, worth["name"], _standard(index.named.score(weights, number)))
    _add(fused, worth.get("said", 0.0), _standard(known.here) if index.is_learned else _said(index, task))
    if index.encoded:
        from agentops_kit.routing import encoder

        _add(fused, worth["encoded"], _standard(encoder.cosines(index.encoded, task.text)))
    if known.absent:
        fused[known.first] = max(fused) + _AHEAD
    return fused


def _chosen(index: Index, fused: Sequence[float], decided: Sequence[int]) -> list[int]:
    """Return the candidates that are compared by vectors, with those that a person decided on."""
    most = _LOOKED_AT if index.is_learned else _SHORTLIST
    leading = sorted(range(len(fused)), key=lambda at: (-fused[at], at))[:most]
    return [*leading, *(at for at in decided if at not in leading)]


def _ranking(
    index: Index, task: Task, fused: Sequence[float], nearness: Mapping[int, float], known: _Known, *, is_named: bool
) -> Ranking:
    order = tuple(sorted(range(len(fused)), key=lambda at: (-fused[at], at)))
    if not order:
        return Ranking((), (), 0.0, 0.0, 0.0, named=False)
    best = order[0]
    covered, shared = _cover(index, task.stems, best)
    return Ranking(
        order,
        tuple(fused[at] for at in order),
        nearness.get(best, 0.0),
        covered,
        shared,
        is_named,
        known.outside,
        known.elsewhere,
        known.absent if best == known.first else "",
        _share(index, fused, best),
        bool(index.encoded),
    )


def _share(index: Index, fused: Sequence[float], best: int) -> float:
    """Return the part of all weight that the best and its twin have: a half where there are no others to lead."""
    weights = [math.exp(score - fused[best]) for score in fused]
    twin = index.kin.twins[best]
    if len(weights) == 1 + (twin >= 0):
        return 0.5
    return (1 + (weights[twin] if twin >= 0 else 0.0)) / sum(weights)


def _worth(index: Index) -> dict[str, float]:
    return LEARNED if index.is_learned else RICH if index.said else WEIGHTS


def _said(index: Index, task: Task) -> list[float]:
    """Return what habits of words and of pieces say, where candidates have examples enough."""
    found = [0.0] * len(index.ids)
    for habit, held in zip(index.said, (task.pairs, task.pieces), strict=False):
        _add(found, 1.0, _standard(habit.score(held)))
    return found


class _Known(NamedTuple):
    """What the learned weights say: log odds of the candidates that have some, in their order, and of others.

    ``first`` is the place of the first step, -1 where it is not there.
    """

    here: list[float]
    outside: float | None = None
    elsewhere: float | None = None
    absent: str = ""
    first: int = -1

    def settled(self) -> _Known:
        """Return the same for a task that a person decided: what is not here and what is nobody's say nothing more."""
        return self._replace(outside=min(self.outside or 0, 0), elsewhere=min(self.elsewhere or 0, 0), absent="")


def _learned(index: Index, task: Task) -> _Known:
    if not index.columns:
        return _Known([])
    weights = learned.shipped()
    scores = weights.scores(task.text, task.vector)
    here = [scores[column] for column in index.columns if column >= 0]
    if not index.is_learned:
        return _Known(here)
    leading = sorted(here, reverse=True)[: _FLAT_OVER + 1]
    best, last = leading[0], leading[-1]
    there = set(index.columns)
    away = {one: scores[at] - best for at, one in enumerate(weights.ids) if at not in there}
    nobody = away.pop("", -math.inf)
    piece = max(away, key=away.__getitem__, default="")
    elsewhere = away.get(piece, -math.inf)
    step = weights.ids.index(_FIRST_STEP) if _FIRST_STEP in weights.ids else -1
    first = index.columns.index(step) if step in there else -1
    is_far = elsewhere > max(_FARTHER, nobody) and best - last < _FLAT and first >= 0
    return _Known(here, _capped(nobody), _capped(elsewhere), piece if is_far else "", first)


def _capped(log_odds: float) -> float:
    return max(-_APART, min(_APART, log_odds))


def _reorder(fused: list[float], places: Sequence[int], log_odds: Sequence[float]) -> None:
    """Let the learned weights decide among those that have them; the best of these stands where their best stood.

    So a candidate without learned weights competes on equal terms, however sure the weights are among themselves.
    """
    top, best = max(fused[at] for at in places), max(log_odds)
    for at, value in zip(places, log_odds, strict=True):
        fused[at] = top + value - best


def _lift(fused: list[float], decided: Sequence[int]) -> None:
    """Let what the task is an example of begin where the best stands, however far below log odds put it."""
    if decided:
        missing = max(fused) - max(fused[at] for at in decided)
        for at in decided:
            fused[at] += missing


def _compare(
    index: Index, task: Task, chosen: Sequence[int], fused: list[float], worth: Mapping[str, float]
) -> dict[int, float]:
    """Add what the vectors of the chosen say, take as much from the others as the farthest, return the nearness."""
    if not any(task.vector):
        return {}
    columns: dict[str, list[float]] = {"description": [], "centre": []}
    rows = MIDDLES if worth is WEIGHTS else OWN_ROWS
    for at in chosen:
        first, _, _ = index.rows[at]
        cosines = _cosines(index, task, first, first + rows)
        columns["description"].append(cosines[-1])
        columns["centre"].append(max(cosines[:MIDDLES]))  # an example that says little takes nothing away
    near = {at: max(pair) for at, *pair in zip(chosen, columns["description"], columns["centre"], strict=True)}
    gains = [0.0] * len(chosen)
    for name, values in columns.items():
        if name in worth:
            _add(gains, worth[name], _standard(values))
    lowest = min(gains, default=0.0)
    for at, gain in zip(chosen, gains, strict=True):
        fused[at] += gain - lowest
    for at in sorted(chosen, key=lambda at: -fused[at])[:_LOOKED_AT]:
        first, last, end = index.rows[at]
        fused[at] += _told(_cosines(index, task, first + OWN_ROWS, last)) - _told(_cosines(index, task, last, end))
    return near


def _cosines(index: Index, task: Task, first: int, last: int) -> list[float]:
    query, size, data = task.vector, index.dims, index.vectors
    return [sum(map(mul, query, data[row * size : (row + 1) * size])) / SCALE for row in range(first, last)]


def _told(cosines: Sequence[float]) -> float:
    """Return what sentences count the nearest of which is nearly the task."""
    return _TOLD * max(0.0, max(cosines, default=0.0) - _TOLD_FROM) / (1 - _TOLD_FROM)


def _bonuses(index: Index, task: Task, extra: Mapping[str, float]) -> list[tuple[int, float]]:
    """Return what is added for single candidates: by the caller, and for a sentence that is the task itself."""
    ours, others = index.told(task.stems)
    return [
        *((at, extra[one]) for at, one in enumerate(index.ids) if one in extra),
        *((at, _SAME) for at in ours),
        *((at, -_SAME) for at in others),
    ]


def _cover(index: Index, stems_: Sequence[str], best: int) -> tuple[float, float]:
    unknown = math.log(1 + len(index.ids) / 0.5)
    all_weights = {stem: index.rarity.get(stem, unknown) for stem in stems_}
    total = sum(all_weights.values()) or 1.0
    held = sum(weight for stem, weight in all_weights.items() if stem in index.terms.places)
    own = sum(weight for stem, weight in all_weights.items() if index.terms.held_by(stem, best))
    return held / total, own / total


def _standard(values: Sequence[float]) -> list[float]:
    """Return values in standard deviations from their mean; all zero when they do not differ."""
    number = len(values)
    mean = sum(values) / number if number else 0.0
    apart = [value - mean for value in values]
    spread = math.sqrt(sum(map(mul, apart, apart)) / number) if number else 0.0
    return [value / spread for value in apart] if spread > 1e-9 else [0.0] * number  # noqa: PLR2004 - rounding


def _add(into: list[float], weight: float, values: Sequence[float]) -> None:
    for at, value in enumerate(values):
        into[at] += weight * value
