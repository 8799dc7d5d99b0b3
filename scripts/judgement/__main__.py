"""Learns core/agentops_kit/bundles/judgement.json: what counts how much when a bundle is made.

    python scripts/judgement CLONES judgement.json [--cases 36] [--facts FOLDER] [--definition 0.15]

CLONES holds clones of git repositories with their history. Of each, tasks are read out of fix and feature commits,
and the kit is asked at each one's parent what it sees; nothing later is looked at, and nothing but the clones' index
in their git directories is written. Models are then fitted and checked with whole repositories left out, and those
of all are written. Needs numpy. With ``--facts`` what was read is kept there by clone, and not read again.
"""

from __future__ import annotations

import argparse
import json
import pickle
import time
from functools import partial
from pathlib import Path
from typing import Any

import facts as reading
import fit
import numpy as np
import tasks

from agentops_kit.bundles import index
from agentops_kit.bundles.judgement import Judgement, judgement
from agentops_kit.memory.git import Repo

SEED = 7
FEWEST = 2  # repositories
SHARES = tuple(round(0.2 * step, 1) for step in range(7))
DEFINITIONS = (0.15, 0.3, 0.45, 0.6, 0.8)
BUDGETS = (4000, 8000)


def read(clone: Path, wanted: int, model: Judgement) -> list[reading.Facts]:
    """Read the tasks of one clone, oldest first."""
    repo = Repo.open(clone)
    found = []
    for task in tasks.tasks(repo, wanted, SEED):
        held = index.use(repo, task.parent, partial(reading.facts, task=task, model=model))
        if held is not None:
            found.append(held)
    return found


def gathered(clones: Path, wanted: int, kept: Path | None) -> dict[str, list[reading.Facts]]:
    """Return the facts of every clone, read now or kept from before."""
    model, found = judgement(), {}
    for clone in sorted(path for path in clones.iterdir() if path.is_dir()):
        started = time.monotonic()
        place = kept / f"{clone.name}.facts" if kept else None
        if place is not None and place.exists():
            found[clone.name] = pickle.loads(place.read_bytes())  # noqa: S301 - written by this program
        else:
            found[clone.name] = read(clone, wanted, model)
            if place is not None:
                place.write_bytes(pickle.dumps(found[clone.name], protocol=5))
            print(f"{clone.name}: {len(found[clone.name])} tasks in {time.monotonic() - started:.0f} s", flush=True)
    return found


def learn(cases: list[fit.Case], definition: float) -> dict[str, Any]:
    """Fit everything, print how well it does where it was not fitted, and return the table."""
    first = fit.held_out(cases, fit.file_table)
    tell_files("files", cases, first, [fit.file_table(case)[1] for case in cases])
    scores, right = fit.held_out(cases, fit.opened_table), [fit.opened_table(case)[1] for case in cases]
    tell_files("opened", cases, scores, right)
    tables = [fit.block_rows(case, held) for case, held in zip(cases, scores, strict=True)]
    expected = fit.estimates_held_out(cases, tables)
    shares = best_shares(cases, scores, right, expected, tables)
    tell_packing(cases, expected, tables)
    grown = fit.model(cases, tables)
    names = cases[0].facts.columns
    return {
        "worth": {"definition": definition, "shares": shares},
        "files": dict(zip(names, short(fit.weights(cases, fit.file_table)), strict=True)),
        "opened": dict(sorted(zip((*names, *fit.PIECES), short(fit.weights(cases, fit.opened_table)), strict=True))),
        "lines": grown.lines,
        "definitions": grown.names,
    }


def tell_files(name: str, cases: list[fit.Case], scores: list[np.ndarray], right: list[np.ndarray]) -> float:
    """Print the shares of changed files among the first 1, 5 and 10; return that among the first 5."""
    means = {
        first: float(np.mean([fit.among_first(*one, first) for one in zip(cases, scores, right, strict=True)]))
        for first in (1, 5, 10)
    }
    print(name, *(f"f@{first} {mean:.3f}" for first, mean in means.items()), flush=True)
    return means[5]


def best_shares(
    cases: list[fit.Case],
    scores: list[np.ndarray],
    right: list[np.ndarray],
    expected: list[fit.Estimates],
    tables: list[tuple[np.ndarray, np.ndarray]],
) -> float:
    """Return the weight of the expected shares that puts most of the changed files among the first five."""
    means = {}
    for weight in SHARES:
        moved = [
            fit.with_shares(case, held, guess, near, weight)
            for case, held, guess, (_, near) in zip(cases, scores, expected, tables, strict=True)
        ]
        means[weight] = tell_files(f"opened, shares {weight}", cases, moved, right)
    return max(SHARES, key=lambda weight: means[weight])


def tell_packing(
    cases: list[fit.Case], expected: list[fit.Estimates], tables: list[tuple[np.ndarray, np.ndarray]]
) -> None:
    """Print what bundles would hold, by budget and by the worth of a definition's naming line."""
    for worth in DEFINITIONS:
        held = [
            fit.packed(case, guess, near, worth, BUDGETS)
            for case, guess, (_, near) in zip(cases, expected, tables, strict=True)
        ]
        for at, budget in enumerate(BUDGETS):
            means = [
                float(np.mean([share for one in held if (share := one[at][which]) is not None])) for which in (0, 1)
            ]
            told = "def {:.3f} line {:.3f}".format(*means)
            print(f"{budget} tokens, definition {worth}: {told}", flush=True)


def short(values: np.ndarray) -> list[float]:
    """Round to four digits that count."""
    return [float(f"{value:.4g}") for value in values]


def written(table: dict[str, Any]) -> str:
    """Return the table as JSON with a line for each tree."""

    def rows(trees: list[Any]) -> str:
        return "[\n" + ",\n".join(json.dumps(tree, separators=(",", ":")) for tree in trees) + "\n]"

    parts = (f'"{name}": {rows(held) if isinstance(held, list) else json.dumps(held)}' for name, held in table.items())
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main() -> None:
    """Read, fit and write."""
    told = argparse.ArgumentParser(description="Learn what counts how much when a bundle is made.")
    told.add_argument("clones", type=Path)
    told.add_argument("table", type=Path)
    told.add_argument("--cases", type=int, default=36)
    told.add_argument("--facts", type=Path)
    told.add_argument("--definition", type=float, default=0.15)
    asked = told.parse_args()
    if asked.facts is not None:
        asked.facts.mkdir(parents=True, exist_ok=True)
    found = gathered(asked.clones, asked.cases, asked.facts)
    cases = fit.cases({name: held for name, held in found.items() if held})
    print(f"{len(cases)} tasks of {len({case.repository for case in cases})} repositories", flush=True)
    if len({case.repository for case in cases}) < FEWEST:
        told.error(f"{asked.clones} has tasks of fewer than {FEWEST} repositories: one is left out to check on")
    asked.table.write_text(written(learn(cases, asked.definition)), encoding="utf-8")


if __name__ == "__main__":
    main()
