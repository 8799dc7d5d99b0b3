"""Lines of JSON from files that are still being written, are very long, or were cut anywhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

LONGEST_LINE = 64 * 1024 * 1024
"""A longer line, a pasted video for example, is passed over."""


def records(path: Path, marks: Sequence[bytes] = (), *, last: int | None = None) -> Iterator[dict[str, Any]]:
    """Yield a file's JSON objects, one a line, in a memory of one line; anything else is passed over.

    Only lines that hold one of ``marks`` are parsed, every line when there are none. With
    ``last``, only so many bytes at the file's end are read, from a whole line on.
    """
    with path.open("rb") as stream:
        if last is not None:
            size = stream.seek(0, 2)
            stream.seek(max(0, size - last))
            if size > last:
                _skip_line(stream)
        for line in _lines(stream):
            if not marks or any(mark in line for mark in marks):
                record = _parsed(line)
                if record is not None:
                    yield record


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    while line := stream.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            _skip_line(stream)
            continue
        yield line


def _skip_line(stream: BinaryIO) -> None:
    while part := stream.readline(LONGEST_LINE):
        if part.endswith(b"\n"):
            return


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None  # half written, or no JSON
    return record if isinstance(record, dict) else None
