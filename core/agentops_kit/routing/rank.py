"""How well each candidate fits a task: lexical and static scores, fused with weights that were fitted once."""

from __future__ import annotations

import math
import re
from collections import Counter
from operator import mul
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.routing import encoder, learned, table
from agentops_kit.routing.index import SCALE
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


_INSTRUCTS = (
    r"\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:instructions?|rules?|prompts?|routing)\b"
    r"|\bconfidence\b.{0,12}\b(?:1(?:\.0*)?|0?\.\d|\d+ ?%)"
)


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
    rarity, that any candidate holds; ``shared`` the share that the best one holds. ``outside`` says how far the best
    of what was learned and is not here stands above the best that is here, in log odds; None where not all were.
    ``share`` is the part of all the weight that the best candidate and its twin have. ``encoded`` says whether the
    encoder was asked, too.
    """

    order: tuple[int, ...]
    scores: tuple[float, ...]
    nearness: float
    covered: float
    shared: float
    named: bool
    outside: float | None = None
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
    number = len(index.ids)
    weights = dict.fromkeys(task.stems, 1.0)
    worth = _worth(index)
    fused = [worth["terms"] * value for value in _standard(index.terms.score(weights, number))]
    if "pieces" in worth:
        _add(fused, worth["pieces"], _standard(index.pieces.score(task.pieces, number)))
    if "name" in worth:
        _add(fused, worth["name"], _standard(index.named.score(weights, number)))
    here, outside = _learned(index, task)
    _add(fused, worth.get("said", 0.0), _standard(here) if index.is_learned else _said(index, task))
    if index.encoded:
        _add(fused, worth["encoded"], _standard(encoder.cosines(index.encoded, task.text)))
    chosen = sorted(range(number), key=lambda at: (-fused[at], at))[: _LOOKED_AT if index.is_learned else _SHORTLIST]
    nearness = _compare(index, task, chosen, fused, worth)
    if index.columns and not index.is_learned:
        _reorder(fused, [at for at, column in enumerate(index.columns) if column >= 0], here)
    ours, others = index.same.get(" ".join(task.stems), ((), ()))
    for at, bonus in [*_bonuses(index, extra), *((at, _SAME) for at in ours), *((at, -_SAME) for at in others)]:
        fused[at] += bonus
    named = mentioned(index, task.text)
    for at in named:
        fused[at] += _NAMED
    order = sorted(range(number), key=lambda at: (-fused[at], at))
    covered, shared = _cover(index, task.stems, order[0]) if order else (0.0, 0.0)
    return Ranking(
        tuple(order),
        tuple(fused[at] for at in order),
        nearness.get(order[0], 0.0) if order else 0.0,
        covered,
        shared,
        bool(named),
        outside if index.is_learned else None,
        _share(index, fused, order[0]) if order else 0.0,
        bool(index.encoded),
    )


def _share(index: Index, fused: Sequence[float], best: int) -> float:
    weights = [math.exp(score - fused[best]) for score in fused]
    twin = index.kin.twins[best]
    return (1 + (weights[twin] if twin >= 0 else 0.0)) / sum(weights)


def _worth(index: Index) -> dict[str, float]:
    return LEARNED if index.is_learned else RICH if index.said else WEIGHTS


def _said(index: Index, task: Task) -> list[float]:
    """Return what habits of words and of pieces say, where candidates have examples enough."""
    found = [0.0] * len(index.ids)
    for habit, held in zip(index.said, (task.pairs, task.pieces), strict=False):
        _add(found, 1.0, _standard(habit.score(held)))
    return found


def _learned(index: Index, task: Task) -> tuple[list[float], float | None]:
    """Return the log odds of the candidates with learned weights in their order, and how far others stand above."""
    if not index.columns:
        return [], None
    scores = learned.shipped().scores(task.text, task.vector)
    here = [scores[column] for column in index.columns if column >= 0]
    there = set(index.columns)
    away = max((score for column, score in enumerate(scores) if column not in there), default=-math.inf)
    return here, max(-_APART, min(_APART, away - max(here)))


def _reorder(fused: list[float], places: Sequence[int], log_odds: Sequence[float]) -> None:
    """Let the learned weights decide among those that have them; the best of these stands where their best stood.

    So a candidate without learned weights competes on equal terms, however sure the weights are among themselves.
    """
    top, best = max(fused[at] for at in places), max(log_odds)
    for at, value in zip(places, log_odds, strict=True):
        fused[at] = top + value - best


def _compare(
    index: Index, task: Task, chosen: Sequence[int], fused: list[float], worth: Mapping[str, float]
) -> dict[int, float]:
    """Add what the vectors of the chosen say, take as much from the others as the farthest, return the nearness."""
    if not any(task.vector):
        return {}
    columns: dict[str, list[float]] = {"description": [], "centre": [], "example": []}
    for at in chosen:
        first, last, _ = index.rows[at]
        cosines = _cosines(index, task, first, last if "example" in worth else first + 2)
        columns["description"].append(cosines[0])
        columns["centre"].append(cosines[1])
        columns["example"].append(max(cosines[2:], default=cosines[0]))
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
        fused[at] += _told(_cosines(index, task, first + 2, last)) - _told(_cosines(index, task, last, end))
    return near


def _cosines(index: Index, task: Task, first: int, last: int) -> list[float]:
    query, size, data = task.vector, index.dims, index.vectors
    return [sum(map(mul, query, data[row * size : (row + 1) * size])) / SCALE for row in range(first, last)]


def _told(cosines: Sequence[float]) -> float:
    """Return what sentences count the nearest of which is nearly the task."""
    return _TOLD * max(0.0, max(cosines, default=0.0) - _TOLD_FROM) / (1 - _TOLD_FROM)


def _bonuses(index: Index, extra: Mapping[str, float] | None) -> list[tuple[int, float]]:
    return [(at, extra[one]) for at, one in enumerate(index.ids) if one in extra] if extra else []


def mentioned(index: Index, text: str) -> list[int]:
    """Return the places of the candidates that a text names outright.

    A name of one common word counts only where it is called: ``/plan``, ``@reviewer``, "ask the reviewer",
    "the reviewer persona". In a text that tells the router what to say, names are only words.
    """
    lower = text.lower()
    found = [at for at, one in enumerate(index.ids) if one.lower() in lower and _is_called(one.lower(), lower)]
    return [] if found and re.search(_INSTRUCTS, lower, re.DOTALL) else found


def _is_called(name: str, lower: str) -> bool:
    quoted = re.escape(name)
    if re.search(rf"(?<![\w/@.-])[/@`]{quoted}(?![\w/.-]*\w)", lower):
        return True
    plain_name = rf"(?<![\w/.@-]){quoted}(?![\w/-]|\.\w)"
    if "-" in name and re.search(plain_name, lower):
        return True
    calls = r"(?:ask|use|call|run|start|launch|invoke|with|let|have|get|hand(?: this| it)? to|route(?: this| it)? to)"
    kinds = r"(?:agent|persona|command|workflow|subagent)"
    return bool(
        re.search(rf"\b{calls}\s+(?:the\s+|our\s+|my\s+)?{plain_name}\s+{kinds}\b", lower)
        or re.search(rf"\bthe\s+{plain_name}\s+{kinds}\b", lower)
        or re.search(rf"\bask\s+(?:the|our)\s+{plain_name}\s+(?:to|about|whether|why|how)\b", lower)
    )


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
