"""Cases out of a repository's own history: a fix or feature commit, and what it changed.

The task is the commit's message without what would give the answer away (paths, numbers,
trailers); the answer is the source files, definitions and lines the commit changed, as they
stood before it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.bundles import corpus
from agentops_kit.bundles.languages import language
from agentops_kit.bundles.outline import outline
from agentops_kit.ids import BlobId
from agentops_kit.memory.diffs import hunks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from agentops_kit.bundles.outline import Definition
    from agentops_kit.ids import CommitId
    from agentops_kit.memory.diffs import Hunk
    from agentops_kit.memory.git import Commit, Repo

_MOST_COMMITS = 5000
_MOST_FILES = 6
_FEWEST_WORDS = 4
_LEAST_LINE = 4  # letters and digits that a changed line must have to tell anything
_WORTH = re.compile(
    r"^(?:fix|feat|perf)(?:\([^)]*\))?!?:|\b(?:fix(?:e[sd]|ing)?|bug|add(?:s|ed|ing)?|support|implement|allow|"
    r"handle|improve|avoid|prevent|correct|ensure|don't|do not|make|use)\b",
    re.IGNORECASE,
)
_TRAILER = re.compile(
    r"^(?:[A-Z][\w-]+-[Bb]y|Change-Id|Reviewed-on|PiperOrigin-\S+|Bug|See|Ref\w*|Closes?):.*$", re.MULTILINE
)
_ISSUE = re.compile(
    r"\(?(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?|refs?|see)?:?\s*(?:[\w.-]+/[\w.-]+)?#\d+\)?", re.IGNORECASE
)
_ADDRESS = re.compile(r"\bhttps?://\S+")
_PATH = re.compile(r"(?:[\w.-]+/)+[\w.-]+|\b[\w-]+\.(?:[a-z]{1,4}|tsx|json)\b")
_NUMBER = re.compile(r"\b\d+\b")


class Named(NamedTuple):
    """A definition that a commit changed: its file and the line that names it, without indentation."""

    path: str
    signature: str


class Changed(NamedTuple):
    """A line that a commit took out or replaced, without indentation."""

    path: str
    text: str


@dataclass(frozen=True)
class Case:
    """A task with its known answer at ``parent``."""

    commit: CommitId
    parent: CommitId
    query: str
    files: tuple[str, ...]
    definitions: tuple[Named, ...]
    lines: tuple[Changed, ...]


def cases(repo: Repo, wanted: int) -> tuple[Case, ...]:
    """Return up to ``wanted`` cases, spread evenly over the newest commits of HEAD; newest first."""
    likely = [commit for commit in repo.log(limit=_MOST_COMMITS) if is_likely(commit)]
    found: list[Case] = []
    for batch in _spread(likely, wanted):
        found += _made(repo, batch)
        if len(found) >= wanted:
            break
    place = {commit.id: at for at, commit in enumerate(likely)}
    return tuple(sorted(found[:wanted], key=lambda case: place[case.commit]))


def query(message: str) -> str:
    """Return a commit message as a task that names no path, number, person or address."""
    for pattern in (_TRAILER, _ADDRESS, _ISSUE, _PATH, _NUMBER):
        message = pattern.sub("", message)
    lines = [" ".join(line.split()) for line in message.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def is_likely(commit: Commit) -> bool:
    """Say whether a commit looks like a fix or a feature in a few source files."""
    sources = [path for path in commit.files if is_source(path)]
    words = query(commit.subject).split()
    return (
        bool(commit.parents)
        and 1 <= len(sources) <= _MOST_FILES
        and len(words) >= _FEWEST_WORDS
        and _WORTH.search(commit.subject) is not None
    )


def is_source(path: str) -> bool:
    """Say whether a path is that of a program's own source: no test, no example, no data."""
    return bool(language(path)) and corpus.File(path, BlobId(""), "", "code").weight == 1.0


def _spread(commits: Sequence[Commit], wanted: int) -> Iterable[list[Commit]]:
    """Yield batches that each cover the whole history: every step-th commit, then those between."""
    step = max(1, len(commits) // max(1, wanted))
    for offset in range(step):
        yield list(commits[offset::step])


def _made(repo: Repo, commits: Sequence[Commit]) -> list[Case]:
    changed: defaultdict[CommitId, list[Hunk]] = defaultdict(list)
    for hunk in hunks(repo, [commit.id for commit in commits]):
        if is_source(hunk.path) and hunk.new_path:
            changed[hunk.commit].append(hunk)
    asked = [(commit.parents[0], hunk.path) for commit in commits for hunk in changed[commit.id]]
    before = repo.read_files(asked)
    found = []
    for commit in commits:
        paths = {hunk.path for hunk in changed[commit.id]}
        contents = {path: before.get((commit.parents[0], path), b"") for path in sorted(paths)}
        texts = {path: text for path, data in contents.items() if (text := corpus.readable(data)) is not None}
        case = _case(commit, changed[commit.id], texts)
        if case is not None:
            found.append(case)
    return found


def _case(commit: Commit, changed: Sequence[Hunk], texts: Mapping[str, str]) -> Case | None:
    lines = dict.fromkeys(
        Changed(hunk.path, text.strip())
        for hunk in changed
        for text in hunk.removed
        if hunk.path in texts and sum(map(str.isalnum, text)) >= _LEAST_LINE
    )
    files = tuple(sorted({line.path for line in lines}))
    if not 1 <= len(files) <= _MOST_FILES:
        return None
    named: dict[Named, None] = {}
    for path in files:
        outlined = outline(path, texts[path])
        for hunk in changed:
            if hunk.path == path and (holder := _holder(outlined, hunk)) is not None:
                named[Named(path, holder.signature.strip())] = None
    text = query(f"{commit.subject}\n\n{commit.body}")
    return Case(commit.id, commit.parents[0], text, files, tuple(named), tuple(lines))


def _holder(outlined: Sequence[Definition], hunk: Hunk) -> Definition | None:
    """Return the innermost definition a hunk begins in."""
    around = [one for one in outlined if one.first <= hunk.first <= one.end]
    return max(around, key=lambda one: (one.depth, one.first), default=None)
