"""Names typed by meaning, and how readable ids are made."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NewType

if TYPE_CHECKING:
    from collections.abc import Container
    from datetime import date

RunId = NewType("RunId", str)
"""``2026-11-21-oauth2-support``: sorts by day, says what the run is about."""

BundleId = NewType("BundleId", str)
"""``<run id>-<kind>`` or ``<day>-<slug>``; also the file's stem under ``.agentops/bundles``."""

CommitId = NewType("CommitId", str)
"""A commit's object name, 40 (or 64) hexadecimal digits."""

TreeId = NewType("TreeId", str)
"""A tree's object name; two work trees with equal ids hold equal files."""

BlobId = NewType("BlobId", str)
"""A blob's object name."""

Sha256 = NewType("Sha256", str)
"""64 hexadecimal digits over a file's bytes."""

FILLER = frozenset(
    "a an and are as at be by can do does for from how i in into is it its me my of on or our please should that the "
    "this to we what when where which why will with would".split()
)
_LONGEST_SLUG = 40


def slug(text: str) -> str:
    """Return up to 40 characters of lower-case words joined by hyphens, ``task`` when nothing is left."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", plain.lower())
    telling = [word for word in words if word not in FILLER] or words
    kept = ""
    for word in telling:
        longer = f"{kept}-{word}" if kept else word
        if len(longer) > _LONGEST_SLUG:
            break
        kept = longer
    return kept or (telling[0][:_LONGEST_SLUG] if telling else "task")


def dated_id(day: date, text: str, taken: Container[str]) -> str:
    """Return ``<day>-<slug>``, numbered from 2 when that id is taken."""
    base = f"{day.isoformat()}-{slug(text)}"
    if base not in taken:
        return base
    number = 2
    while f"{base}-{number}" in taken:
        number += 1
    return f"{base}-{number}"
