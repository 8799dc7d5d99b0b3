"""Tasks out of a clone's history: fix and feature commits that modify one to six source files, with their answers."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.bundles.evaluation import cases
from agentops_kit.memory.diffs import hunks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentops_kit.bundles.outline import Definition
    from agentops_kit.ids import CommitId
    from agentops_kit.memory.diffs import Hunk
    from agentops_kit.memory.git import Commit, Repo

_MOST_COMMITS, _MOST_FILES, _MOST_TOUCHED, _MOST_LINES = 8000, 6, 25, 500
_BATCH = 20  # commits whose changes are read at a time
_LONG, _EARLIEST = 60, 20  # of so many commits or more the earliest, one in twenty, find nothing there yet
_LEAST_LINE = 3  # letters and digits that a changed line must have to tell anything
_CHORE = re.compile(
    r"rubocop|clippy|flake8|\blint|style\b|typo|refactor|warning|clean ?up|\bstandard\b|javadoc|readme|comment|"
    r"whitespace|formatting|\brename|spelling|grammar|deprecat|copyright|license|indent|simplif|useless|unused|docs?\b|"
    r"code review|changelog|release|\bbump|revert|merge",
    re.IGNORECASE,
)
"""What a message speaks of that no task is about, or whose words say nothing of the place."""


class Task(NamedTuple):
    """A commit's message as a task, the source files it modified, and how."""

    commit: CommitId
    parent: CommitId
    text: str
    files: tuple[str, ...]
    hunks: tuple[Hunk, ...]

    def lines(self) -> dict[str, set[str]]:
        """Return the lines that were taken out or replaced, by file, in single spaces."""
        found: dict[str, set[str]] = {path: set() for path in self.files}
        for hunk in self.hunks:
            found[hunk.path] |= {
                " ".join(line.split()) for line in hunk.removed if sum(map(str.isalnum, line)) >= _LEAST_LINE
            }
        return found

    def named(self, path: str, outline: Sequence[Definition]) -> set[int]:
        """Return the lines that name the innermost definitions in which a file was changed."""
        found = set()
        for hunk in self.hunks:
            for line in range(hunk.first, hunk.first + max(1, hunk.length)) if hunk.path == path else ():
                around = [one for one in outline if one.first <= line <= one.end]
                if around:
                    found.add(max(around, key=lambda one: (one.depth, one.first)).line)
        return found


def tasks(repo: Repo, wanted: int, seed: int) -> list[Task]:
    """Return up to ``wanted`` tasks of HEAD's history, oldest first, chosen by ``seed``."""
    log = list(repo.log(limit=_MOST_COMMITS))
    likely = [
        one
        for one in log
        if cases.is_likely(one) and not _CHORE.search(one.subject) and len(one.files) <= _MOST_TOUCHED
    ]
    if len(likely) > _LONG:
        likely = likely[: -len(likely) // _EARLIEST]
    random.Random(seed).shuffle(likely)  # noqa: S311 - a sample, no secret
    found: list[Task] = []
    for at in range(0, len(likely), _BATCH):
        found += _read(repo, likely[at : at + _BATCH])
        if len(found) >= wanted:
            break
    age = {commit.id: at for at, commit in enumerate(log)}
    return sorted(found[:wanted], key=lambda task: -age[task.commit])


def _read(repo: Repo, commits: Sequence[Commit]) -> list[Task]:
    changed: defaultdict[CommitId, list[Hunk]] = defaultdict(list)
    for hunk in hunks(repo, [commit.id for commit in commits]):
        if cases.is_source(hunk.path or hunk.new_path):
            changed[hunk.commit].append(hunk)
    return [task for commit in commits if (task := _task(commit, changed[commit.id])) is not None]


def _task(commit: Commit, changed: Sequence[Hunk]) -> Task | None:
    """Return a commit as a task, None when it adds, moves or removes sources, or changes too much or nothing."""
    files = tuple(sorted({hunk.path for hunk in changed}))
    size = sum(hunk.length + hunk.new_length for hunk in changed)
    if any(hunk.path != hunk.new_path for hunk in changed) or size > _MOST_LINES or not 1 <= len(files) <= _MOST_FILES:
        return None
    text = cases.query(f"{commit.subject}\n\n{commit.body}")
    return Task(commit.id, commit.parents[0], text, files, tuple(changed))
