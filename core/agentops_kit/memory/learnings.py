"""Learnings: reusable patterns with their evidence, one committed file each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentops_kit.errors import ArtefactRejected
from agentops_kit.memory.reserve import reserve

if TYPE_CHECKING:
    from datetime import date

    from agentops_kit.memory.git import Repo

FOLDER = ".agentops/learnings"
SECTIONS = ("Pattern", "Evidence", "Application", "Reusability")
_SLOT = re.compile(r"\[fill:[^\]]*\]")
_FEWEST_WORDS = 5
_HEADING = re.compile(r"^##\s+(?P<name>.+?)\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Learning:
    """A learning's id, title and the text of its four sections."""

    id: str
    title: str
    sections: dict[str, str]


def parse(text: str) -> tuple[str, dict[str, str]]:
    """Return title and sections of a learning's markdown (``# title``, then ``## Pattern`` and so on)."""
    title = re.search(r"^#\s+(?:Learning:\s*)?(?P<title>.+?)\s*$", text, re.MULTILINE)
    parts = _HEADING.split(text)
    sections = {
        name.strip().capitalize(): _SLOT.sub("", body).strip()
        for name, body in zip(parts[1::2], parts[2::2], strict=True)
    }
    return (title["title"] if title else ""), sections


def lacks(title: str, sections: dict[str, str]) -> tuple[str, ...]:
    """Return, one sentence each, what keeps a learning from being of use to the next reader."""
    found = [] if title else ["It has no title: start with `# what was learned`."]
    for name in SECTIONS:
        words = len(sections.get(name, "").split())
        if words < _FEWEST_WORDS:
            found.append(f"`## {name}` says {'nothing' if not words else 'too little'}.")
    return tuple(found)


def save(repo: Repo, text: str, day: date) -> Learning:
    """Commit a learning; ``ArtefactRejected`` names what it lacks."""
    title, sections = parse(text)
    found = lacks(title, sections)
    if found:
        message = f"The learning is not kept: {len(found)} of its parts say too little."
        remedy = "Write # title, ## Pattern, ## Evidence, ## Application, ## Reusability, a sentence or more each."
        raise ArtefactRejected(message, lacks=found, remedy=remedy)
    taken = {path.stem for path in (repo.root / FOLDER).glob("*.md")}
    name = reserve(repo, day, title, taken, suffix=".learning")
    data = (text.strip() + "\n").encode("utf-8", "replace")
    repo.commit_files({f"{FOLDER}/{name}.md": data}, f"chore(agentops): learn {name}")
    return Learning(name, title, sections)


def listing(repo: Repo) -> list[Learning]:
    """Return the workspace's learnings, newest first."""
    found = []
    for path in sorted((repo.root / FOLDER).glob("*.md"), reverse=True):
        if path.is_symlink():
            continue
        title, sections = parse(path.read_text(encoding="utf-8", errors="replace"))
        found.append(Learning(path.stem, title, sections))
    return found
