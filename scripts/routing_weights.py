"""Fits the confidence of core/agentops_kit/routing/confidence.py and checks it, each collection held out in turn.

    python scripts/routing_weights.py FOLDER [--table WORDS.bin] [--encoder]

FOLDER holds cases.jsonl, one ``{"task", "set", "gold": [ids], "kind", "few"}`` a line, where ``kind`` is ``in`` for
tasks in scope and ``few`` names a file of candidates in FOLDER. WORDS.bin is a table that was made without FOLDER's
collections (`scripts/routing_table.py --without`): the one that ships knows them, and would seem surer than it is.
Needs numpy. With `--encoder`, which needs that extra, the confidence is fitted for routing with the encoder. Prints
the coefficients and how well they are calibrated on the collections they were not fitted on.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import NamedTuple

import numpy as np

from agentops_kit.routing import catalogue, rank, table
from agentops_kit.routing.confidence import Features, features
from agentops_kit.routing.index import Index, compiled

FOLDS, STEPS, RIDGE = 7, 30, 0.01
LEAST_SET = 50  # a collection counts at most as much as this many cases


class Rows(NamedTuple):
    """A row of features a case, whether its first answer was right, and the collection it is of."""

    rows: np.ndarray
    right: np.ndarray
    sets: np.ndarray


def read(folder: Path, *, with_encoder: bool = False) -> Rows:
    """Route every case that names nobody."""
    indexes: dict[str, Index] = {}
    rows, right, sets = [], [], []
    for line in (folder / "cases.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        name = case["few"]
        if name not in indexes:
            candidates = catalogue.parse(catalogue.data(folder / name), name)
            indexes[name] = compiled(candidates, with_encoder=with_encoder)
        index = indexes[name]
        task = rank.read(case["task"])
        found = rank.rank(index, task)
        if not found.named:
            rows.append(features(found, task))
            right.append(case["kind"] == "in" and index.ids[found.order[0]] in case["gold"])
            sets.append(case["set"].partition("+")[0])
    return Rows(np.array(rows), np.array(right, dtype=float), np.array(sets))


def fit(held: Rows) -> np.ndarray:
    """Return the logistic coefficients, the constant last; every collection weighs by its size up to a limit."""
    names, counts = np.unique(held.sets, return_counts=True)
    share = dict(zip(names, np.minimum(counts, LEAST_SET) / counts, strict=True))
    weight = np.array([share[name] for name in held.sets])
    mean, spread = held.rows.mean(0), held.rows.std(0) + 1e-9
    inputs = np.c_[(held.rows - mean) / spread, np.ones(len(held.rows))]
    found = np.zeros(inputs.shape[1])
    for _ in range(STEPS):
        said = 1 / (1 + np.exp(-inputs @ found))
        slope = inputs.T @ (weight * (said - held.right)) / weight.sum() + RIDGE * np.r_[found[:-1], 0]
        bend = (inputs * (weight * said * (1 - said))[:, None]).T @ inputs / weight.sum() + RIDGE * np.eye(len(found))
        found -= np.linalg.solve(bend, slope)
    return np.r_[found[:-1] / spread, found[-1] - (found[:-1] * mean / spread).sum()]


def held_out(held: Rows) -> np.ndarray:
    """Return each case's confidence by coefficients that were fitted without its collection."""
    said = np.zeros(len(held.right))
    names = sorted(set(held.sets))
    for fold in range(FOLDS):
        out = np.isin(held.sets, names[fold::FOLDS])
        if out.any():
            found = fit(Rows(held.rows[~out], held.right[~out], held.sets[~out]))
            said[out] = 1 / (1 + np.exp(-(held.rows[out] @ found[:-1] + found[-1])))
    return said


def main() -> None:
    """Fit, check and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--table", type=Path, default=table.PATH)
    parser.add_argument("--encoder", action="store_true")
    asked = parser.parse_args()
    table.PATH = asked.table
    held = read(asked.folder, with_encoder=asked.encoder)
    found = fit(held)
    named = dict(zip((*Features._fields, "start"), found, strict=True))
    print({name: round(float(value), 3) for name, value in named.items()})
    said = held_out(held)
    for low in np.arange(0, 1, 0.1):
        here = (said >= low) & (said < low + 0.1)
        if here.any():
            print(f"{low:.1f}: {here.sum()} cases, said {said[here].mean():.2f}, right {held.right[here].mean():.2f}")


if __name__ == "__main__":
    main()
