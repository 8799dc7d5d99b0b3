"""Reads a Claude Code transcript line by line and keeps what a later session needs of it.

Shapes are those of 2.1.197 and what older files are known to hold; a record of an unknown type
says nothing. Repeated records, as a resumed or forked session has them, count once.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from agentops_kit.bundles.distil import people, sentences
from agentops_kit.bundles.distil.attempts import Attempts
from agentops_kit.bundles.distil.story import Story
from agentops_kit.bundles.distil.tools import Tools, flat
from agentops_kit.tokens.jsonl import records

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_LONGEST = 1_500  # characters kept of a piece, before anybody knows the budget
_MOST = 2_000  # pieces of a kind kept; the oldest go first, the first prompt never
_SHORT_ANSWER = 300


def gather(
    path: Path, root: str, *, count: Callable[[str], int], scrub: Callable[[str], str], last: int | None = None
) -> Story:
    """Return a session's story; ``OSError`` when it cannot be opened.

    Paths are told relative to ``root``. ``count`` counts tokens, ``scrub`` takes out secrets. With
    ``last``, only so many bytes at the transcript's end are read.
    """
    reading = _Reading(path.stem, root, count, scrub)
    for record in records(path, last=last):
        if not record.get("isSidechain"):
            reading.take(record)
    return reading.story()


class _Reading:
    """What is known so far."""

    def __init__(self, session: str, root: str, count: Callable[[str], int], scrub: Callable[[str], str]) -> None:
        self._session = session
        self._count = count
        self._scrub = scrub
        self._attempts = Attempts()
        self._tools = Tools(root, scrub, self._attempts, self._decided, self._open)
        self._seen: set[str] = set()
        self._digest = hashlib.sha256()
        self._ended = ""
        self._tokens = 0
        self._compactions = 0
        self._prompts: dict[str, None] = {}
        self._decisions: dict[str, None] = {}
        self._leanings: dict[str, None] = {}
        self._questions: dict[str, None] = {}
        self._steps: dict[str, None] = {}
        self._last_words = ""
        self._earlier = ""

    def take(self, record: dict[str, Any]) -> None:
        """Read one record of the main thread."""
        uuid = record.get("uuid")
        if isinstance(uuid, str):
            if uuid in self._seen:
                return
            self._seen.add(uuid)
            self._digest.update(uuid.encode("utf-8", "replace"))
        at = record.get("timestamp")
        if isinstance(at, str) and at > self._ended:
            self._ended = at
        kind = record.get("type")
        if kind == "assistant":
            self._assistant(record)
        elif kind == "user":
            self._user(record)
        elif record.get("subtype") == "compact_boundary":
            self._compactions += 1

    def story(self) -> Story:
        """Return the story of what was read."""
        files, tasks, reports = self._tools.done()
        for question in sentences.asked(self._last_words):
            self._open(question)
        return Story(
            session=self._session,
            ended=self._ended,
            digest=self._digest.hexdigest(),
            tokens=self._tokens,
            compactions=self._compactions,
            prompts=tuple(self._prompts),
            decisions=tuple(self._decisions),
            leanings=tuple(self._leanings),
            questions=tuple(self._questions),
            steps=tuple(self._steps),
            files=files,
            attempts=self._attempts.all,
            tasks=tasks,
            reports=reports,
            last_words=self._last_words[:_LONGEST],
            earlier=self._earlier,
        )

    # -- the assistant ---------------------------------------------------------------------------

    def _assistant(self, record: dict[str, Any]) -> None:
        message = record.get("message")
        if not isinstance(message, dict) or message.get("model") == "<synthetic>":
            return
        blocks = message.get("content")
        identity = message.get("id")
        for block in blocks if isinstance(blocks, list) else ():
            if not isinstance(block, dict):
                continue
            text = block.get("text")
            if block.get("type") == "tool_use":
                self._tokens += self._tools.called(block, self._count)
            elif isinstance(text, str) and text.strip() and self._first(f"{identity}\n{text}" if identity else None):
                self._said(text)

    def _first(self, key: str | None) -> bool:
        """Say whether a piece without an identity of its own is met for the first time."""
        if key is None:
            return True
        short = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
        new = short not in self._seen
        self._seen.add(short)
        return new

    def _said(self, text: str) -> None:
        self._tokens += self._count(text)
        self._last_words = self._scrub(text).strip()
        for found in sentences.marked(self._last_words):
            self._note(found)

    def _note(self, found: sentences.Marked) -> None:
        keep = {
            "decision": self._decisions,
            "leaning": self._leanings,
            "question": self._questions,
            "step": self._steps,
        }[found.kind]
        _add(keep, found.text)

    # -- the person, and what tools gave back ----------------------------------------------------

    def _user(self, record: dict[str, Any]) -> None:
        message = record.get("message")
        content = message.get("content") if isinstance(message, dict) else None
        for block in content if isinstance(content, list) else ():
            if isinstance(block, dict) and block.get("type") == "tool_result":
                self._tokens += self._tools.returned(block, record.get("toolUseResult"), self._count)
        if record.get("isCompactSummary"):
            if not self._prompts and not self._last_words:
                self._earlier = self._scrub(flat(content))[:_LONGEST]
            return
        words = self._scrub(people.spoken(record))
        if words:
            self._asked(words)

    def _asked(self, words: str) -> None:
        self._tokens += self._count(words)
        # what was called an open question stays one: the next prompt is seldom its answer
        answered = [one for one in sentences.asked(self._last_words) if sentences.kind_of(one) != "question"]
        if answered and len(words) <= _SHORT_ANSWER:
            self._decided(f"{answered[-1]} — {words}")
        for question in answered:
            self._questions.pop(question[:_LONGEST], None)
        self._last_words = ""
        self._prompts.pop(words[:_LONGEST], None)
        self._prompts[words[:_LONGEST]] = None
        if len(self._prompts) > _MOST:
            del self._prompts[list(self._prompts)[1]]
        for found in sentences.marked(words, person=True):
            if found.kind == "decision":
                self._decided(found.text)

    def _decided(self, text: str) -> None:
        _add(self._decisions, text)

    def _open(self, text: str) -> None:
        _add(self._questions, text)


def _add(keep: dict[str, None], text: str) -> None:
    clean = " ".join(text.split())[:_LONGEST]
    keep.pop(clean, None)
    keep[clean] = None  # said again: as new as now
    if len(keep) > _MOST:
        del keep[next(iter(keep))]
