"""What past commits say about the files that are there now: how often, how lately, for what words they changed."""

from __future__ import annotations

import math
import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.text.rank import Tally, idf, score

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from agentops_kit.memory.git import Commit

_SWEEPING = 40  # a commit over more files than this says little about each
_OURS = ".agentops/"
_FIX = re.compile(
    r"\b(?:fix|bug|add|support|feat|implement|allow|make|improve|handle|avoid|prevent|correct|ensure)",
    re.IGNORECASE,
)


class Touch(NamedTuple):
    """A commit that changed a file: its place in the history, newest first, and over how many files it went."""

    place: int
    files: int


@dataclass(frozen=True)
class Past:
    """Commits newest first, how well each one's message fits the task, and the files each changed, by number.

    A file that was moved since is known by its present number.
    """

    commits: tuple[Commit, ...]
    tallies: tuple[Tally, ...]
    scores: tuple[float, ...]
    changed: tuple[tuple[int, ...], ...]
    fixes: tuple[bool, ...]

    @property
    def best(self) -> float:
        """The score of the commit that fits best."""
        return max(self.scores, default=0.0)

    def touches(self) -> dict[int, list[Touch]]:
        """Return for each file the commits that changed it, newest first, without the sweeping ones."""
        found: dict[int, list[Touch]] = {}
        for place, numbers in enumerate(self.changed):
            count = len(self.commits[place].files)
            if count <= _SWEEPING:
                for number in numbers:
                    found.setdefault(number, []).append(Touch(place, count))
        return found

    def together(self, seeds: Mapping[int, float]) -> dict[int, float]:
        """Return for each file how often it changed in one commit with ``seeds``, by their scores."""
        found: dict[int, float] = {}
        for commit, numbers in zip(self.commits, self.changed, strict=True):
            count = len(commit.files)
            if not commit.parents or not 1 < count <= _SWEEPING:  # a first commit joins everything
                continue
            held = sum(seeds.get(number, 0.0) for number in numbers)
            if held > 0:
                for number in numbers:
                    found[number] = found.get(number, 0.0) + (held - seeds.get(number, 0.0)) / count
        return found


def read(
    log: Iterable[Commit], messages: Iterable[Tally], paths: Mapping[str, int], weights: Mapping[str, float]
) -> Past:
    """Score each commit's message for weighted terms; commits of nothing but our memory are left out.

    ``messages`` are the tallies of the messages in the order of the log.
    """
    kept = [(commit, tally) for commit, tally in zip(log, messages, strict=True) if not _is_memory(commit.files)]
    commits, tallies = tuple(commit for commit, _ in kept), tuple(tally for _, tally in kept)
    return Past(
        commits,
        tallies,
        tuple(fitting(tallies, weights)),
        tuple(_changed(commits, paths)),
        tuple(_FIX.search(commit.subject) is not None for commit in commits),
    )


def fitting(tallies: Sequence[Tally], weights: Mapping[str, float]) -> list[float]:
    """Score tallies by BM25 for weighted terms."""
    holders: dict[str, int] = {}
    for tally in tallies:
        for term in tally.terms:
            holders[term] = holders.get(term, 0) + 1
    worth = {term: weights.get(term, 0.0) * idf(len(tallies), held) for term, held in holders.items()}
    mean = sum(tally.length for tally in tallies) / len(tallies) if tallies else 1.0
    return [score(tally, worth, mean) if tally.terms else 0.0 for tally in tallies]


def _changed(commits: Sequence[Commit], paths: Mapping[str, int]) -> Iterable[tuple[int, ...]]:
    """Yield the present files each commit changed, following those that a commit seems to have moved."""
    moved: dict[str, str] = {}
    for commit in commits:
        now = {path: moved.get(path, path) for path in commit.files}
        yield tuple(sorted({paths[path] for path in now.values() if path in paths}))
        if 1 < len(commit.files) <= _SWEEPING:
            gone: dict[str, list[str]] = {}
            for path, present in now.items():
                if present not in paths:
                    gone.setdefault(posixpath.basename(path), []).append(path)
            for present in now.values():
                old = gone.get(posixpath.basename(present), ()) if present in paths and gone else ()
                if len(old) == 1:
                    moved[old[0]] = present


def per_file(past: Past, touches: Mapping[int, Sequence[Touch]], files: int) -> dict[str, list[float]]:
    """Return columns over all files: commits like the task, words of commits, how often, how lately."""
    columns = {name: [0.0] * files for name in ("similar", "similar best", "touched", "fixed", "lately", "last")}
    for number, held in touches.items():
        for place, count in held:
            share, fit = 1 / math.sqrt(count), past.scores[place]
            columns["touched"][number] += share
            columns["fixed"][number] += share * past.fixes[place]
            columns["lately"][number] += share * math.exp(-place / 100)
            if fit > 0:
                columns["similar"][number] += fit * fit * share
                columns["similar best"][number] = max(columns["similar best"][number], fit / count**0.25)
        columns["last"][number] = 1 / (1 + held[0].place / 20)
    return columns


def messages(past: Past, touches: Mapping[int, Sequence[Touch]], files: int) -> list[Tally]:
    """Return for each file all messages of its commits as one tally."""
    found = []
    for number in range(files):
        terms: dict[str, int] = {}
        length = 0
        for place, _ in touches.get(number, ()):
            tally = past.tallies[place]
            length += tally.length
            for term, times in tally.terms.items():
                terms[term] = terms.get(term, 0) + times
        found.append(Tally(terms, length))
    return found


def _is_memory(files: Sequence[str]) -> bool:
    return bool(files) and all(path.startswith(_OURS) for path in files)
