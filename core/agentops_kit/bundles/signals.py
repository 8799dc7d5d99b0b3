"""What speaks for a file before it is opened: words, names, paths, history, imports and its sort.

Each signal is a column over all code files; the largest value of most is 1. ``weights`` says how much
each counts.
"""

from __future__ import annotations

import math
import posixpath
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentops_kit.bundles import past
from agentops_kit.bundles.languages import language
from agentops_kit.text.rank import bm25_postings, idf, normalised, reciprocal_ranks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from agentops_kit.bundles.index import Index
    from agentops_kit.bundles.listing import Document
    from agentops_kit.bundles.past import Past, Touch
    from agentops_kit.text.words import Query

Columns = dict[str, list[float]]

_SEEDS = 8
_MENTION = 0.3  # a file that mentions a named identifier, against one that defines it
_FRONTS = frozenset({"__init__", "index", "version", "setup", "doc", "mod"})
_TEST_NAME = re.compile(r"^test_+|[_.-]?(?:tests?|spec)$", re.IGNORECASE)
_RANKED = ("content", "path", "defines", "similar", "history", "named", "co-change")
_PLAIN_SUM = ("named", "defines", "path", "content", "similar", "history")


@dataclass(frozen=True)
class Signals:
    """The columns over the code files, the task's terms with their worth, and the past they were read from."""

    files: tuple[Document, ...]
    columns: Columns
    worth: Mapping[str, float]
    past: Past
    touches: Mapping[int, Sequence[Touch]]


def read(index: Index, query: Query) -> Signals:
    """Read every signal of a commit's code files for a task."""
    files = tuple(one for one in index.files if one.shelf == "code")
    rows = {one.number: row for row, one in enumerate(files)}
    weights = query.weight_of
    paths = {one.path: row for row, one in enumerate(files)}
    history = past.read(index.history(), index.messages(query.terms), paths, weights)
    touches = history.touches()
    held = _rows(index.count(query.terms), rows)
    worth = {term: weights[term] * idf(len(files), len(found)) for term, found in held.items()}
    columns = _words(index, query, files, rows, held)
    columns |= past.per_file(history, touches, len(files))
    columns["history"] = past.fitting(past.messages(history, touches, len(files)), weights)
    columns |= _sorts(files, query)
    weigh = [1.0 if query.about_tests and one.is_test else one.weight for one in files]
    _relate(index, files, rows, columns, history, weigh)
    return Signals(files, _finished(columns, files, held, worth), worth, history, touches)


def _rows(postings: Mapping[str, Mapping[int, int]], rows: Mapping[int, int]) -> dict[str, dict[int, int]]:
    """Number postings by row, and leave out what is no code."""
    return {
        term: {rows[number]: times for number, times in held.items() if number in rows}
        for term, held in postings.items()
    }


def _words(
    index: Index,
    query: Query,
    files: Sequence[Document],
    rows: Mapping[int, int],
    held: Mapping[str, Mapping[int, int]],
) -> Columns:
    weights = query.weight_of
    paths, stems = index.paths(query.terms), index.stems(query.terms)
    return {
        "content": bm25_postings(held, [one.length for one in files], weights),
        "defines": bm25_postings(_rows(index.named(query.terms), rows), [one.names for one in files], weights),
        "path": past.fitting([paths[one.number] for one in files], weights),
        "name": past.fitting([stems[one.number] for one in files], weights),
        "named": _named(index, query, files, rows),
    }


def _named(index: Index, query: Query, files: Sequence[Document], rows: Mapping[int, int]) -> list[float]:
    """Score what the task names outright: paths, and identifiers that a file defines or mentions."""
    scores = [0.0] * len(files)
    for wanted in query.paths:
        hits = [row for row, one in enumerate(files) if f"/{one.path}".endswith(f"/{wanted}")]
        for row in hits:
            scores[row] += idf(len(files), len(hits))
    for held in index.words(sorted(query.identifiers)).values():
        uses = {rows[number]: use for number, use in held.items() if number in rows}
        defining = [row for row, use in uses.items() if use.names]
        rare, rarest = idf(len(files), len(uses)), idf(len(files), len(defining))
        for row in uses:
            scores[row] += _MENTION * rare
        for row in defining:
            scores[row] += rarest
    return scores


def _sorts(files: Sequence[Document], query: Query) -> Columns:
    """Say what sort of file each is, from its path and size."""
    suffixes = [one.path.rpartition(".")[2].lower() for one in files]
    common = Counter(suffix for suffix, one in zip(suffixes, files, strict=True) if not one.is_test)
    whole = max(1, common.total())
    return {
        "test": [float(one.is_test and not query.about_tests) for one in files],
        "aside": [float(not one.is_test and one.weight < 1) for one in files],
        "source": [float(bool(language(one.path))) for one in files],
        "main": [common[suffix] / whole for suffix in suffixes],
        "depth": [float(one.path.count("/")) for one in files],
        "front": [float(posixpath.basename(one.path).partition(".")[0] in _FRONTS) for one in files],
        "size": [math.log1p(one.lines) for one in files],
    }


def _relate(
    index: Index,
    files: Sequence[Document],
    rows: Mapping[int, int],
    columns: Columns,
    history: Past,
    weigh: Sequence[float],
) -> None:
    """Add what a file's relations say: changed together, imports, tests."""
    plain = _summed(columns, _PLAIN_SUM)
    first = [value * share for value, share in zip(plain, weigh, strict=True)]
    order = sorted(range(len(files)), key=lambda row: (-first[row], row))[:_SEEDS]
    together = history.together({row: first[row] for row in order if first[row] > 0})
    columns["co-change"] = [together.get(row, 0.0) for row in range(len(files))]
    joined = normalised(columns["co-change"])
    base = [value + joined[row] * weigh[row] for row, value in enumerate(first)]
    columns["sum"] = base
    columns |= _imports(index, files, rows, normalised(base), normalised(plain))


def _summed(columns: Columns, names: Iterable[str]) -> list[float]:
    held = [normalised(columns[name]) for name in names]
    return [sum(values) for values in zip(*held, strict=True)]


def _imports(
    index: Index, files: Sequence[Document], rows: Mapping[int, int], strong: Sequence[float], plain: Sequence[float]
) -> Columns:
    graph = index.imports()
    columns: Columns = {name: [0.0] * len(files) for name in ("imported by", "imports", "tests", "tested", "used")}
    imported = [[rows[number] for number in graph.of[one.number] if number in rows] for one in files]
    for row, one in enumerate(files):
        targets = imported[row]
        share = 1 / math.sqrt(len(targets) or 1)
        for target in targets:
            columns["used"][target] += 1
            if one.is_test:
                columns["tests"][target] += 0.0 if files[target].is_test else plain[row] ** 2 * share
            else:
                columns["imported by"][target] += strong[row] ** 2 * share
    for row, one in enumerate(files):
        if not one.is_test:
            columns["imports"][row] = sum(
                strong[target] ** 2 / math.sqrt(1 + columns["used"][target]) for target in imported[row]
            )
    _tested(files, plain, columns["tested"])
    columns["used"] = [math.log1p(times) for times in columns["used"]]
    return columns


def _tested(files: Sequence[Document], plain: Sequence[float], column: list[float]) -> None:
    """Let a test speak for the sources that are called like it."""
    tests = {row: _subject(one.path) for row, one in enumerate(files) if one.is_test}
    called: dict[str, list[int]] = {}
    for row, one in enumerate(files) if tests else ():
        if not one.is_test:
            called.setdefault(_subject(one.path), []).append(row)
    for row, subject in tests.items():
        for source in called.get(subject, ())[:3]:
            column[source] = max(column[source], plain[row])


def _subject(path: str) -> str:
    return _TEST_NAME.sub("", posixpath.basename(path).partition(".")[0]).lower()


_AS_THEY_ARE = frozenset("test aside source main depth front size used".split())


def _finished(
    columns: Columns, files: Sequence[Document], held: Mapping[str, Mapping[int, int]], worth: Mapping[str, float]
) -> Columns:
    """Scale the columns and add ranks, shares and logarithms."""
    whole = sum(worth.values()) or 1.0
    cover = [0.0] * len(files)
    for term in sorted(held):
        for row in held[term]:
            cover[row] += worth[term] / whole
    done = {name: column if name in _AS_THEY_ARE else normalised(column) for name, column in columns.items()}
    done |= {f"{name} rank": reciprocal_ranks(columns[name]) for name in (*_RANKED, "sum")}
    done["cover"] = cover
    done["content share"] = [value / whole for value in columns["content"]]
    done["path share"] = [value / whole for value in columns["path"]]
    done["touched often"] = [math.log1p(value) for value in columns["touched"]]
    fixed = math.log1p(sum(columns["fixed"]))
    done["fixed share"] = [math.log1p(value) - fixed for value in columns["fixed"]]
    return done
