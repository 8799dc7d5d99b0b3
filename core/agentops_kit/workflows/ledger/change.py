"""What is written together: rows of one run, under the segment that may write them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

Row = dict[str, Any]

ENDED = ("succeeded", "failed", "skipped", "cancelled", "cost_capped")
"""Ends of a step; a row that has one is not written again."""

OVER = ("succeeded", "failed", "cancelled", "cost_capped")
"""Ends of a run."""


class Fenced(Exception):
    """Another segment or worker has taken this over: nothing was written, and nothing may be."""


class Stale(Exception):
    """Something came from outside that the writer has not seen: nothing was written, look again."""


class LedgerLost(Exception):
    """The database did not take a change; what it holds is the truth, so the run goes on from there later."""


class Claim(NamedTuple):
    """The right to end one queued step: the worker's name and the number of its claim."""

    run: str
    step: str
    item: int
    worker: str
    number: int


class Told(NamedTuple):
    """What a segment learns of its run whenever it writes."""

    epoch: int
    wanted: str
    signals: int


@dataclass(frozen=True)
class Change:
    """Rows to write at once; ``epoch`` is the segment's, None for a worker that holds a ``claim`` instead."""

    root: str
    epoch: int | None
    steps: tuple[Row, ...] = ()
    attempts: tuple[Row, ...] = ()
    calls: tuple[Row, ...] = ()
    events: tuple[Row, ...] = ()
    runs: Mapping[str, Row] = field(default_factory=dict)
    """New values of columns of ``executions``, by run."""
    claim: Claim | None = None
    signals: int | None = None
    """When given: how many signals were heard; with one more on record nothing is written (``Stale``)."""
