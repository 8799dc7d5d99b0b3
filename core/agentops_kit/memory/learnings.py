"""Learnings: reusable patterns with their evidence, one committed file each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.errors import ArtefactRejected, InputInvalid
from agentops_kit.memory.likeness import NEAR, SAME, likeness
from agentops_kit.memory.reserve import reserve
from agentops_kit.text import near
from agentops_kit.text.length import words

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

    @property
    def pattern(self) -> str:
        """What two learnings are compared by."""
        return f"{self.title}. {self.sections.get('Pattern', '')}"

    @property
    def seen(self) -> int:
        """How many times it was learned."""
        return max(1, sum(line.startswith("- ") for line in self.sections.get("Seen", "").splitlines()))


class Near(NamedTuple):
    """A kept learning that a text comes near; ``same`` when it says that pattern again."""

    learning: Learning
    likeness: float
    same: bool


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
        said = words(sections.get(name, ""))
        if said < _FEWEST_WORDS:
            found.append(f"`## {name}` says {'nothing' if not said else 'too little'}.")
    return tuple(found)


def nearest(repo: Repo, text: str) -> Near | None:
    """Return the kept learning that a text comes nearest, None when it comes near none."""
    title, sections = parse(text)
    new = Learning("", title, sections)
    found = [(likeness(new.pattern, one.pattern), one) for one in listing(repo)]
    best, learning = max(found, key=lambda one: (one[0], one[1].id), default=(0.0, new))
    return Near(learning, round(best, 2), best >= SAME) if best >= NEAR else None


def save(repo: Repo, text: str, day: date) -> Learning:
    """Commit a learning; ``ArtefactRejected`` names what it lacks."""
    title, sections = _full(text)
    taken = {path.stem for path in (repo.root / FOLDER).glob("*.md")}
    name = reserve(repo, day, title, taken, suffix=".learning")
    data = (text.strip() + "\n").encode("utf-8", "replace")
    repo.commit_files({f"{FOLDER}/{name}.md": data}, f"chore(agentops): learn {name}")
    return Learning(name, title, sections)


def again(repo: Repo, name: str, text: str, day: date) -> Learning:
    """Put a text that says a kept pattern again under that learning: its evidence and what else is new in it.

    What is kept stays byte for byte; ``## Seen`` counts. ``InputInvalid`` names near ids for an
    unknown one, ``ArtefactRejected`` what the text lacks.
    """
    title, sections = _full(text)
    path = repo.root / FOLDER / f"{name}.md"
    if not path.is_file() or path.is_symlink():
        raise _unknown(repo, name)
    kept = path.read_text(encoding="utf-8", errors="surrogateescape")
    known = parse(kept)[1]
    for section in SECTIONS[1:]:
        said = sections.get(section, "")
        if not _holds(known.get(section, ""), said):
            kept = _appended(kept, section, f"Again {day.isoformat()}: {said}")
    first = f"- {name[:10]}\n" if "Seen" not in known else ""
    kept = _appended(kept, "Seen", f"{first}- {day.isoformat()}: {' '.join(title.split())}", gap="\n")
    data = kept.encode("utf-8", "surrogateescape")
    repo.commit_files({f"{FOLDER}/{name}.md": data}, f"chore(agentops): learn {name} again")
    return Learning(name, *parse(kept))


def listing(repo: Repo) -> list[Learning]:
    """Return the workspace's learnings, newest first."""
    found = []
    for path in sorted((repo.root / FOLDER).glob("*.md"), reverse=True):
        if path.is_symlink():
            continue
        title, sections = parse(path.read_text(encoding="utf-8", errors="replace"))
        found.append(Learning(path.stem, title, sections))
    return found


def _full(text: str) -> tuple[str, dict[str, str]]:
    title, sections = parse(text)
    found = lacks(title, sections)
    if found:
        message = f"The learning is not kept: {len(found)} of its parts say too little."
        remedy = "Write # title, ## Pattern, ## Evidence, ## Application, ## Reusability, a sentence or more each."
        raise ArtefactRejected(message, lacks=found, remedy=remedy)
    return title, sections


def _holds(kept: str, said: str) -> bool:
    return " ".join(said.lower().split()) in " ".join(kept.lower().split())


def _appended(text: str, section: str, added: str, gap: str = "\n\n") -> str:
    """Return a learning's markdown with a paragraph at the end of a section, which is made when it is missing."""
    heading = re.search(rf"^##\s+{section}\s*$", text, re.MULTILINE | re.IGNORECASE)
    if heading is None:
        return f"{text.rstrip()}\n\n## {section}\n\n{added}\n"
    following = _HEADING.search(text, heading.end())
    end = following.start() if following else len(text)
    head, tail = text[:end].rstrip(), text[end:]
    return f"{head}{gap}{added}\n" + (f"\n{tail}" if tail else "")


def _unknown(repo: Repo, name: str) -> InputInvalid:
    remedy = near.hint(name, [one.id for one in listing(repo)], "See `agentops learn`.", most=3, cutoff=0.4)
    return InputInvalid(f"There is no learning {name!r}.", remedy=remedy)
