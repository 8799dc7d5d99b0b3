"""Three explorers over one commit's index: code, documents and history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.bundles import code, docs, history, index, signals
from agentops_kit.bundles.findings import Findings
from agentops_kit.ids import CommitId
from agentops_kit.text.meter import meter
from agentops_kit.text.words import query as read_query

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops_kit.bundles.index import Index
    from agentops_kit.memory.git import Repo

STEPS = ("reading files", "reading history", "ranking documents", "ranking code", "choosing passages")
"""What ``progress`` is told, in this order, as each begins; the first again with a bar while much is read."""

_MUCH = 4_000_000  # bytes of files that the index has not read yet


def explore(repo: Repo, commit: str, task: str, progress: Callable[[str], None]) -> Findings:
    """Find what a commit and its history hold for a task; the work tree and the clock are not read."""
    wanted = read_query(task)
    told: list[str] = []

    def step(name: str) -> None:
        if name not in told:  # the index may be asked again
            told.append(name)
            progress(name)

    def reading(done: int, total: int) -> None:
        if total >= _MUCH:
            progress(f"{STEPS[0]} {meter(done, total)}")

    def work(held: Index) -> Findings:
        step(STEPS[1])
        found = signals.read(held, wanted)
        step(STEPS[2])
        sections = docs.explore(docs.likely(held, wanted), wanted)
        step(STEPS[3])
        picks, passages = code.explore(held, wanted, found, lambda: step(STEPS[4]))
        return Findings(picks, passages, sections, history.explore(found.past))

    step(STEPS[0])
    return index.use(repo, CommitId(commit), work, reading)
