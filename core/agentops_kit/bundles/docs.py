"""The documents explorer: sections of markdown, reStructuredText and plain text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.bundles.corpus import File
from agentops_kit.bundles.findings import Passage, Why
from agentops_kit.text.rank import Tallier, bm25, bm25_postings, normalised

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agentops_kit.bundles.index import Index
    from agentops_kit.bundles.pages import Page
    from agentops_kit.text.words import Query

_MARKDOWN = re.compile(r"#{1,6}[ \t]+(?P<title>\S.*)")
_UNDERLINE = re.compile(r"([=\-~^\"'`*+#.:_])\1{2,}[ \t]*")
_FENCE = re.compile(r"[ \t]*(```|~~~)")
_LEDGER = re.compile(
    r"(?:^|/)(?:change(?:s|log)|history|news|releases?|authors|contributors|licen[cs]e|copying)[^/]*$", re.IGNORECASE
)
_LEDGER_WEIGHT = 0.5
_MOST_PICKS = 24
_MOST_OPENED = 24
_LONGEST = 60  # lines of a section quoted at most


class Read(NamedTuple):
    """A document with the places of the task's terms in it."""

    file: File
    page: Page


class Section(NamedTuple):
    """A heading and the lines down to the next one, counted from 1."""

    title: str
    first: int
    last: int


def sections(text: str) -> list[Section]:
    """Cut a document at its headings; text before the first heading has an empty title."""
    lines = text.split("\n")
    heads = [(1, "")] if not _is_heading_at(lines, 0) else []
    heads += _headings(lines)
    ends = [number - 1 for number, _ in heads[1:]] + [len(lines)]
    found = [Section(title, first, last) for (first, title), last in zip(heads, ends, strict=True)]
    return [trimmed for section in found if (trimmed := _trimmed(section, lines)) is not None]


def _headings(lines: list[str]) -> list[tuple[int, str]]:
    found, fenced = [], False
    for at, line in enumerate(lines):
        if _FENCE.match(line):
            fenced = not fenced
        elif not fenced and _is_heading_at(lines, at):
            marked = _MARKDOWN.match(line)
            found.append((at + 1, marked["title"].strip("# \t") if marked else line.strip()))
    return found


def _is_heading_at(lines: list[str], at: int) -> bool:
    line = lines[at]
    if _MARKDOWN.match(line):
        return True
    below = lines[at + 1] if at + 1 < len(lines) else ""
    return (
        bool(line.strip())
        and line[0] not in " \t>|-"
        and _UNDERLINE.fullmatch(below) is not None
        and len(below.rstrip()) >= min(len(line.rstrip()), 4)
        and _UNDERLINE.fullmatch(line) is None
    )


def _trimmed(section: Section, lines: list[str]) -> Section | None:
    first, last = section.first, min(section.last, section.first + _LONGEST - 1)
    while first <= last and not lines[first - 1].strip():
        first += 1
    while last >= first and not lines[last - 1].strip():
        last -= 1
    return Section(section.title, first, last) if first <= last else None


def likely(index: Index, query: Query) -> list[Read]:
    """Return the documents of a commit that hold most of the task's words, or that it names."""
    held = [one for one in index.files if one.shelf == "doc"]
    rows = {one.number: row for row, one in enumerate(held)}
    postings = {
        term: {rows[number]: times for number, times in found.items() if number in rows}
        for term, found in index.count(query.terms).items()
    }
    scores = bm25_postings(postings, [one.length for one in held], query.weight_of)
    weights = [_LEDGER_WEIGHT if _LEDGER.search(one.path) else one.weight for one in held]
    order = sorted(range(len(held)), key=lambda row: (-scores[row] * weights[row], held[row].path))
    named = [row for row in order if any(held[row].path.endswith(wanted) for wanted in query.paths)]
    best = [row for row in order[:_MOST_OPENED] if scores[row] > 0]
    chosen = [held[row] for row in dict.fromkeys((*named[:_MOST_OPENED], *best))]
    pages = index.pages([one.number for one in chosen], query.terms)
    return [
        Read(File(one.path, one.blob, pages[one.number].text, "doc"), pages[one.number])
        for one in sorted(chosen, key=lambda one: one.path)
    ]


def explore(documents: Iterable[Read], query: Query) -> tuple[Passage, ...]:
    """Return the sections that fit the task, best first."""
    tallier = Tallier(query.terms)
    cut = [(one, part) for one in documents for part in sections(one.file.text)]
    content = normalised(bm25([one.page.tally(part.first, part.last) for one, part in cut]))
    heading = normalised(bm25([tallier.tally(part.title) for _, part in cut]))
    paths = {one.file.path: tallier.tally(one.file.path) for one, _ in cut}
    path = normalised(bm25([paths[one.file.path] for one, _ in cut]))
    found = []
    for at, ((file, _), part) in enumerate(cut):
        named = float(any(file.path.endswith(wanted) for wanted in query.paths))
        signals: dict[Why, float] = {"named": named, "heading": heading[at], "content": content[at], "path": path[at]}
        weight = _LEDGER_WEIGHT if _LEDGER.search(file.path) else file.weight
        score = sum(signals.values()) * weight
        if content[at] > 0 or heading[at] > 0 or named:
            why = max(signals, key=lambda signal: signals[signal])
            found.append(Passage(file, part.first, part.last, part.title, why, score))
    found.sort(key=lambda passage: (-passage.score, passage.file.path, passage.first))
    return tuple(found[:_MOST_PICKS])
