"""Candidates compiled for ranking: postings of stems and character pieces, static vectors, learned columns."""

from __future__ import annotations

from array import array
from collections import Counter
from itertools import chain
from operator import mul
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.routing import habit, kin, learned, table
from agentops_kit.routing.postings import NO_POSTINGS, Postings, bm25, cosine
from agentops_kit.routing.terms import grams, pairs, plain, stems, telling, words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agentops_kit.routing.catalogue import Candidate

_FIELD_WORTH = {"name": 3.0, "description": 1.5, "capabilities": 1.0, "examples": 1.5}
_MOST_POINTS = 40
_WITHOUT = 0.7
"""What the description counts in the middle in place of examples."""
_FEWER = 0.4
"""How much less than the root of their number examples count in the middle: a single one may say little."""
MIDDLES, OWN_ROWS = 2, 3
"""How many rows of a candidate are the middle of all it says, and how many come before its examples."""
MOST_COMPARED = 48
"""How many examples of a candidate, the last first of all, keep a vector of their own: what people decided is last."""
SCALE = 127
"""What 1 is in a row of signed bytes."""


Same = tuple[tuple[int, ...], tuple[int, ...]]


class Index(NamedTuple):
    """What the router compares a task with.

    ``vectors`` holds rows of ``dims`` signed bytes. ``rows[n]`` names candidate n's first row, the end of its examples
    and the end of its near misses: first comes the middle of all it says without its examples and with them, then its
    name and description, then one row for each of its last examples and one for each near miss.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    kinds: tuple[str, ...]
    terms: Postings
    named: Postings
    pieces: Postings
    rarity: dict[str, float]
    vectors: memoryview
    rows: tuple[tuple[int, int, int], ...]
    dims: int
    said: tuple[habit.Habit, ...] = ()
    """Habits of words and of pieces, where candidates have examples enough."""
    same: dict[str, Same] = {}  # noqa: RUF012 - of a NamedTuple, never changed
    """The stems of each example and near miss: the candidates it is an example of, and a near miss of."""
    columns: tuple[int, ...] = ()
    """Each candidate's column of the learned weights, -1 for one that has none; empty when nobody has."""
    kin: kin.Kin = kin.Kin((), ())
    """Which candidates belong together."""
    encoded: memoryview = memoryview(b"")
    """A row of the encoder for each candidate, empty where it was not asked for."""

    @property
    def is_learned(self) -> bool:
        """Whether every candidate has learned weights."""
        return bool(self.columns) and min(self.columns) >= 0

    def told(self, stems_: Sequence[str]) -> Same:
        """Return the candidates that a task of these stems is itself an example of, and a near miss of."""
        return self.same.get(" ".join(stems_), ((), ())) if stems_ else ((), ())


def compiled(candidates: Sequence[Candidate], *, with_learned: bool = True, with_encoder: bool = False) -> Index:
    """Compile candidates; the same candidates give the same index.

    ``with_learned`` takes the weights that were learned when the kit was built for the pieces that they were learned
    of; a measurement that leaves out examples must do without. ``with_encoder`` encodes candidates as well, unless all
    have learned weights.
    """
    columns = learned_columns(candidates) if with_learned else ()
    all_learned = bool(columns) and min(columns) >= 0
    if not all_learned:
        candidates = _on_equal_terms(candidates, columns)
    found = [{name: words(plain(text)) for name, text in _fields(one).items()} for one in candidates]
    terms, rarity, named = _postings(found)
    pieces = NO_POSTINGS if all_learned else cosine([Counter(grams(list(chain(*one.values())))) for one in found])
    alone = _alone(candidates, columns) if all_learned else [one.examples for one in candidates]
    vectors, rows, dims = _vectors(candidates, alone)
    return Index(
        tuple(one.id for one in candidates),
        tuple(one.name for one in candidates),
        tuple(one.kind for one in candidates),
        terms,
        named,
        pieces,
        rarity,
        vectors,
        rows,
        dims,
        () if all_learned else _habits(candidates),
        _same(candidates, alone),
        columns,
        kin.of(candidates),
        _encoded(candidates) if with_encoder and not all_learned else memoryview(b""),
    )


def _encoded(candidates: Sequence[Candidate]) -> memoryview:
    from agentops_kit.routing import encoder

    return memoryview(encoder.middles(candidates))


def _postings(found: Sequence[Mapping[str, list[str]]]) -> tuple[Postings, dict[str, float], Postings]:
    """Return the postings of all stems by the worth of their fields, how rare each is, and those of names alone."""
    stemmed = [{name: stems(held) for name, held in fields.items()} for fields in found]
    terms, rarity = bm25([_flat(fields) for fields in stemmed])
    named, _ = bm25([Counter(fields["name"]) for fields in stemmed])
    return terms, rarity, named


def learned_columns(candidates: Sequence[Candidate]) -> tuple[int, ...]:
    """Return each candidate's column of the learned weights, -1 for one that has none; empty when nobody has."""
    columns = learned.shipped().columns([(one.id, one.description, one.examples) for one in candidates])
    return columns if max(columns, default=-1) >= 0 else ()


def _on_equal_terms(candidates: Sequence[Candidate], columns: Sequence[int]) -> list[Candidate]:
    """Return the candidates, of those with learned weights only so many examples as a person's own may have.

    What a person added to them stays.
    """
    if not columns:
        return list(candidates)
    known = learned.shipped()
    return [
        one
        if column < 0
        else one._replace(
            examples=tuple(dict.fromkeys((*one.examples[:MOST_COMPARED], *known.new(column, one.examples))))
        )
        for one, column in zip(candidates, columns, strict=True)
    ]


def _alone(candidates: Sequence[Candidate], columns: Sequence[int]) -> list[tuple[str, ...]]:
    """Return each candidate's examples that a task is compared with one by one: those not in the learned weights."""
    known = learned.shipped()
    return [known.new(column, one.examples) for one, column in zip(candidates, columns, strict=True)]


def _same(candidates: Sequence[Candidate], alone: Sequence[tuple[str, ...]]) -> dict[str, Same]:
    found: dict[str, Same] = {}
    for at, (one, examples) in enumerate(zip(candidates, alone, strict=True)):
        for side, texts in enumerate((examples, one.near_misses)):
            for text in texts:
                key = " ".join(dict.fromkeys(stems(words(plain(text)))))
                ours, others = found.get(key, ((), ()))
                found[key] = ((*ours, at), others) if side == 0 else (ours, (*others, at))
    return found


def _habits(candidates: Sequence[Candidate]) -> tuple[habit.Habit, ...]:
    """Learn what the candidates' users say."""
    if sum(len(one.examples) for one in candidates) < habit.ENOUGH * len(candidates):
        return ()
    said = [[words(plain(text)) for text in (*one.examples, f"{one.name}: {one.description}")] for one in candidates]
    return (
        habit.learned([[pairs(text) for text in held] for held in said]),
        habit.learned([[grams(text) for text in held] for held in said]),
    )


def _fields(one: Candidate) -> dict[str, str]:
    name, known = (text.replace("-", " ").replace("_", " ") for text in (one.name, one.id))
    return {
        "name": name if name.lower() == known.lower() else f"{name} {known}",
        "description": one.description,
        "capabilities": " ".join(one.capabilities),
        "examples": " ".join(one.examples),
    }


def _flat(fields: Mapping[str, Sequence[str]]) -> dict[str, float]:
    counts: dict[str, float] = {}
    for name, held in fields.items():
        for term in held:
            counts[term] = counts.get(term, 0.0) + _FIELD_WORTH[name]
    return counts


def _vectors(
    candidates: Sequence[Candidate], alone: Sequence[tuple[str, ...]]
) -> tuple[memoryview, tuple[tuple[int, int, int], ...], int]:
    known = table.shipped()
    data, rows = array("b"), []
    for one, examples in zip(candidates, alone, strict=True):
        first = len(data) // known.dims
        texts = (*examples[-MOST_COMPARED:], *one.near_misses)
        for held in [*_of(one, known), *(vector(text, known) for text in texts)]:
            data.extend(round(value * SCALE) for value in held)
        end = len(data) // known.dims
        rows.append((first, end - len(one.near_misses), end))
    return memoryview(data), tuple(rows), known.dims


def _of(one: Candidate, known: table.Table) -> list[list[float]]:
    """Return the middle of all that a candidate says without its examples and with them, and what it is."""
    name = one.name.replace("-", " ").replace("_", " ")
    described = vector(f"{name}: {one.description}", known)
    points = [vector(text, known) for text in one.capabilities[:_MOST_POINTS]]
    is_for = [(1.0, described), (1.0, vector(name, known)), (1.0, _middle(points) if points else described)]
    without = _mixed([*is_for, (_WITHOUT, described)])
    if not one.examples:
        return [without, without, described]
    examples = _middle([vector(text, known) for text in one.examples])
    return [without, _mixed([*is_for, (len(one.examples) ** 0.5 - _FEWER, examples)]), described]


def _mixed(parts: Sequence[tuple[float, Sequence[float]]]) -> list[float]:
    weights, vectors = zip(*parts, strict=True)
    return table.unit([sum(map(mul, weights, column)) for column in zip(*vectors, strict=True)])


def _middle(vectors: Sequence[Sequence[float]]) -> list[float]:
    return table.unit([sum(column) for column in zip(*vectors, strict=True)])


def vector(text: str, known: table.Table) -> list[float]:
    """Return a text's static vector of length 1."""
    return table.unit(known.total(telling(words(plain(text)))))
