"""Definitions of blobs, parsed once and kept.

A grammar is foreign machine code: on odd input it may end the process. So what is about to be parsed
is noted first, and what is found noted (a process ended there, or another is just at it) is parsed in a
process of its own. What is found depends on neither.
"""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING

from agentops_kit.bundles import outline, trial
from agentops_kit.bundles.outline import Definition
from agentops_kit.ids import BlobId

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from agentops_kit.bundles.segments import Key

SCHEMA = """
CREATE TABLE outlines (blob TEXT, kind TEXT, definitions BLOB, PRIMARY KEY (blob, kind)) WITHOUT ROWID;
CREATE TABLE trying (blob TEXT, kind TEXT, PRIMARY KEY (blob, kind)) WITHOUT ROWID
"""
_BATCH = 64  # blobs noted and kept at a time
_ASKED = 500
_MOST = 300_000


def kept(connection: sqlite3.Connection, keys: Sequence[Key]) -> dict[Key, tuple[Definition, ...]]:
    """Return the outlines that are there."""
    found: dict[Key, tuple[Definition, ...]] = {}
    wanted = set(keys)
    blobs = sorted({blob for blob, _ in keys})
    for at in range(0, len(blobs), _ASKED):
        some = blobs[at : at + _ASKED]
        marks = ",".join("?" * len(some))
        rows = connection.execute(f"SELECT blob, kind, definitions FROM outlines WHERE blob IN ({marks})", some)  # noqa: S608 - marks only
        for blob, kind, data in rows:
            if (blob, kind) in wanted:
                found[BlobId(blob), kind] = tuple(Definition(*one) for one in json.loads(zlib.decompress(data)))
    return found


def parse(connection: sqlite3.Connection, sources: Mapping[Key, tuple[str, str]]) -> dict[Key, tuple[Definition, ...]]:
    """Outline texts, given with their paths, and keep what is found; sure to get past one that ends the process."""
    noted = {(BlobId(blob), kind) for blob, kind in connection.execute("SELECT blob, kind FROM trying")}
    found: dict[Key, tuple[Definition, ...]] = {}
    calm = [key for key in sources if key not in noted]
    for at in range(0, len(calm), _BATCH):
        found |= _parse(connection, {key: sources[key] for key in calm[at : at + _BATCH]})
    feared = {key: text for key, text in sources.items() if key in noted}
    if feared:
        found |= _keep(connection, dict(zip(feared, trial.outlines(feared.values()), strict=True)))
    if connection.execute("SELECT count(*) FROM outlines").fetchone()[0] > _MOST:
        with connection:
            connection.execute("DELETE FROM outlines")
    return found


def _parse(connection: sqlite3.Connection, sources: Mapping[Key, tuple[str, str]]) -> dict[Key, tuple[Definition, ...]]:
    with connection:
        connection.executemany("INSERT OR IGNORE INTO trying VALUES (?, ?)", list(sources))
    return _keep(connection, {key: outline.outline(path, text) for key, (path, text) in sources.items()})


def _keep(
    connection: sqlite3.Connection, found: dict[Key, tuple[Definition, ...]]
) -> dict[Key, tuple[Definition, ...]]:
    with connection:
        rows = [(*key, zlib.compress(json.dumps(held).encode(), 1)) for key, held in found.items()]
        connection.executemany("INSERT OR REPLACE INTO outlines VALUES (?, ?, ?)", rows)
        connection.executemany("DELETE FROM trying WHERE blob = ? AND kind = ?", list(found))
    return found
