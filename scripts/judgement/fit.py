"""Models from facts, each checked on repositories it was not fitted on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import linear
import numpy as np
import trees

from agentops_kit.bundles.evidence import COLUMNS
from agentops_kit.bundles.packing import Offer, Shelf
from agentops_kit.text.rank import normalised, reciprocal_ranks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from facts import Answer, Facts

    from agentops_kit.bundles.forest import Tree

FILES, OPENED, CUT = 60, 30, 16  # files of a task: ranked at first, looked into, cut into blocks
FOLDS = 3
_RIDGE = 5.0
_KEPT = 0.2  # of the blocks with nothing of the answer
_SIGNATURE = COLUMNS.index("is signature")
_FILE, _RANK, _GAP, _FIRST = (COLUMNS.index(name) for name in ("file", "file rank", "file gap", "first file"))
_LEAST_SHARE = 0.001
_BEHIND = 1e6
_LINES, _NAMES = trees.Growth(trees=120), trees.Growth(trees=80)


@dataclass(frozen=True)
class Case:
    """A task's facts, the repository they are of and the fold that this is left out in."""

    facts: Facts
    repository: str
    fold: int


@dataclass(frozen=True)
class Estimates:
    """Of each block the share of the changed lines it holds, and of the changed definitions it names."""

    lines: np.ndarray
    names: np.ndarray


def cases(found: dict[str, list[Facts]]) -> list[Case]:
    """Spread repositories over the folds, so that each is left out once."""
    names = sorted(found)
    chosen = np.random.default_rng(3).permutation(len(names))
    fold = {names[place]: at % FOLDS for at, place in enumerate(chosen)}
    return [Case(one, name, fold[name]) for name in names for one in found[name]]


# -- files ---------------------------------------------------------------------------------------


def file_table(case: Case) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of the files ranked at first, and which are right."""
    held = case.facts
    places = [at for at in range(len(held.paths)) if at < FILES or held.right[at]]
    return held.files[places], held.right[places]


def opened_table(case: Case) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of the files looked into, with their pieces, and which are right."""
    held = case.facts
    places = list(held.opened[:OPENED])
    first, three = (held.pieces[:OPENED, at].tolist() for at in (0, 1))
    pieces = np.array([normalised(first), normalised(three), reciprocal_ranks(first)]).T
    return np.concatenate([held.files[places], pieces.reshape(-1, 3)], axis=1), held.right[places]


PIECES = ("piece", "pieces", "piece rank")


def weights(cases: Sequence[Case], table: Callable[[Case], tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Return the weights of a linear model over all cases."""
    rows, right = zip(*map(table, cases), strict=True)
    return linear.fit(rows, right, _RIDGE)


def held_out(cases: Sequence[Case], table: Callable[[Case], tuple[np.ndarray, np.ndarray]]) -> list[np.ndarray]:
    """Return each case's scores by the model of the other folds."""
    models = {fold: weights([case for case in cases if case.fold != fold], table) for fold in _folds(cases)}
    return [table(case)[0] @ models[case.fold] for case in cases]


def _folds(cases: Sequence[Case]) -> list[int]:
    return sorted({case.fold for case in cases})


def among_first(case: Case, scores: np.ndarray, right: np.ndarray, first: int) -> float:
    """Return the share of a case's changed files among the first so many."""
    return float(right[np.argsort(-scores, kind="stable")[:first]].sum()) / case.facts.wanted


# -- blocks --------------------------------------------------------------------------------------


def block_rows(case: Case, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the blocks' numbers with their files' scores as given, and which belong to the best files."""
    held = case.facts
    most = max((block.file for block in held.blocks), default=-1) + 1
    scores = scores[:most]
    rank = np.empty(len(scores), int)
    rank[np.argsort(-scores, kind="stable")] = np.arange(len(scores))
    files = np.array([block.file for block in held.blocks], int)
    rows = held.rows.copy()
    rows[:, _FILE], rows[:, _RANK] = scores[files], 1 / (1 + rank[files])
    rows[:, _GAP], rows[:, _FIRST] = scores.max(initial=-np.inf) - scores[files], rank[files] == 0
    return rows, rank[files] < CUT


@dataclass(frozen=True)
class Model:
    """Trees for the lines that change and for the definitions that do."""

    lines: list[Tree]
    names: list[Tree]

    def estimates(self, rows: np.ndarray) -> Estimates:
        """Return what each block is expected to hold."""
        named = np.zeros(len(rows))
        signatures = rows[:, _SIGNATURE] > 0
        named[signatures] = trees.predict(self.names, rows[signatures])
        return Estimates(trees.predict(self.lines, rows), named)


def model(cases: Sequence[Case], tables: Sequence[tuple[np.ndarray, np.ndarray]]) -> Model:
    """Grow trees for blocks; most of those that hold nothing are left out, the others of them weigh more."""
    chooser = np.random.default_rng(0)
    rows, shares, weigh, named, naming = [], [], [], [], []
    for case, (table, near) in zip(cases, tables, strict=True):
        answer = case.facts.answer
        share = np.minimum(answer.changed / max(1, answer.lines), 1)
        kept = near & ((share > 0) | (chooser.random(len(share)) < _KEPT))
        rows.append(table[kept])
        shares.append(share[kept])
        weigh.append(np.where(share[kept] > 0, 1.0, 1 / _KEPT))
        signature = near & (table[:, _SIGNATURE] > 0)
        named.append(table[signature])
        naming.append(answer.naming[signature] / max(1, answer.names))
    join = np.concatenate
    signatures = join(named)
    return Model(
        trees.fit(join(rows), join(shares), join(weigh), _LINES),
        trees.fit(signatures, join(naming), np.ones(len(signatures)), _NAMES),
    )


def estimates_held_out(cases: Sequence[Case], tables: Sequence[tuple[np.ndarray, np.ndarray]]) -> list[Estimates]:
    """Return what each case's blocks are expected to hold, by the trees of the other folds."""
    found: dict[int, Estimates] = {}
    for fold in _folds(cases):
        near = [at for at, case in enumerate(cases) if case.fold != fold]
        grown = model([cases[at] for at in near], [tables[at] for at in near])
        found |= {at: grown.estimates(tables[at][0]) for at, case in enumerate(cases) if case.fold == fold}
    return [found[at] for at in range(len(cases))]


def with_shares(case: Case, scores: np.ndarray, expected: Estimates, near: np.ndarray, weight: float) -> np.ndarray:
    """Move the opened files by what their blocks are expected to hold; those not cut into blocks come behind."""
    files = np.array([block.file for block in case.facts.blocks], int)[near]
    held = np.bincount(files, expected.lines[near], len(scores))
    cut = np.bincount(files, minlength=len(scores)) > 0
    return np.where(cut, scores + weight * np.log(held + _LEAST_SHARE), scores - _BEHIND)


# -- packing -------------------------------------------------------------------------------------

_FRAME, _DOCUMENTS, _OPENING, _PATH = 330, 0.06, 40, 2 / 3.6  # tokens, as the rendering spends them on the whole
_FIRST_FILES = 6


def packed(
    case: Case, expected: Estimates, near: np.ndarray, definition: float, budgets: Sequence[int]
) -> list[tuple[float | None, float | None]]:
    """Return for each budget the shares of changed definitions and lines a bundle would hold, by estimated costs."""
    held, answer = case.facts, case.facts.answer
    worth = np.where(near, expected.lines + definition * expected.names, 0.0).tolist()
    starts = {(block.file, block.first): at for at, block in enumerate(held.blocks) if block.signature}
    offers: list[Offer] = []
    first: dict[int, int] = {}
    for at, block in enumerate(held.blocks):
        along = -1 if block.signature else starts.get((block.file, block.around), -1)
        offers.append(Offer(block.file, block.first, block.last, worth[at], block.cost, along))
        if block.signature and block.file < _FIRST_FILES and worth[at] >= worth[first.get(block.file, at)]:
            first[block.file] = at
    opening = [int(_OPENING + _PATH * len(held.paths[place])) for place in held.opened]
    shelf = Shelf(offers, opening, [first[file] for file in sorted(first)])
    return [_measured(answer, set(shelf.fill(int(budget * (1 - _DOCUMENTS) - _FRAME)))) for budget in budgets]


def _measured(answer: Answer, chosen: set[int]) -> tuple[float | None, float | None]:
    lines = {line for at, found in answer.holds if at in chosen for line in found}
    names = sum(float(answer.naming[at]) for at in chosen)
    return names / answer.names if answer.names else None, len(lines) / answer.lines if answer.lines else None
