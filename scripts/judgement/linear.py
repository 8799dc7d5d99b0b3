"""Which of several files is meant, as a linear model: a softmax over the files of each task, by Newton's steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

_STEPS = 40
_DONE = 1e-6


def fit(tables: Sequence[np.ndarray], right: Sequence[np.ndarray], ridge: float) -> np.ndarray:
    """Return a weight for each column; ``tables`` has a row for each file of a task, ``right`` 1 for what is meant.

    ``ridge`` bears on the columns at unit spread. A task without anything right teaches nothing.
    """
    kept = [(rows.astype(float), held / held.sum()) for rows, held in zip(tables, right, strict=True) if held.sum()]
    every = np.concatenate([rows for rows, _ in kept])
    middle, spread = every.mean(axis=0), every.std(axis=0) + 1e-6
    scaled = [((rows - middle) / spread, held) for rows, held in kept]
    found = np.zeros(every.shape[1])
    loss = _loss(scaled, found, ridge)
    for _ in range(_STEPS):
        slope, curve = ridge * found, ridge * np.eye(len(found))
        for rows, held in scaled:
            share = _softmax(rows @ found)
            slope += rows.T @ (share - held)
            mean = share @ rows
            curve += (rows * share[:, None]).T @ rows - np.outer(mean, mean)
        step = np.linalg.solve(curve, slope)
        length = 1.0
        while (after := _loss(scaled, found - length * step, ridge)) > loss and length > _DONE:
            length /= 2
        found, gained, loss = found - length * step, loss - after, after
        if gained < _DONE * abs(loss):
            break
    return np.asarray(found / spread)


def _softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max())
    return np.asarray(powers / powers.sum())


def _loss(scaled: Sequence[tuple[np.ndarray, np.ndarray]], weights: np.ndarray, ridge: float) -> float:
    told = sum(float(held @ np.log(_softmax(rows @ weights) + 1e-12)) for rows, held in scaled)
    return ridge / 2 * float(weights @ weights) - told
