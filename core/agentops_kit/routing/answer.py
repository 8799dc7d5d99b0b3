"""The router's answer to a person: what to start, how sure that is, why, and what to ask when it is not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.routing import rank
from agentops_kit.routing.confidence import confidence
from agentops_kit.routing.terms import MOST_CHARACTERS, STOP, plain, words
from agentops_kit.text.stem import stem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentops_kit.content.route_settings import Routing
    from agentops_kit.routing.index import Index
    from agentops_kit.routing.signals import Bonus

START, SUGGEST, ASK = "start", "suggest", "ask"
_MOST_WORDS = 5
_SPLIT = re.compile(r"(?:[.;!?]\s+|\n+|,?\s+and\s+(?:also\s+|then\s+)|,\s*(?:then|also)\s+)", re.IGNORECASE)
_SURE_PART = 0.55
"""Confidence from which each part of a task counts as one of its own."""
_FEWEST_PART = 3
_MOST_PARTS = 4


class Choice(NamedTuple):
    """A candidate with its share of the probability and what decided; the best one's is that of its twin too."""

    id: str
    kind: str
    confidence: float
    words: tuple[str, ...]
    signals: tuple[str, ...]
    home: str = ""
    """The command that a persona works in."""

    @property
    def started(self) -> str:
        """What a person types or names to start it."""
        if self.kind == "command":
            return f"/{self.id}"
        return f"{self.kind} {self.id}, in /{self.home}" if self.home else f"{self.kind} {self.id}"

    @property
    def sure(self) -> str:
        """The confidence with two digits; none is rounded up into the next band."""
        return f"{int(self.confidence * 100 + 1e-6) / 100:.2f}"

    @property
    def reason(self) -> str:
        """The words and signals in one line."""
        said = [f"it speaks of {', '.join(self.words)}"] if self.words else []
        return "; ".join([*said, *self.signals]) or "nearest in meaning"


class Answer(NamedTuple):
    """Choices best first, the band of the best, and a question when a person has to say."""

    band: str
    choices: tuple[Choice, ...]
    question: str
    parts: tuple[tuple[str, str], ...] = ()
    """When the task holds two: each part's words and the candidate it is for."""


def answer(index: Index, text: str, bonuses: Sequence[Bonus], settings: Routing) -> Answer:
    """Route a task; without a word in it the answer is a question."""
    from agentops_kit.routing.signals import extra

    task = rank.read(text)
    ranking = rank.rank(index, task, extra(tuple(bonuses)))
    sure = confidence(ranking, task)
    shares = _shares(ranking.scores, sure)
    choices = tuple(
        Choice(
            index.ids[at],
            index.kinds[at],
            round(share, 4),
            _held(index, at, text),
            (*(_instead(ranking) if at == ranking.order[0] else ()), *_reasons(bonuses, index.ids[at])),
            _home(index, at, ranking.order),
        )
        for at, share in zip(ranking.order, shares, strict=True)
    )
    parts = two(index, text)
    band = ASK if parts else START if sure >= settings.start else SUGGEST if sure >= settings.suggest else ASK
    return Answer(band, choices, _question(choices, task, parts) if band == ASK else "", parts)


def _reasons(bonuses: Sequence[Bonus], candidate: str) -> tuple[str, ...]:
    return tuple(one.reason for one in bonuses if one.id == candidate)


def _instead(ranking: rank.Ranking) -> tuple[str, ...]:
    """Say what the first step is offered in place of."""
    if not ranking.absent:
        return ()
    from agentops_kit.routing import learned

    profile = learned.shipped().profiles[ranking.absent]
    return (f"{ranking.absent} of the profile {profile} would fit better and is not installed",)


def _home(index: Index, at: int, order: Sequence[int]) -> str:
    """Return the command a persona works in: its twin, else the one that fits the task best of those that call it."""
    twin, homes = index.kin.twins[at], index.kin.homes[at]
    best = twin if twin in homes else next((place for place in order if place in homes), -1)
    return index.ids[best] if best >= 0 else ""


def _shares(scores: Sequence[float], sure: float) -> list[float]:
    """Return the best one's confidence, and what it leaves over shared out by score."""
    import math

    if not scores:
        return []
    rest = [math.exp(score - scores[0]) for score in scores[1:]]
    total = sum(rest) or 1.0
    left = min(1 - sure, sure)  # none is surer than the best
    return [sure, *(left * value / total for value in rest)]


def _held(index: Index, at: int, text: str) -> tuple[str, ...]:
    """Return the task's words that a candidate holds, the rarest first."""
    found: dict[str, tuple[float, str]] = {}
    for word in words(plain(text[:MOST_CHARACTERS])):
        root = stem(word)
        if word not in STOP and root not in found and index.terms.held_by(root, at):
            found[root] = (-index.rarity.get(root, 0.0), word)
    return tuple(word for _, word in sorted(found.values())[:_MOST_WORDS])


def two(index: Index, text: str) -> tuple[tuple[str, str], ...]:
    """Return the parts of a task that are for different candidates, empty when it is one task."""
    pieces = [piece.strip() for piece in _SPLIT.split(text[:MOST_CHARACTERS]) if piece.strip()]
    if not 1 < len(pieces) <= _MOST_PARTS:
        return ()
    found = []
    for piece in pieces:
        task = rank.read(piece)
        ranking = rank.rank(index, task)
        if len(task.stems) < _FEWEST_PART or confidence(ranking, task) < _SURE_PART:
            return ()
        found.append((piece, index.ids[ranking.order[0]]))
    return tuple(found) if len({one for _, one in found}) > 1 else ()


def _question(choices: Sequence[Choice], task: rank.Task, parts: Sequence[tuple[str, str]]) -> str:
    if parts:
        said = "; ".join(f"“{text[:60]}” ({one})" for text, one in parts)
        return f"This is more than one task: {said}. Which comes first?"
    if not task.stems:
        return "What is to be done, and in which part of the project?"
    names = [one.id for one in choices[:3]]
    if not names:
        return "There is nothing to route to. Which profile should be installed?"
    return f"Is this for {_either(names)}, or for none of them?"


def _either(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
