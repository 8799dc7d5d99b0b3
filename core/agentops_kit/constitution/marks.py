"""Marks that programs leave at the top of what they write: "generated", "do not edit", and from what."""

from __future__ import annotations

import re

_LINES = 40
_COMMENT = re.compile(r"^[ \t]*(?://+!?|/\*+|\*(?!\*)|#+!?|--+|;+|<!--|%+|\(\*|\{#|REM\b|rem\b)[ \t]?(?P<text>.*)$")
_GEN = "generated"  # written apart, so that this file carries no mark itself
_NO = r"(?:do not|don't|must not|should not) (?:be )?(?:hand[- ]?)?(?:manually )?(?:edit|modify|change|alter)(?:ed)?\b"
_MARK = re.compile(
    "|".join(
        [
            rf"^[ \t]*(?:this file (?:is|was) )?(?:auto-?(?:matically)?[ -]?)?@{_GEN}\b",
            rf"\bcode {_GEN} .{{0,120}}\bdo not edit\b",
            (
                rf"(?:^[ \t]*|\bthis (?:file|code|page|module) (?:is|was|has been) |\bauto(?:matically)?[ -]?){_GEN}\b"
                rf".{{0,200}}\b{_NO}"
            ),
            rf"\b{_NO}(?! (?:the )?{_GEN}).{{0,120}}\b(?:is|was|been|file|auto(?:matically)?)[ -]?{_GEN}\b",
        ]
    ),
    re.IGNORECASE | re.DOTALL | re.MULTILINE,
)
_SOURCE = re.compile(
    rf"\b(?:{_GEN} (?:by .{{1,60}}? )?from|source(?: file)?:?)[ \t]+[`'\"]?"
    r"(?P<path>[\w.@-]+(?:/[\w.@-]+)*\.[A-Za-z]\w{0,9})(?=[`'\"]?(?:[\s,;:)]|\.(?:\s|$)|$))",
    re.IGNORECASE,
)


def is_marked(head: str) -> bool:
    """Say whether comments among a file's first lines say that a program wrote it and nobody edits it."""
    return _MARK.search(_comments(head)) is not None


def named_source(head: str, path: str) -> str:
    """Return the source file a mark names, ``""`` when it names none or only the file itself."""
    found = _SOURCE.search(_comments(head))
    return found["path"] if found and found["path"] != path.rpartition("/")[2] else ""


def _comments(head: str) -> str:
    lines = (_COMMENT.match(line) for line in head.removeprefix("\ufeff").splitlines()[:_LINES])
    return "\n".join(found["text"].strip() for found in lines if found)
