"""What the workspace already knows: bundles and learnings that share a task's words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.ids import FILLER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from agentops_kit.memory.git import Repo

_FOLDERS = {"bundle": ".agentops/bundles", "learning": ".agentops/learnings"}
_LONGEST_LINE = 100
_TITLE_WEIGHT = 3


class Memory(NamedTuple):
    """A kept document: its id, kind, and the line that says what it is about."""

    id: str
    kind: str
    says: str


def recall(repo: Repo, task: str) -> list[Memory]:
    """Return what shares words with the task, best first; without a task the newest first."""
    wanted = set(slug_words(task))
    found = []
    for memory, text in _documents(repo.root):
        score = _score(wanted, memory, text)
        if score or not wanted:
            found.append((score, memory.id, memory))
    return [memory for _, _, memory in sorted(found, key=lambda one: (one[0], one[1]), reverse=True)]


def slug_words(text: str) -> list[str]:
    """Return the telling words of a text, lower case, without filler."""
    return [word for word in re.findall(r"[^\W_]+", text.lower()) if word not in FILLER]


def _score(wanted: set[str], memory: Memory, text: str) -> int:
    title = set(slug_words(f"{memory.id.replace('-', ' ')} {memory.says}"))
    return _TITLE_WEIGHT * len(wanted & title) + len(wanted & set(slug_words(text)))


def _documents(root: Path) -> Iterator[tuple[Memory, str]]:
    for kind, folder in _FOLDERS.items():
        for path in sorted((root / folder).glob("*.md")):
            if path.is_symlink():
                continue
            text = path.read_text(encoding="utf-8", errors="replace")
            heading = re.search(r"^#\s+(.+)$", text, re.MULTILINE)
            yield Memory(path.stem, kind, (heading[1] if heading else path.stem)[:_LONGEST_LINE]), text
