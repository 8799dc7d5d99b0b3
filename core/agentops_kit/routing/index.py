"""Candidates compiled for ranking: postings of stems and character pieces with their worth, and static vectors."""

from __future__ import annotations

import json
import math
import struct
import zlib
from array import array
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.routing import habit, table
from agentops_kit.routing.terms import grams, pairs, plain, stems, telling, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from agentops_kit.routing.catalogue import Candidate

FORMAT = 3
_HEAD = struct.Struct("<4sII")
_MAGIC = b"AORI"
_SATURATION, _LENGTH = 1.2, 0.75
_FIELD_WORTH = {"name": 3.0, "description": 1.5, "capabilities": 1.0, "examples": 1.5}
_MOST_POINTS = 40
SCALE = 127
"""What 1 is in a row of signed bytes."""


class Postings(NamedTuple):
    """Which candidates hold a term, and how much each then scores: rows ``begins[n]`` to ``begins[n + 1]``."""

    places: dict[str, int]
    begins: array[int]
    who: array[int]
    worth: array[float]

    def score(self, weights: Mapping[str, float], number: int) -> list[float]:
        """Return each candidate's sum of worth times weight over the terms."""
        scores = [0.0] * number
        places, begins, who, worth = self
        for term, weight in weights.items():
            at = places.get(term)
            if at is not None:
                first, last = begins[at], begins[at + 1]
                for one, value in zip(who[first:last], worth[first:last], strict=True):
                    scores[one] += weight * value
        return scores

    def held_by(self, term: str, candidate: int) -> bool:
        """Say whether a candidate holds a term."""
        at = self.places.get(term)
        return at is not None and candidate in self.who[self.begins[at] : self.begins[at + 1]]


Same = tuple[tuple[int, ...], tuple[int, ...]]


class Index(NamedTuple):
    """What the router compares a task with.

    ``vectors`` holds rows of ``dims`` signed bytes. ``rows[n]`` names candidate n's first row, the end of its examples
    and the end of its near misses: first comes its name and description, then the middle of all it says, then one row
    for each example and one for each near miss.
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


def compiled(candidates: Sequence[Candidate]) -> Index:
    """Compile candidates; the same candidates give the same index."""
    said = [_fields(one) for one in candidates]
    found = [{name: words(plain(text)) for name, text in fields.items()} for fields in said]
    stemmed = [{name: stems(held) for name, held in fields.items()} for fields in found]
    terms, rarity = _bm25([_flat(fields) for fields in stemmed])
    named, _ = _bm25([Counter(fields["name"]) for fields in stemmed])
    pieces = _cosine([Counter(grams([word for held in fields.values() for word in held])) for fields in found])
    vectors, rows, dims = _vectors(candidates)
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
        _habits(candidates),
        _same(candidates),
    )


def _same(candidates: Sequence[Candidate]) -> dict[str, Same]:
    found: dict[str, Same] = {}
    for at, one in enumerate(candidates):
        for side, texts in enumerate((one.examples, one.near_misses)):
            for text in texts:
                key = " ".join(dict.fromkeys(stems(words(plain(text)))))
                ours, others = found.get(key, ((), ()))
                found[key] = ((*ours, at), others) if side == 0 else (ours, (*others, at))
    return found


def _habits(candidates: Sequence[Candidate]) -> tuple[habit.Habit, ...]:
    if sum(len(one.examples) for one in candidates) < habit.ENOUGH * len(candidates):
        return ()
    texts = [[words(plain(text)) for text in (*one.examples, f"{one.name}: {one.description}")] for one in candidates]
    return (
        habit.learned([[pairs(text) for text in held] for held in texts]),
        habit.learned([[grams(text) for text in held] for held in texts]),
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


def _bm25(counts: Sequence[Mapping[str, float]]) -> tuple[Postings, dict[str, float]]:
    """Return postings whose worth is a term's whole part of the BM25 score, and each term's rarity."""
    number = len(counts)
    holders = Counter(term for held in counts for term in held)
    rarity = {term: math.log(1 + (number - held + 0.5) / (held + 0.5)) for term, held in holders.items()}
    lengths = [sum(held.values()) for held in counts]
    mean = sum(lengths) / number or 1.0
    rows: dict[str, list[tuple[int, float]]] = {}
    for at, held in enumerate(counts):
        damping = _SATURATION * (1 - _LENGTH + _LENGTH * lengths[at] / mean)
        for term, times in held.items():
            rows.setdefault(term, []).append((at, rarity[term] * times * (_SATURATION + 1) / (times + damping)))
    return _postings(rows), rarity


def _cosine(counts: Sequence[Mapping[str, int]]) -> Postings:
    """Return postings whose worth is a term's weight in its candidate's TF-IDF vector of length 1, times its rarity."""
    number = len(counts)
    holders = Counter(term for held in counts for term in held)
    rarity = {term: math.log(1 + number / held) for term, held in holders.items()}
    rows: dict[str, list[tuple[int, float]]] = {}
    for at, held in enumerate(counts):
        weights = {term: (1 + math.log(times)) * rarity[term] for term, times in held.items()}
        length = math.sqrt(sum(value * value for value in weights.values())) or 1.0
        for term, value in weights.items():
            rows.setdefault(term, []).append((at, value / length * rarity[term]))
    return _postings(rows)


def _postings(rows: Mapping[str, Sequence[tuple[int, float]]]) -> Postings:
    begins, who, worth = array("I", [0]), array("H"), array("f")
    for held in rows.values():
        who.extend(one for one, _ in held)
        worth.extend(value for _, value in held)
        begins.append(len(who))
    return Postings({term: at for at, term in enumerate(rows)}, begins, who, worth)


def _vectors(candidates: Sequence[Candidate]) -> tuple[memoryview, tuple[tuple[int, int, int], ...], int]:
    known = table.shipped()
    data, rows = array("b"), []
    for one in candidates:
        first = len(data) // known.dims
        for held in [*_of(one, known), *(vector(text, known) for text in one.near_misses)]:
            data.extend(round(value * SCALE) for value in held)
        end = len(data) // known.dims
        rows.append((first, end - len(one.near_misses), end))
    return memoryview(data), tuple(rows), known.dims


def _of(one: Candidate, known: table.Table) -> Iterable[list[float]]:
    name = one.name.replace("-", " ").replace("_", " ")
    described = vector(f"{name}: {one.description}", known)
    points = [vector(text, known) for text in one.capabilities[:_MOST_POINTS]]
    examples = [vector(text, known) for text in one.examples]
    weighed = [(3.0, described), (1.0, vector(name, known))]
    weighed += [(0.5, point) for point in points] + [(2.0, example) for example in examples]
    centre = [sum(weight * held[at] for weight, held in weighed) for at in range(known.dims)]
    return [described, table.unit(centre), *examples]


def vector(text: str, known: table.Table) -> list[float]:
    """Return a text's static vector of length 1."""
    return table.unit(known.total(telling(words(plain(text)))))


# -- kept on disk ----------------------------------------------------------------------------------


def dump(index: Index) -> bytes:
    """Return an index as bytes with a checksum."""
    sections: list[bytes] = []
    for held in (index.terms, index.named, index.pieces):
        sections += ["\n".join(held.places).encode(), held.begins.tobytes(), held.who.tobytes(), held.worth.tobytes()]
    sections.append(bytes(index.vectors.cast("B")))
    head = json.dumps(
        {
            "ids": index.ids,
            "names": index.names,
            "kinds": index.kinds,
            "rows": index.rows,
            "dims": index.dims,
            "rarity": array("f", index.rarity.values()).tolist(),
            "sizes": [len(one) for one in sections],
            "said": [habit.dumped(one) for one in index.said],
            "same": index.same,
        },
        separators=(",", ":"),
    ).encode()
    body = head + b"".join(sections)
    return _HEAD.pack(_MAGIC, zlib.crc32(body), len(head)) + body


def load(data: bytes) -> Index:
    """Return the index in bytes that ``dump`` gave; ``ValueError`` when they are damaged."""
    if len(data) < _HEAD.size:
        message = "too short for an index"
        raise ValueError(message)
    magic, checksum, size = _HEAD.unpack(data[: _HEAD.size])
    body = memoryview(data)[_HEAD.size :]
    if magic != _MAGIC or zlib.crc32(body) != checksum:
        message = "damaged index"
        raise ValueError(message)
    head = json.loads(bytes(body[:size]))
    at, parts = size, []
    for length in head["sizes"]:
        parts.append(body[at : at + length])
        at += length
    terms, named, pieces = (_loaded(parts[first : first + 4]) for first in (0, 4, 8))
    rarity = dict(zip(terms.places, head["rarity"], strict=True))
    ids, names, kinds = (tuple(head[key]) for key in ("ids", "names", "kinds"))
    same = {key: (tuple(ours), tuple(others)) for key, (ours, others) in head["same"].items()}
    said = tuple(habit.loaded(one) for one in head["said"])
    rows = tuple((first, last, end) for first, last, end in head["rows"])
    return Index(ids, names, kinds, terms, named, pieces, rarity, parts[12].cast("b"), rows, head["dims"], said, same)


def _loaded(parts: Sequence[memoryview]) -> Postings:
    keys = bytes(parts[0]).decode()
    begins, who, worth = array("I"), array("H"), array("f")
    begins.frombytes(parts[1])
    who.frombytes(parts[2])
    worth.frombytes(parts[3])
    return Postings({term: at for at, term in enumerate(keys.split("\n"))}, begins, who, worth)
