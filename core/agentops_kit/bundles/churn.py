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


def churn(lines: int, changes: Iterable[Change]) -> Churn:
    """Follow ``lines`` present lines back through a file's changes, newest first.

    Lines that a hunk replaced are followed into what it replaced; lines that it only added end there.
    """
    stretches = [_Stretch(1, lines, 1)]
    times, fits, lately = ([0.0] * (lines + 2) for _ in range(3))
    for change in changes:
        late = math.exp(-change.place / 60)
        touched, stretches = _back(stretches, sorted(change.hunks, key=lambda hunk: hunk.new_first))
        for first, last in touched:
            for column, value in ((times, 1.0), (fits, change.fit), (lately, late)):
                column[first] += value
                column[last + 1] -= value
    return Churn(_running(times, lines), _running(fits, lines), _running(lately, lines))


def _back(stretches: list[_Stretch], hunks: Sequence[Hunk]) -> tuple[list[tuple[int, int]], list[_Stretch]]:
    """Return the present lines that hunks touched, and the stretches in the version before."""
    touched: list[tuple[int, int]] = []
    before: list[_Stretch] = []
    for stretch in stretches:
        rest: _Stretch | None = stretch
        shift = 0
        for hunk in hunks:
            if rest is None:
                break
            start = hunk.new_first if hunk.new_length else hunk.new_first + 1  # the first new line not before the hunk
            end = start + hunk.new_length  # the first new line behind it
            end_of_rest = rest.old + rest.last - rest.first
            if start > end_of_rest + 1:
                break
            if rest.old < start:
                kept = min(start, end_of_rest + 1) - rest.old
                before.append(_Stretch(rest.first, rest.first + kept - 1, rest.old + shift))
                if not hunk.new_length:
                    touched.append((rest.first + kept - 1, rest.first + kept - 1))
                rest = _cut(rest, kept)
            if rest is not None and rest.old < end:
                kept = min(end, rest.old + rest.last - rest.first + 1) - rest.old
                touched.append((rest.first, rest.first + kept - 1))
                replaced = min(kept, hunk.length - (rest.old - start))
                if replaced > 0:
                    before.append(_Stretch(rest.first, rest.first + replaced - 1, hunk.first + rest.old - start))
                rest = _cut(rest, kept)
            shift = _shift(hunk)
        if rest is not None:
            before.append(_Stretch(rest.first, rest.last, rest.old + shift))
    return touched, before


def _shift(hunk: Hunk) -> int:
    """Return what to add to a line number behind a hunk to have the one before the change."""
    behind = hunk.new_first + hunk.new_length if hunk.new_length else hunk.new_first + 1
    return (hunk.first + hunk.length if hunk.length else hunk.first + 1) - behind


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
