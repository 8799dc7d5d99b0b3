"""What an install did to a file of the user's, kept so that it can be taken back exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True)
class Record:
    """What a merge did to a file.

    ``insertions`` are (offset, length) in bytes of the merged file, whose digest is ``after``;
    ``made`` are the keys that were not there before (``hooks``, ``hooks.PreToolUse``, …);
    ``commands`` tell our hook entries from the user's. ``form`` is ``json`` or ``block``; ``own`` has what we wrote:
    the lines of a block, or a JSON object of the keys beside the hooks.
    """

    path: str
    created: bool
    before: str
    after: str
    insertions: tuple[tuple[int, int], ...]
    made: tuple[str, ...]
    commands: tuple[str, ...]
    form: str = "json"
    own: tuple[str, ...] = ()


class Outcome(NamedTuple):
    """The file's bytes as they should be (None: no file), the record to keep, and sentences for the person."""

    data: bytes | None
    record: Record
    notes: tuple[str, ...] = ()
