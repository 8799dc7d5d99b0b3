"""How often the lines of a file as it is now were changed, followed back through the hunks of past commits."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from agentops_kit.memory.diffs import Hunk


class Churn(NamedTuple):
    """For each line (line 1 at 0): changes, how well their commits fit the task, how lately they were."""

    times: tuple[float, ...]
    fits: tuple[float, ...]
    lately: tuple[float, ...]


class Change(NamedTuple):
    """One commit's hunks in one file, with the commit's fit to the task and its place in the history."""

    hunks: Sequence[Hunk]
    fit: float
    place: int


class _Stretch(NamedTuple):
    """Present lines ``first`` to ``last``, which were ``old`` and following in the version looked at."""

    first: int
    last: int
    old: int


class _Edit(NamedTuple):
    """A hunk seen from the version after it: lines from ``start`` to before ``end`` stand for ``length`` at ``first``.

    ``shift`` is what to add to a line number behind it to have the one before the change.
    """

    start: int
    end: int
    first: int
    length: int
    shift: int


def churn(lines: int, changes: Iterable[Change]) -> Churn:
    """Follow ``lines`` present lines back through a file's changes, newest first.

    Lines that a hunk replaced are followed into what it replaced; lines that it only added end there.
    """
    stretches = [_Stretch(1, lines, 1)]
    times, fits, lately = ([0.0] * (lines + 2) for _ in range(3))
    for change in changes:
        late = math.exp(-change.place / 60)
        touched, stretches = _back(stretches, _edits(change.hunks))
        for first, last in touched:
            for column, value in ((times, 1.0), (fits, change.fit), (lately, late)):
                column[first] += value
                column[last + 1] -= value
    return Churn(_running(times, lines), _running(fits, lines), _running(lately, lines))


def _edits(hunks: Iterable[Hunk]) -> list[_Edit]:
    found = []
    for hunk in sorted(hunks, key=lambda hunk: hunk.new_first):
        start = hunk.new_first if hunk.new_length else hunk.new_first + 1
        first = hunk.first if hunk.length else hunk.first + 1
        end = start + hunk.new_length
        found.append(_Edit(start, end, first, hunk.length, first + hunk.length - end))
    return found


def _back(stretches: Sequence[_Stretch], edits: Sequence[_Edit]) -> tuple[list[tuple[int, int]], list[_Stretch]]:
    """Return the present lines that edits touched, and the stretches in the version before."""
    touched: list[tuple[int, int]] = []
    before: list[_Stretch] = []
    at = 0
    for stretch in sorted(stretches, key=lambda stretch: stretch.old):
        while at < len(edits) and edits[at].end < stretch.old:  # it lies wholly before this stretch and all later ones
            at += 1
        if at == len(edits) or edits[at].start > stretch.old + stretch.last - stretch.first + 1:  # no edit touches it
            shift = edits[at - 1].shift if at else 0
            before.append(_Stretch(stretch.first, stretch.last, stretch.old + shift) if shift else stretch)
        else:
            _split(stretch, edits, at, touched, before)
    return touched, before


def _split(
    stretch: _Stretch, edits: Sequence[_Edit], at: int, touched: list[tuple[int, int]], before: list[_Stretch]
) -> None:
    """Take one stretch back through the edits from ``at``: what they left, what they replaced, what they added."""
    shift = edits[at - 1].shift if at else 0
    rest: _Stretch | None = stretch
    for edit in edits[at:]:
        if rest is None or edit.start > rest.old + rest.last - rest.first + 1:
            break
        if rest.old < edit.start:
            kept = edit.start - rest.old
            before.append(_Stretch(rest.first, rest.first + kept - 1, rest.old + shift))
            if edit.end == edit.start:
                touched.append((rest.first + kept - 1, rest.first + kept - 1))
            rest = _cut(rest, kept)
        if rest is not None and rest.old < edit.end:
            kept = min(edit.end - rest.old, rest.last - rest.first + 1)
            touched.append((rest.first, rest.first + kept - 1))
            replaced = min(kept, edit.length - (rest.old - edit.start))
            if replaced > 0:
                before.append(_Stretch(rest.first, rest.first + replaced - 1, edit.first + rest.old - edit.start))
            rest = _cut(rest, kept)
        shift = edit.shift
    if rest is not None:
        before.append(_Stretch(rest.first, rest.last, rest.old + shift))


def _cut(stretch: _Stretch, lines: int) -> _Stretch | None:
    if stretch.first + lines > stretch.last:
        return None
    return _Stretch(stretch.first + lines, stretch.last, stretch.old + lines)


def _running(column: Sequence[float], lines: int) -> tuple[float, ...]:
    found, value = [], 0.0
    for line in range(1, lines + 1):
        value += column[line]
        found.append(max(0.0, value))
    return tuple(found)
