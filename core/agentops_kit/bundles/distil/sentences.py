"""Sentences that carry a decision, a question or a next step, found by the words that mark them (English)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal["decision", "leaning", "question", "step"]

_DECISION = re.compile(
    r"\b(?:deci(?:de[ds]?|sions?)|chos(?:e|en)|choos(?:e|ing)|opt(?:ed|ing)? for|going with|go with|settled on|agreed"
    r"|(?:i|we|let'?s|let us)(?:'ll| will)? (?:use|keep|stick|stay|switch|drop|avoid)\b|trade-?offs?"
    r"|reject(?:ed|s)|ruled out|root cause|constraints?|by design|on purpose|approved)\b",
    re.IGNORECASE,
)
_LEANING = re.compile(r"\b(?:instead of|rather than|turn(?:s|ed) out|prefer(?:red|s)?|no longer)\b", re.IGNORECASE)
"""Words of decisions that other sentences use as well."""
_DIRECTIVE = re.compile(r"\b(?:must(?:n'?t)?|never|always|only|do not|don'?t|make sure|use|keep)\b", re.IGNORECASE)
"""Decides when a person says it; an assistant says it of anything."""
_QUESTION = re.compile(
    r"\b(?:open questions?|unclear|not sure (?:whether|if|how)|to be (?:decided|clarified))\b", re.IGNORECASE
)
_STEP = re.compile(
    r"\b(?:next steps?|next up|to-?dos?|remaining|remains|still (?:to do|needs?|missing|open|have to)|follow-?ups?"
    r"|not yet|left to do)\b|^next:",
    re.IGNORECASE,
)
_FENCE = re.compile(r"^(```|~~~).*?^\1[^\n]*$|^(?:```|~~~).*\Z", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^(?:#{1,6}\s+(?P<head>.+?)|\*\*(?P<bold>[^*]+?):?\*\*:?|(?P<plain>[^.!?|`]{3,30}):)\s*$")
_ITEM = re.compile(r"^\s*(?:[-*+•]|\d+[.)])\s+(?:\[[ xX]\]\s+)?")
_END = re.compile(r"(?<=[.!?])[\"')\]*`]*\s+|(?<=[\u3002\uff01\uff1f])")
_BOLD = re.compile(r"\*\*([^*]+)\*\*")
_FEWEST = 3  # words: less is no sentence anybody can use; scripts without spaces have one
_LONGEST = 2_000


class Marked(NamedTuple):
    """A sentence and what it carries; a leaning may be a decision or not."""

    kind: Kind
    text: str


def marked(text: str, *, person: bool = False) -> Iterator[Marked]:
    """Yield the sentences that carry something; what stands under "Next steps" counts without a mark."""
    under: Kind | None = None
    for line, is_item in _lines(text):
        head = _HEADING.match(line)
        if head and not is_item:
            under = _kind_of_heading(next(one for one in head.groups() if one))
            continue
        if not is_item:
            under = None
        for sentence in split(line):
            kind = under or kind_of(sentence, person=person)
            if kind is not None and (under or _long_enough(sentence)):
                yield Marked(kind, sentence)


def asked(text: str) -> list[str]:
    """Return the sentences of a text that end in a question mark."""
    found = [sentence for line, _ in _lines(text) for sentence in split(line)]
    return [one for one in found if one.rstrip("\"')*_ ").endswith(("?", "\uff1f")) and _long_enough(one)]


def kind_of(sentence: str, *, person: bool = False) -> Kind | None:
    """Return what a sentence carries by its words, None for nothing; a question's mark comes before a step's."""
    if _QUESTION.search(sentence):
        return "question"
    if _STEP.search(sentence):
        return "step"
    if sentence.endswith("?"):
        return None
    if _DECISION.search(sentence) or (person and _DIRECTIVE.search(sentence)):
        return "decision"
    return "leaning" if _LEANING.search(sentence) else None


def _long_enough(sentence: str) -> bool:
    return len(sentence.split()) >= _FEWEST or not sentence.isascii()


def split(line: str) -> list[str]:
    """Return a line's sentences, plain of the marks around them."""
    plain = _BOLD.sub(r"\1", line[:_LONGEST])
    return [clean for part in _END.split(plain) if (clean := part.strip().strip("*_ "))]


def _lines(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the lines of prose with whether each is a list item; code and tables are none."""
    for raw in _FENCE.sub("", text).splitlines():
        line = raw.strip()
        if line and not line.startswith(("|", ">", "<")):
            item = _ITEM.match(line)
            yield (line[item.end() :] if item else line), item is not None


def _kind_of_heading(words: str) -> Kind | None:
    lower = words.lower()
    if "question" in lower:
        return "question"
    if "next" in lower or "remaining" in lower or "todo" in lower or "to do" in lower:
        return "step"
    return "decision" if "decision" in lower or "decided" in lower else None
