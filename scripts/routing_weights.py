"""Fits the confidence of core/agentops_kit/routing/confidence.py and checks it, each collection held out in turn.

    python scripts/routing_weights.py FOLDER [--encoder]

FOLDER holds cases.jsonl, one ``{"task", "set", "gold": [ids], "kind", "few"}`` a line, where ``kind`` is ``in`` for
tasks in scope and ``few`` names a file of candidates in FOLDER. Needs numpy. With `--encoder`, which needs that
extra, the confidence is fitted for routing with the encoder. Prints the coefficients and how well they are calibrated
on the collections they were not fitted on.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np

from agentops_kit.routing import batch, rank
from agentops_kit.routing.confidence import Features, features

FOLDS, STEPS, RIDGE = 7, 30, 0.01
LEAST_SET = 50  # a collection counts at most as much as this many cases


class Table(NamedTuple):
    """A row of features a case, whether its first answer was right, and the collection it is of."""

    rows: np.ndarray
    right: np.ndarray
    sets: np.ndarray


def read(folder: Path, *, with_encoder: bool = False) -> Table:
    """Route every case that names nobody."""
    indexes = {}
    rows, right, sets = [], [], []
    for line in (folder / "cases.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        index = indexes.setdefault(case["few"], None) or batch.from_file(
            folder / case["few"], with_encoder=with_encoder
        )
        indexes[case["few"]] = index
        task = rank.read(case["task"])
        found = rank.rank(index, task)
        if not found.named:
            rows.append(features(found, task))
            right.append(case["kind"] == "in" and index.ids[found.order[0]] in case["gold"])
            sets.append(case["set"].partition("+")[0])
    return Table(np.array(rows), np.array(right, dtype=float), np.array(sets))


def fit(table: Table) -> np.ndarray:
    """Return the logistic coefficients, the constant last; every collection weighs by its size up to a limit."""
    names, counts = np.unique(table.sets, return_counts=True)
    share = dict(zip(names, np.minimum(counts, LEAST_SET) / counts, strict=True))
    weight = np.array([share[name] for name in table.sets])
    mean, spread = table.rows.mean(0), table.rows.std(0) + 1e-9
    inputs = np.c_[(table.rows - mean) / spread, np.ones(len(table.rows))]
    found = np.zeros(inputs.shape[1])
    for _ in range(STEPS):
        said = 1 / (1 + np.exp(-inputs @ found))
        slope = inputs.T @ (weight * (said - table.right)) / weight.sum() + RIDGE * np.r_[found[:-1], 0]
        bend = (inputs * (weight * said * (1 - said))[:, None]).T @ inputs / weight.sum() + RIDGE * np.eye(len(found))
        found -= np.linalg.solve(bend, slope)
    return np.r_[found[:-1] / spread, found[-1] - (found[:-1] * mean / spread).sum()]


def held_out(table: Table) -> np.ndarray:
    """Return each case's confidence by coefficients that were fitted without its collection."""
    said = np.zeros(len(table.right))
    names = sorted(set(table.sets))
    for fold in range(FOLDS):
        out = np.isin(table.sets, names[fold::FOLDS])
        if out.any():
            found = fit(Table(table.rows[~out], table.right[~out], table.sets[~out]))
            said[out] = 1 / (1 + np.exp(-(table.rows[out] @ found[:-1] + found[-1])))
    return said


def main() -> None:
    """Fit, check and print."""
    table = read(Path(sys.argv[1]), with_encoder="--encoder" in sys.argv[2:])
    found = fit(table)
    named = dict(zip((*Features._fields, "start"), found, strict=True))
    print({name: round(float(value), 3) for name, value in named.items()})
    said = held_out(table)
    for low in np.arange(0, 1, 0.1):
        here = (said >= low) & (said < low + 0.1)
        if here.any():
            print(f"{low:.1f}: {here.sum()} cases, said {said[here].mean():.2f}, right {table.right[here].mean():.2f}")


if __name__ == "__main__":
    main()
