"""A trial of the bundle maker on a repository's own history, beside a yardstick."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.bundles import corpus
from agentops_kit.bundles.document import Bundle, dump
from agentops_kit.bundles.evaluation import yardstick
from agentops_kit.bundles.evaluation.cases import Case, cases
from agentops_kit.bundles.evaluation.score import MEASURES, score
from agentops_kit.bundles.make import make
from agentops_kit.bundles.render import render
from agentops_kit.errors import InputInvalid
from agentops_kit.memory.git import Repo
from agentops_kit.text.intervals import Mean, mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

OURS, PLAIN = "agentops", "BM25"


class Row(NamedTuple):
    """One bundle's measures: shares from 0 to 1, source tokens per bundle token, seconds of wall time."""

    method: str
    budget: int
    case: Case
    shares: dict[str, float | None]
    ratio: float
    seconds: float


@dataclass(frozen=True)
class Report:
    """All rows of a trial; ``cases`` is how many tasks there were."""

    repository: str
    commit: str
    encoding: str
    rows: tuple[Row, ...]

    @property
    def cases(self) -> int:
        """How many different tasks were tried."""
        return len({row.case.commit for row in self.rows})

    def mean(self, method: str, budget: int, measure: str) -> Mean:
        """Return a measure's mean over the cases that have it: one of ``MEASURES``, ``ratio`` or ``seconds``."""
        rows = [row for row in self.rows if (row.method, row.budget) == (method, budget)]
        if measure in MEASURES:
            return mean([value for row in rows if (value := row.shares[measure]) is not None])
        return mean([float(getattr(row, measure)) for row in rows])

    @property
    def tried(self) -> tuple[tuple[str, int], ...]:
        """Return each method with each budget, in the order they were tried."""
        return tuple(dict.fromkeys((row.method, row.budget) for row in self.rows))


def run(
    repo: Repo, wanted: int, budgets: Sequence[int], encoding: str, progress: Callable[[str], None] = lambda _: None
) -> Report:
    """Make bundles for cases of HEAD's history in a scratch repository that holds no later commit.

    Nothing of ``repo`` is touched. Raises ``InputInvalid`` when its history has no case.
    """
    progress("looking for cases in the history")
    found = cases(repo, wanted)
    if not found:
        message = f"The history of {repo.root} has no fix or feature commit that changes one to six source files."
        raise InputInvalid(message, remedy="Name a repository with more history (a shallow clone has little).")
    with tempfile.TemporaryDirectory(prefix="agentops-eval-") as folder:
        scratch = Repo.create(Path(folder) / repo.root.name)
        rows: list[Row] = []
        for number, case in enumerate(reversed(found), 1):  # oldest first, so that each step only adds objects
            progress(f"case {number} of {len(found)}")
            repo.hand_over(case.parent, scratch)
            rows += _tried(scratch, case, budgets, encoding)
    return Report(repo.root.name, str(repo.require_head()), encoding, tuple(rows))


def as_data(report: Report) -> dict[str, object]:
    """Return a report as plain values: the means with their intervals, and every row."""
    means = [
        {"method": method, "budget": budget}
        | {name: report.mean(method, budget, name)._asdict() for name in (*MEASURES, "ratio", "seconds")}
        for method, budget in report.tried
    ]
    rows = [
        {"method": row.method, "budget": row.budget, "commit": row.case.commit, "task": row.case.query}
        | {**row.shares, "ratio": row.ratio, "seconds": round(row.seconds, 3)}
        for row in report.rows
    ]
    facts = {"repository": report.repository, "commit": report.commit, "encoding": report.encoding}
    return {**facts, "cases": report.cases, "means": means, "rows": rows}


def _tried(scratch: Repo, case: Case, budgets: Sequence[int], encoding: str) -> Iterator[Row]:
    paths = [entry.path for entry in scratch.entries() if corpus.is_candidate(entry)]
    for budget in budgets:
        started = time.perf_counter()
        bundle = make(scratch, case.query, budget=budget, encoding=encoding)
        yield _row(OURS, budget, case, bundle, paths, time.perf_counter() - started)
    files = corpus.read(scratch, scratch.require_head())
    for budget in budgets:
        started = time.perf_counter()
        plain = render(yardstick.findings(files, case.query), _head(bundle), budget)
        yield _row(PLAIN, budget, case, plain, paths, time.perf_counter() - started)


def _head(bundle: Bundle) -> Bundle:
    from dataclasses import replace

    from agentops_kit.bundles.document import Counts

    return replace(bundle, body="", sources=(), tokens=Counts())


def _row(method: str, budget: int, case: Case, bundle: Bundle, paths: Sequence[str], seconds: float) -> Row:
    shares = score(case, dump(bundle), paths).values
    return Row(method, budget, case, shares, bundle.tokens.ratio, seconds)
