"""What the explorers hand to the renderer: picks with a score and a one-word reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from agentops_kit.bundles.corpus import File
    from agentops_kit.bundles.outline import Definition
    from agentops_kit.memory.git import Commit

Why = Literal[
    "named", "content", "defines", "path", "heading", "history", "co-change", "imports", "imported by", "tests"
]


@dataclass(frozen=True)
class FilePick:
    """A file worth opening, with its definitions and how well each fits the task (same order)."""

    file: File
    why: Why
    score: float
    definitions: tuple[Definition, ...] = ()
    fits: tuple[float, ...] = ()


@dataclass(frozen=True)
class Passage:
    """Lines of a file worth quoting whole; ``first`` and ``last`` count from 1, both included."""

    file: File
    first: int
    last: int
    title: str
    why: Why
    score: float

    @property
    def text(self) -> str:
        """The lines as the file has them."""
        return "\n".join(self.file.lines[self.first - 1 : self.last])


@dataclass(frozen=True)
class CommitPick:
    """A past commit that speaks of the task."""

    commit: Commit
    why: Why
    score: float


@dataclass(frozen=True)
class Findings:
    """The three explorers' picks, best first."""

    files: tuple[FilePick, ...] = ()
    passages: tuple[Passage, ...] = ()
    sections: tuple[Passage, ...] = ()
    commits: tuple[CommitPick, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing in the repository matched."""
        return not (self.files or self.sections or self.commits)
