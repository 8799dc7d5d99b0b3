"""Text to terms: identifiers split by case, folded a little, so that a task's words meet the code's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from operator import add
from typing import TYPE_CHECKING

from agentops_kit.text.length import UNSPACED
from agentops_kit.text.stem import stem

if TYPE_CHECKING:
    from collections.abc import Collection

_IDENTIFIER = re.compile(r"\w+")
_ASCII_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_NAMED = re.compile(
    r"`([^`\n]{2,80})`|\b(\w*[a-z0-9]_\w+|_\w+|[A-Za-z]*[a-z][A-Z]\w*|[A-Z][A-Z0-9]*_\w+)\b|\b([A-Za-z_]\w+)\(\)"
)
_PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)+|\b[\w-]+\.[A-Za-z][A-Za-z0-9]{0,4}\b", re.ASCII)
_ENDLESS = re.compile(r"[\w./-]{200,}", re.ASCII)
_MOST_TERMS = 300
_LONGEST_WORD = 100
_IN_TITLE, _IN_NAME, _BELOW = 1.0, 0.8, 0.45  # how much a term counts by where the task has it
_STOP = frozenset(
    "a about after all also an and any are as at be because been before but by can could did do does doesn don each "
    "for from get had has have how i if in into is isn it its let like make may me more most my need no not now of on "
    "one only or our out over please set should so some such than that the their them then there these they this to "
    "too under up us use used using via want was way we were what when where which while who why will with within "
    "without would you your".split()
)


@dataclass(frozen=True)
class Query:
    """What a task asks for: folded terms, and the identifiers and paths it names outright.

    ``weights`` says how much each term counts: those of the first line most.
    """

    terms: tuple[str, ...]
    identifiers: frozenset[str]
    paths: tuple[str, ...]
    about_tests: bool
    weights: tuple[float, ...] = ()

    @property
    def weight_of(self) -> dict[str, float]:
        """Each term with its weight, 1 where nothing is said."""
        return dict(zip(self.terms, self.weights or [1.0] * len(self.terms), strict=True))


def query(task: str) -> Query:
    """Read a task; the first 300 different terms count, and words like "the" do not."""
    plain = _ENDLESS.sub(" ", task)  # nobody names a thing this long, and the patterns would take long over it
    identifiers = frozenset(_named_identifiers(plain))
    terms = _terms(task)
    paths = tuple(dict.fromkeys(path.strip("./") for path in _PATH.findall(plain)))[:_MOST_TERMS]
    wanted = tuple(terms)[:_MOST_TERMS]
    title = _terms(task.strip().partition("\n")[0])  # below it, "added tests" says nothing of what is wanted
    about_tests = not {"test", "tests"}.isdisjoint(title)
    return Query(wanted, identifiers, paths, about_tests, _weights(wanted, title, identifiers))


def _terms(text: str) -> dict[str, None]:
    terms: dict[str, None] = {}
    for word in _IDENTIFIER.findall(text):
        if word.lower() not in _STOP:
            terms.update(dict.fromkeys(term for term in parts(word) if term not in _STOP))
    return terms


def _weights(terms: tuple[str, ...], title: dict[str, None], identifiers: frozenset[str]) -> tuple[float, ...]:
    """Weigh terms: the first line says what is wanted, the rest explains, and names are meant as they stand."""
    named = {part for name in identifiers for part in parts(name)}
    return tuple(_IN_TITLE if term in title else _IN_NAME if term in named else _BELOW for term in terms)


def _named_identifiers(task: str) -> list[str]:
    names = []
    for quoted, plain, called in _NAMED.findall(task):
        found = _IDENTIFIER.findall(quoted) if quoted else [plain or called]
        names += [name for name in found if len(name) > 1 and name.lower() not in _STOP]
    return names


def identifiers(text: str) -> list[str]:
    """Return every word of letters, digits and underscores, in order."""
    return _IDENTIFIER.findall(text)


@lru_cache(maxsize=50_000)
def parts(identifier: str) -> tuple[str, ...]:
    """Return an identifier's folded terms: its parts, each neighbouring pair, and the whole.

    ``OAuth2Client`` gives ``auth``, ``client`` and ``oauth`` among others; text written without
    spaces gives pairs of characters.
    """
    if not identifier.isascii():
        return _foreign(identifier)
    return tuple(dict.fromkeys([stem(form) for form in _forms(identifier)]))


def fold(identifiers: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return the ``parts`` of many different identifiers at once and in their order, faster than one by one."""
    from Stemmer import Stemmer

    forms = {word: _forms(word) if word.isascii() else None for word in identifiers}
    whole = list({form for held in forms.values() if held for form in held})
    stems = dict(zip(whole, Stemmer("english", 0).stemWords(whole), strict=True))
    return {
        word: _foreign(word) if held is None else tuple(dict.fromkeys([stems[form] for form in held]))
        for word, held in forms.items()
    }


def _forms(identifier: str) -> list[str]:
    """Return what of an ASCII identifier is stemmed: its parts, neighbouring pairs and the whole, lower-case."""
    if len(identifier) > _LONGEST_WORD:
        return []  # encoded data
    pieces = [piece.lower() for piece in _ASCII_PART.findall(identifier)]
    if len(pieces) < 2:  # noqa: PLR2004 - nothing to join
        return [piece for piece in pieces if len(piece) > 1]
    return [*[piece for piece in pieces if len(piece) > 1], *map(add, pieces, pieces[1:]), "".join(pieces)]


def _foreign(word: str) -> tuple[str, ...]:
    lower = word.lower()
    found: dict[str, None] = {}
    for run in re.findall(UNSPACED, lower):
        found.update(dict.fromkeys(run[at : at + 2] for at in range(max(1, len(run) - 1))))
    for rest in re.sub(UNSPACED, " ", lower).split():
        found.update(dict.fromkeys(parts(rest) if rest.isascii() else (rest,)))
    return tuple(found)
