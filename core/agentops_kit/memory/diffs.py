"""What commits changed, line by line, read as a stream from one git process."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.ids import CommitId

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from agentops_kit.memory.git import Repo

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_MOST_GAPS = 40  # commits that git cannot compare before the rest is left alone
_NOWHERE = "/dev/null"
_SHAPE = ("-p", "-U0", "-M", "-r", "--root", "--no-color", "--no-ext-diff", "--no-textconv", "--no-prefix")


class Hunk(NamedTuple):
    """A changed stretch of one file; lines are counted from 1."""

    commit: CommitId
    path: str  # before the change; empty for a new file
    new_path: str  # after the change; empty for a deleted file
    first: int  # the first line changed; of a pure insertion the line it stands behind
    length: int
    new_first: int
    new_length: int
    context: str  # the line git names as the hunk's function, if any
    removed: tuple[str, ...]
    added: tuple[str, ...]


def hunks(repo: Repo, commits: Iterable[CommitId]) -> Iterator[Hunk]:
    """Yield each commit's hunks against its first parent, without context lines; binary files have none.

    A clone may lack objects; a commit that git cannot compare for that has no hunks, or not all of them.
    """
    left = list(commits)
    for _ in range(_MOST_GAPS):
        if not left:
            break
        status, output, _words = repo.attempt("diff-tree", "--stdin", *_SHAPE, data="\n".join((*left, "")).encode())
        lines = output.decode("utf-8", "replace").split("\n")
        yield from parse(lines)
        if not status:
            break
        told = set(lines)
        left = left[max((at for at, one in enumerate(left) if one in told), default=0) + 1 :]


def parse(lines: Iterable[str]) -> Iterator[Hunk]:
    """Read the output of ``git diff-tree --stdin -p -U0 --no-prefix``; unknown lines are passed over."""
    commit, path, new_path = CommitId(""), "", ""
    rest = iter(lines)
    for line in rest:
        head = _HUNK.match(line)
        if head is not None:
            first, length, new_first, new_length = (int(head[at]) if head[at] else 1 for at in range(1, 5))
            removed, added = _body(rest, length, new_length)
            yield Hunk(commit, path, new_path, first, length, new_first, new_length, head[5], removed, added)
        elif line.startswith("--- "):
            path = _name(line[4:])
        elif line.startswith("+++ "):
            new_path = _name(line[4:])
        elif _COMMIT.fullmatch(line):
            commit = CommitId(line)


def _body(rest: Iterator[str], before: int, after: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Take the lines a hunk's head announces: what stands there is text, whatever it looks like."""
    removed: list[str] = []
    added: list[str] = []
    while len(removed) < before or len(added) < after:
        line = next(rest, None)
        if line is None:
            break
        if line.startswith("-"):
            removed.append(line[1:])
        elif line.startswith("+"):
            added.append(line[1:])
    return tuple(removed), tuple(added)


def _name(text: str) -> str:
    text = text.removesuffix("\t")  # git ends a name that has spaces with a tab
    return "" if text == _NOWHERE else text
