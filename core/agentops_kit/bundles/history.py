"""The history explorer: commits that speak of the task, and what they say about files."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentops_kit.bundles.findings import CommitPick
from agentops_kit.text.rank import Tallier, bm25

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from agentops_kit.memory.git import Commit
    from agentops_kit.text.words import Query

_MOST_PICKS = 40
_SWEEPING = 40  # a commit over more files than this says little about each
_OURS = ".agentops/"


@dataclass(frozen=True)
class Past:
    """Commits newest first, and the score of each against the task (same order)."""

    commits: tuple[Commit, ...] = ()
    scores: tuple[float, ...] = ()

    def picks(self) -> tuple[CommitPick, ...]:
        """Return the matching commits, best first, newer first among equals."""
        order = sorted(range(len(self.commits)), key=lambda at: (-self.scores[at], at))
        best = [at for at in order[:_MOST_PICKS] if self.scores[at] > 0]
        return tuple(CommitPick(self.commits[at], "history", self.scores[at]) for at in best)

    def touched(self) -> dict[str, float]:
        """Return for each path how strongly the messages of commits that touched it match."""
        found: dict[str, float] = {}
        for commit, score in zip(self.commits, self.scores, strict=True):
            if score > 0 and len(commit.files) <= _SWEEPING:
                for path in commit.files:
                    found[path] = found.get(path, 0.0) + score / math.sqrt(len(commit.files))
        return found

    def together(self, seeds: Mapping[str, float]) -> dict[str, float]:
        """Return for each path how often it changed in one commit with ``seeds``, by their scores."""
        found: dict[str, float] = {}
        for commit in self.commits:
            if not commit.parents or not 1 < len(commit.files) <= _SWEEPING:  # a first commit joins everything
                continue
            held = sum(seeds.get(path, 0.0) for path in commit.files)
            if held > 0:
                for path in commit.files:
                    found[path] = found.get(path, 0.0) + (held - seeds.get(path, 0.0)) / len(commit.files)
        return found


def explore(log: Iterable[Commit], query: Query) -> Past:
    """Score each commit's message against the task; commits of nothing but our memory are left out."""
    commits = tuple(commit for commit in log if not _is_memory(commit.files))
    tallier = Tallier(query.terms)
    scores = bm25([tallier.tally(f"{commit.subject}\n{commit.subject}\n{commit.body}") for commit in commits])
    return Past(commits, tuple(scores))


def _is_memory(files: Sequence[str]) -> bool:
    return bool(files) and all(path.startswith(_OURS) for path in files)
