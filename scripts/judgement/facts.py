"""What the kit sees of a task's files and blocks, as numbers, beside what the commit then changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from agentops_kit.bundles import code, evidence, signals
from agentops_kit.bundles.churn import churn
from agentops_kit.text.words import query
from agentops_kit.tokens.count import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tasks import Task

    from agentops_kit.bundles.code import Candidates
    from agentops_kit.bundles.evidence import Opened, Weighed
    from agentops_kit.bundles.index import Index
    from agentops_kit.bundles.judgement import Judgement
    from agentops_kit.bundles.signals import Signals

_LISTED, _OPENED = 120, 40  # files whose signals are kept, and of these the ones looked into
_ENCODING = "o200k_base"


class Block(NamedTuple):
    """A block as the packing sees it: its file, lines and cost, the line that names the definition around it."""

    file: int
    first: int
    last: int
    cost: int
    around: int
    signature: bool


class Answer(NamedTuple):
    """What of the answer each block holds: how many of the changed lines, whether it names what changed, which lines.

    ``holds`` has the places of blocks with the numbers of the changed lines in them; of these there are ``lines``,
    and ``names`` definitions that changed.
    """

    changed: np.ndarray
    naming: np.ndarray
    holds: tuple[tuple[int, tuple[int, ...]], ...]
    lines: int
    names: int


@dataclass(frozen=True)
class Facts:
    """One task: rows of numbers for its files and its blocks, and which of them are right.

    ``files`` has a row for each of the files that rank best and of those changed, in the order of ``columns``;
    ``opened`` are the places among them of the files that were looked into, with their ``pieces``; the first
    of these were cut into ``blocks``, whose numbers are ``rows``.
    """

    columns: tuple[str, ...]
    paths: tuple[str, ...]
    files: np.ndarray
    right: np.ndarray
    wanted: int
    opened: tuple[int, ...]
    pieces: np.ndarray
    blocks: tuple[Block, ...]
    rows: np.ndarray
    answer: Answer


def facts(index: Index, task: Task, model: Judgement) -> Facts | None:
    """Read a task at its parent; None when none of its files is there or nothing speaks for any file."""
    wanted = query(task.text)
    found = signals.read(index, wanted)
    order = code.ranked(model.files.scores(found.columns, range(len(found.files))), found)
    places = {one.path: row for row, one in enumerate(found.files)}
    right = {places[path] for path in task.files if path in places}
    if not order or not right:
        return None
    rows = list(dict.fromkeys([*order[:_LISTED], *sorted(right)]))
    place = {row: at for at, row in enumerate(rows)}
    columns = tuple(sorted(found.columns))
    looked = code.reopen(index, wanted, found, order[:_OPENED], model)
    opened = code.followed(index, found, looked)
    weighed = evidence.weigh(opened, wanted, found.worth)
    blocks = tuple(block for at, one in enumerate(opened) for block in _blocks(at, one, weighed[at]))
    return Facts(
        columns,
        tuple(found.files[row].path for row in rows),
        np.array([[found.columns[name][row] for name in columns] for row in rows], np.float32),
        np.array([float(row in right) for row in rows]),
        len(task.files),
        tuple(place[row] for row in looked.rows),
        np.array(_pieces(found, looked), np.float32).reshape(-1, 2),
        blocks,
        np.array([one.row for held in weighed for one in held], np.float32).reshape(len(blocks), -1),
        _answer(index, task, opened, blocks),
    )


def _pieces(found: Signals, looked: Candidates) -> list[tuple[float, float]]:
    nothing = churn(0, ())
    held = [
        evidence.Opened(found.files[row].path, 0.0, page, outline, nothing, 0)
        for row, page, outline in zip(looked.rows, looked.pages, looked.outlines, strict=True)
    ]
    return evidence.best_pieces(held, found.worth)


def _blocks(file: int, opened: Opened, weighed: Sequence[Weighed]) -> Iterator[Block]:
    for block, _, _ in weighed:
        around = [one.line for one in opened.definitions if one.first <= block.first <= one.end]
        cost = count("\n".join(opened.lines[block.first - 1 : block.last]) + "\n", _ENCODING)
        yield Block(file, block.first, block.last, cost, max(around, default=0), block.kind == "signature")


def _answer(index: Index, task: Task, opened: Sequence[Opened], blocks: Sequence[Block]) -> Answer:
    """Find what the commit changed in the blocks; a changed line counts wherever the file has it verbatim."""
    numbers = {one.path: one.number for one in index.files}
    present = [path for path in task.files if path in numbers]
    outlines = index.outlines(numbers[path] for path in present)
    named = {(path, line) for path in present for line in task.named(path, outlines[numbers[path]])}
    lines = task.lines()
    known = {key: at for at, key in enumerate((path, line) for path in lines for line in sorted(lines[path]))}
    touched = {(hunk.path, line) for hunk in task.hunks for line in range(hunk.first, hunk.first + hunk.length)}
    changed, naming, holds = [], [], []
    for at, block in enumerate(blocks):
        path, texts = opened[block.file].path, opened[block.file].lines
        span = range(block.first, block.last + 1)
        said = {line: " ".join(texts[line - 1].split()) for line in span}
        changed.append(len({said[line] for line in span if (path, line) in touched and (path, said[line]) in known}))
        naming.append(float(block.signature and (path, block.first) in named))
        held = sorted({known[path, text] for text in said.values() if (path, text) in known})
        if held:
            holds.append((at, tuple(held)))
    return Answer(np.array(changed, float), np.array(naming), tuple(holds), len(known), len(named))
