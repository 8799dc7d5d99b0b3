"""Documents of the memory cut into passages: a heading and the lines below it, small enough to be an answer."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from agentops_kit.ids import FILLER
from agentops_kit.text.words import identifiers, parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LONGEST = 40  # lines; a longer section is several passages under one heading
_MOST_CHARACTERS = 4000
_HEADING_COUNTS = 3
_HEADING = re.compile(r"^#{1,6}\s+(?P<words>.+?)\s*#*\s*$")
_FENCE = re.compile(r"^\s*(```+|~~~+)")
_FRONT = re.compile(r"\A\ufeff?---[ \t]*\r?\n.*?^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_SLOT = re.compile(r"\[fill:[^\]]*\]")


class Passage(NamedTuple):
    """A heading and the text below it; ``line`` is where the text begins in its file, from 1, or 0 for none."""

    heading: str
    line: int
    text: str


def of_markdown(text: str) -> list[Passage]:
    """Return a document's passages; front matter is left out, headings in code are no headings."""
    front = _FRONT.match(text)
    skipped = front[0].count("\n") if front else 0
    found: list[Passage] = []
    title = heading = ""
    held: list[str] = []
    start, fenced = skipped + 1, False
    for number, line in enumerate(_SLOT.sub("", text[front.end() :] if front else text).splitlines(), skipped + 1):
        fenced ^= _FENCE.match(line) is not None
        named = None if fenced else _HEADING.match(line)
        if named or len(held) >= _LONGEST:
            found += _passage(heading, start, held)
            held, start = ([], number + 1) if named else ([line], number)
            if named:
                title = title or named["words"]
                heading = named["words"] if named["words"] == title else f"{title} — {named['words']}"
        else:
            held.append(line)
    found += _passage(heading, start, held)
    return found or ([Passage(title, 1, "")] if title else [])


def of_learning(text: str) -> list[Passage]:
    """Return a learning as one passage: its parts are one answer."""
    passages = of_markdown(text)
    if not passages:
        return []
    said = "\n".join(one.text for one in passages)
    return [Passage(title_of(text).removeprefix("Learning: "), passages[0].line, said[:_MOST_CHARACTERS])]


def title_of(text: str) -> str:
    """Return a document's first heading, empty without one."""
    front = _FRONT.match(text)
    lines = (text[front.end() :] if front else text).splitlines()
    return next((found["words"] for found in map(_HEADING.match, lines) if found), "")


def of_run(record: Any) -> list[Passage]:
    """Return what people said in a run, from its record as YAML reads it; nothing from what is no record."""
    if not isinstance(record, dict):
        return []
    tasks = record.get("tasks")
    asked = [str(one) for one in tasks.values()] if isinstance(tasks, dict) else []
    noted = [_said(one, "event", "note") for one in _records(record.get("history"))]
    noted += [_said(one, "phase", "note") for one in _records(record.get("approvals"))]
    noted += [_said(one, "command", "expected") for one in _records(record.get("evidence"))]
    heading = " ".join((asked or [str(record.get("id", ""))])[0].split())[:200]
    lines = list(dict.fromkeys([*asked, *(line for line in noted if line)]))
    return [Passage(heading, 0, "\n".join(lines)[:_MOST_CHARACTERS])]


def of_commit(subject: str, body: str) -> list[Passage]:
    """Return a commit message as one passage."""
    return [Passage(subject, 0, body[:_MOST_CHARACTERS])]


def terms(passage: Passage) -> Counter[str]:
    """Return how often each folded term occurs; the heading counts three times."""
    found: Counter[str] = Counter()
    for text, weight in ((passage.heading, _HEADING_COUNTS), (passage.text, 1)):
        for word, times in Counter(identifiers(text)).items():
            if word.lower() not in FILLER:
                for term in parts(word):
                    found[term] += weight * times
    return found


def quote(text: str, wanted: Iterable[str], weights: dict[str, float]) -> str:
    """Return the line that holds the most of the wanted terms by weight, the first of equals."""
    asked = set(wanted)
    best, best_weight = "", 0.0
    for line in text.splitlines():
        held = {term for word in identifiers(line) for term in parts(word)} & asked
        weight = sum(weights.get(term, 0.0) for term in sorted(held))
        if weight > best_weight:
            best, best_weight = line.strip(), weight
    return best


def _passage(heading: str, start: int, lines: list[str]) -> Iterator[Passage]:
    text = "\n".join(lines).strip()
    if text:
        blank = next(number for number, line in enumerate(lines) if line.strip())
        yield Passage(heading, start + blank, text[:_MOST_CHARACTERS])


def _records(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _said(record: dict[str, Any], name: str, note: str) -> str:
    return f"{record.get(name, '')}: {record[note]}" if record.get(note) else ""
