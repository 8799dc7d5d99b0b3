"""Which candidates a text names, as one calls somebody."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_INSTRUCTS = (
    r"\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:instructions?|rules?|prompts?|routing)\b"
    r"|\bconfidence\b.{0,12}\b(?:1(?:\.0*)?|0?\.\d|\d+ ?%)"
)


def places(ids: Sequence[str], text: str) -> list[int]:
    """Return the places of the ids that a text names outright.

    A name of one common word counts only where it is called: ``/plan``, ``@reviewer``, "ask the reviewer",
    "the reviewer persona", or where it is all that is said. In a text that tells the router what to say, names are
    only words.
    """
    lower = text.lower()
    found = [at for at, one in enumerate(ids) if one.lower() in lower and _is_called(one.lower(), lower)]
    return [] if found and re.search(_INSTRUCTS, lower, re.DOTALL) else found


def _is_called(name: str, lower: str) -> bool:
    if lower.strip(" \t\r\n.!?\"'`") == name:
        return True  # nothing but the name
    quoted = re.escape(name)
    if re.search(rf"(?<![\w/@.-])[/@`]{quoted}(?![\w/.-]*\w)", lower):
        return True
    plain_name = rf"(?<![\w/.@-]){quoted}(?![\w/-]|\.\w)"
    if "-" in name and re.search(plain_name, lower):
        return True
    calls = r"(?:ask|use|call|run|start|launch|invoke|with|let|have|get|hand(?: this| it)? to|route(?: this| it)? to)"
    kinds = r"(?:agent|persona|command|workflow|subagent)"
    return bool(
        re.search(rf"\b{calls}\s+(?:the\s+|our\s+|my\s+)?{plain_name}\s+{kinds}\b", lower)
        or re.search(rf"\bthe\s+{plain_name}\s+{kinds}\b", lower)
        or re.search(rf"\bask\s+(?:the|our)\s+{plain_name}\s+(?:to|about|whether|why|how)\b", lower)
    )
