"""The history explorer: commits whose messages speak of the task."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.bundles.findings import CommitPick

if TYPE_CHECKING:
    from agentops_kit.bundles.past import Past

_MOST_PICKS = 40


def explore(found: Past) -> tuple[CommitPick, ...]:
    """Return the commits that match a task, best first, newer first among equals."""
    order = sorted(range(len(found.commits)), key=lambda at: (-found.scores[at], at))
    best = [at for at in order[:_MOST_PICKS] if found.scores[at] > 0]
    return tuple(CommitPick(found.commits[at], "history", found.scores[at]) for at in best)
