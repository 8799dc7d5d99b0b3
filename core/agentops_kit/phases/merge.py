"""Two branches' records of one run made one: history and evidence are united, neither side loses a line.

A record that git left with conflict markers is read as the union of its two sides; the next act
of the kit writes it clean.
"""

from __future__ import annotations

from dataclasses import astuple, replace
from itertools import zip_longest
from typing import TYPE_CHECKING, TypeVar

from agentops_kit.phases.record import PHASES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentops_kit.phases.record import Event, Evidence, Run

_Entry = TypeVar("_Entry", "Event", "Evidence")
_OURS, _BASE, _BETWEEN, _THEIRS = b"<<<<<<<", b"|||||||", b"=======", b">>>>>>>"


def merge(one: Run, other: Run) -> Run:
    """Return the run both records tell of; where they cannot both be right, the one that went on last is."""
    lead, behind = (one, other) if _progress(one) >= _progress(other) else (other, one)
    return replace(
        lead,
        tasks={**behind.tasks, **lead.tasks},
        artefacts={**behind.artefacts, **lead.artefacts},
        amendments=(*lead.amendments, *(entry for entry in behind.amendments if entry not in lead.amendments)),
        evidence=_united(lead.evidence, behind.evidence),
        history=_united(lead.history, behind.history),
        origin=lead.origin or behind.origin,
    )


def sides(data: bytes) -> tuple[bytes, bytes] | None:
    """Return both sides of a file with git's conflict markers, None when it has none."""
    if not any(line.startswith(_OURS) for line in data.splitlines()):
        return None
    ours: list[bytes] = []
    theirs: list[bytes] = []
    part = ""
    for line in data.splitlines(keepends=True):
        if line.startswith(_OURS):
            part = "ours"
        elif line.startswith(_BASE) and part == "ours":
            part = "base"
        elif line.startswith(_BETWEEN) and part in {"ours", "base"}:
            part = "theirs"
        elif line.startswith(_THEIRS) and part == "theirs":
            part = ""
        else:
            if part in {"", "ours"}:
                ours.append(line)
            if part in {"", "theirs"}:
                theirs.append(line)
    return b"".join(ours), b"".join(theirs)


def _progress(run: Run) -> tuple[object, ...]:
    last = run.history[-1].at if run.history else ""
    return last, PHASES.index(run.phase), len(run.history), len(run.evidence), repr(run)


def _united(one: Sequence[_Entry], other: Sequence[_Entry]) -> tuple[_Entry, ...]:
    """Merge two lists of entries by time, each in its own order; what both have stands once."""
    shared = 0
    for left, right in zip_longest(one, other):
        if left != right:
            break
        shared += 1
    united: list[_Entry] = list(one[:shared])
    left_over: list[_Entry] = list(one[shared:])
    right_over: list[_Entry] = list(other[shared:])
    while left_over and right_over:
        if left_over[0] == right_over[0]:
            right_over.pop(0)
            united.append(left_over.pop(0))
            continue
        first = left_over if _order(left_over[0]) <= _order(right_over[0]) else right_over
        united.append(first.pop(0))
    return tuple(united + left_over + right_over)


def _order(entry: Event | Evidence) -> tuple[str, str]:
    return entry.at, repr(astuple(entry))
