"""The history explorer: commits whose messages speak of the task."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.bundles import past
from agentops_kit.bundles.findings import CommitPick

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agentops_kit.memory.git import Commit
    from agentops_kit.text.words import Query

_MOST_PICKS = 40


def explore(log: Iterable[Commit], query: Query) -> tuple[CommitPick, ...]:
    """Return the matching commits, best first, newer first among equals; ours are left out."""
    found = past.read(log, {}, query.weight_of)
    order = sorted(range(len(found.commits)), key=lambda at: (-found.scores[at], at))
    best = [at for at in order[:_MOST_PICKS] if found.scores[at] > 0]
    return tuple(CommitPick(found.commits[at], "history", found.scores[at]) for at in best)
