"""A compiled index as bytes with a checksum, and back."""

from __future__ import annotations

import json
import struct
import zlib
from array import array
from typing import TYPE_CHECKING

from agentops_kit.routing import habit, kin
from agentops_kit.routing.index import Index
from agentops_kit.routing.postings import Postings

if TYPE_CHECKING:
    from collections.abc import Sequence

FORMAT = 6
_HEAD = struct.Struct("<4sII")
_MAGIC = b"AORI"


def dump(index: Index) -> bytes:
    """Return an index as bytes with a checksum."""
    sections: list[bytes] = []
    for held in (index.terms, index.named, index.pieces):
        sections += ["\n".join(held.places).encode(), held.begins.tobytes(), held.who.tobytes(), held.worth.tobytes()]
    sections += [bytes(index.vectors.cast("B")), bytes(index.encoded)]
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
            "columns": index.columns,
            "kin": index.kin,
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
    vectors, dims = parts[12].cast("b"), head["dims"]
    twins, homes = head["kin"]
    related = kin.Kin(tuple(twins), tuple(map(tuple, homes)))
    columns = tuple(head["columns"])
    return Index(
        ids, names, kinds, terms, named, pieces, rarity, vectors, rows, dims, said, same, columns, related, parts[13]
    )


def _loaded(parts: Sequence[memoryview]) -> Postings:
    keys = bytes(parts[0]).decode()
    begins, who, worth = array("I"), array("H"), array("f")
    begins.frombytes(parts[1])
    who.frombytes(parts[2])
    worth.frombytes(parts[3])
    return Postings({term: at for at, term in enumerate(keys.split("\n") if keys else ())}, begins, who, worth)
