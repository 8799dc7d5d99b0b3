"""The code explorer: which files, which definitions in them, and which lines a task is about.

All files are judged by signals that need no opening; the best are opened, judged again with their best
pieces, and cut into blocks. A block's score is the share of the answer it is expected to hold, so that
the renderer can weigh it against its length; what all blocks of a file are expected to hold has the last
word on its rank.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.bundles import evidence, signals
from agentops_kit.bundles.churn import Change, churn
from agentops_kit.bundles.corpus import File
from agentops_kit.bundles.evidence import Opened, Weighed
from agentops_kit.bundles.findings import FilePick, Passage, Why
from agentops_kit.bundles.judgement import Judgement, judgement
from agentops_kit.text.rank import normalised, reciprocal_ranks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agentops_kit.bundles.index import Index
    from agentops_kit.bundles.outline import Definition
    from agentops_kit.bundles.pages import Page
    from agentops_kit.bundles.signals import Signals
    from agentops_kit.memory.diffs import Hunk
    from agentops_kit.text.words import Query

_CANDIDATES = 30  # files that are opened to look at their pieces
_OPENED = 16  # files whose blocks are judged
_MOST_FILES = 40
_MOST_CHANGES = 60  # of one file that are followed back
_MOST_COMMITS = 400  # whose hunks are read
_LEAST_SHARE = 0.001  # of the answer that a file is taken to hold, whatever its blocks say
_WHYS: dict[Why, str] = {
    "named": "named",
    "defines": "defines",
    "path": "path",
    "content": "content",
    "history": "similar",
    "co-change": "co-change",
    "tests": "tests",
    "imported by": "imported by",
    "imports": "imports",
}
"""The signal behind each reason; 1 is the file that it speaks for most."""


class Candidates(NamedTuple):
    """Opened files, best first: their rows among the signals, scores, pages and outlines."""

    rows: tuple[int, ...]
    scores: tuple[float, ...]
    pages: tuple[Page, ...]
    outlines: tuple[tuple[Definition, ...], ...]


def explore(
    index: Index, query: Query, found: Signals, opening: Callable[[], None] = lambda: None
) -> tuple[tuple[FilePick, ...], tuple[Passage, ...]]:
    """Return the files a task is about, best first, and the lines of them worth quoting.

    ``found`` are the signals of the index; ``opening`` is called when files begin to be opened.
    """
    model = judgement()
    opening()
    order = ranked(model.files.scores(found.columns, range(len(found.files))), found)
    candidates = reopen(index, query, found, order[:_CANDIDATES], model)
    if not candidates.rows:
        return (), ()
    opened = followed(index, found, candidates)
    weighed = evidence.weigh(opened, query, found.worth)
    blobs = [found.files[row].blob for row in candidates.rows]
    files = [File(one.path, blobs[at], one.page.text, "code") for at, one in enumerate(opened)]
    picks, passages = [], []
    for at, (file, blocks) in enumerate(zip(files, weighed, strict=True)):
        why = _why(found, candidates.rows[at])
        pick, quotes = _judged(file, opened[at], blocks, why, model)
        picks.append(pick)
        passages += quotes
    picks.sort(key=lambda pick: (-pick.score, pick.file.path))
    passages.sort(key=lambda passage: (-passage.score, passage.file.path, passage.first))
    return tuple(picks), tuple(passages)


def ranked(scores: Sequence[float], found: Signals) -> list[int]:
    """Return the rows with anything of the task in them, best first."""
    return sorted(
        (row for row in range(len(scores)) if found.columns["sum"][row] > 0 or found.columns["cover"][row] > 0),
        key=lambda row: (-scores[row], found.files[row].path),
    )


def reopen(index: Index, query: Query, found: Signals, rows: Sequence[int], model: Judgement) -> Candidates:
    """Open files and order them anew, now that their pieces can be seen."""
    numbers = [found.files[row].number for row in rows]
    pages, outlines = index.pages(numbers, query.terms), index.outlines(numbers)
    looked = [
        Opened(found.files[row].path, 0.0, pages[number], outlines[number], churn(0, ()), 0)
        for row, number in zip(rows, numbers, strict=True)
    ]
    columns = with_pieces(found, rows, evidence.best_pieces(looked, found.worth))
    scores = model.opened.scores(columns, range(len(rows)))
    order = sorted(range(len(rows)), key=lambda at: (-scores[at], found.files[rows[at]].path))
    return Candidates(
        tuple(rows[at] for at in order),
        tuple(scores[at] for at in order),
        tuple(pages[numbers[at]] for at in order),
        tuple(outlines[numbers[at]] for at in order),
    )


def with_pieces(found: Signals, rows: Sequence[int], best: Sequence[tuple[float, float]]) -> signals.Columns:
    """Return the signals of some files with columns for their best piece and best three."""
    columns = {name: [column[row] for row in rows] for name, column in found.columns.items()}
    columns["piece"] = normalised([first for first, _ in best])
    columns["pieces"] = normalised([three for _, three in best])
    columns["piece rank"] = reciprocal_ranks([first for first, _ in best])
    return columns


def followed(index: Index, found: Signals, candidates: Candidates) -> list[Opened]:
    """Return the best candidates with their lines followed back through the history."""
    rows = candidates.rows[:_OPENED]
    best = found.past.best or 1.0
    places = sorted({touch.place for row in rows for touch in found.touches.get(row, ())[:_MOST_CHANGES]})
    commits = [found.past.commits[place] for place in places[:_MOST_COMMITS]]
    patches = index.changes(commits)
    opened = []
    for at, row in enumerate(rows):
        page = candidates.pages[at]
        held = found.touches.get(row, ())
        changes, path = [], found.files[row].path
        for touch in held[:_MOST_CHANGES]:
            commit = found.past.commits[touch.place]
            hunks = [hunk for hunk in patches.get(commit.id, ()) if hunk.new_path == path]
            if hunks:
                changes.append(Change(hunks, found.past.scores[touch.place] / best, touch.place))
                path = _before(hunks, path)
        followed = churn(page.text.count("\n") + 1, changes)
        path = found.files[row].path
        opened.append(Opened(path, candidates.scores[at], page, candidates.outlines[at], followed, len(held)))
    return opened


def _before(hunks: Sequence[Hunk], path: str) -> str:
    return hunks[0].path or path


def _why(found: Signals, row: int) -> Why:
    """Return the reason by which a file stands out most, the first among equals."""
    return max(_WHYS, key=lambda why: found.columns[_WHYS[why]][row])


def _judged(
    file: File, opened: Opened, blocks: Sequence[Weighed], why: Why, model: Judgement
) -> tuple[FilePick, list[Passage]]:
    """Return a file with how well each definition fits, and its blocks with the share each is expected to hold."""
    fits = [0.0] * len(opened.definitions)
    places = {one.line: place for place, one in reversed(list(enumerate(opened.definitions)))}
    passages, held = [], 0.0
    for block, piece, row in blocks:
        value = model.lines.chance(row)
        held += value
        if block.kind == "signature":
            fits[places[block.first]] = value + model.definition * model.definitions.chance(row)
        else:
            title = opened.definitions[piece.definition].name if piece.definition >= 0 else ""
            passages.append(Passage(file, block.first, block.last, title, why, value))
    score = opened.score + model.shares * math.log(held + _LEAST_SHARE)
    return FilePick(file, why, score, opened.definitions, tuple(fits)), passages
