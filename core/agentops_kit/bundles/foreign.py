"""Bundles that older kits wrote: read where they lie, recounted, and adopted on request.

Their front matter names tokens and a ratio that nobody counted; those are kept as claims beside
the bundle, so that verifying can say what is true.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from agentops_kit.bundles.document import Bundle, Kind, with_counts
from agentops_kit.errors import ContentInvalid
from agentops_kit.ids import BundleId, CommitId, slug
from agentops_kit.tokens.count import RANKS_SHA256, count

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDERS = (".agents/bundles", ".agentops/bundles")
"""Where older kits put them; the second is ours too, and told apart by the schema."""

_FRONT = re.compile(r"\A\ufeff?---[ \t]*\r?\n(?P<front>.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_KEYS = frozenset(
    "bundle_id uuid name type phase original_tokens compressed_tokens compression_ratio size_tokens original_hash "
    "accessed_count last_accessed approved git_sha".split()
)
_TASK_KEYS = ("description", "topic", "title", "task")
_KINDS: tuple[tuple[str, Kind], ...] = (
    ("research", "research"),
    ("plan", "plan"),
    ("complete", "implementation"),
    ("progress", "progress"),
    ("implement", "implementation"),
)
_HEX = re.compile(r"[0-9a-f]{7,64}")
_NUMBER = re.compile(r"[0-9][0-9,_]*(?:\.[0-9]+)?")
_SHOWN = 200
_NEAR = 0.051  # of a ratio written with one decimal


@dataclass(frozen=True)
class Claims:
    """What an older kit's front matter says of the bundle; None and ``""`` where it says nothing."""

    original: int | None = None
    compressed: int | None = None
    ratio: float | None = None
    original_hash: str = ""


@dataclass(frozen=True)
class Foreign:
    """A bundle of an older kit: its file, what it would be as ours, its claims, and its front matter as written."""

    path: str
    bundle: Bundle
    claims: Claims
    front: str


def is_foreign(text: str) -> bool:
    """Say whether a bundle's text has front matter with an older kit's keys and not our schema."""
    found = _FRONT.match(text)
    return found is not None and not _ours(found["front"]) and not _KEYS.isdisjoint(_values(found["front"]))


def _ours(front: str) -> bool:
    return re.search(r"^schema:\s*['\"]?agentops\.bundle/", front, re.MULTILINE) is not None


def read(text: str, path: str) -> Foreign:
    """Return an older kit's bundle; ``ContentInvalid`` for a text without anything below its front matter."""
    found = _FRONT.match(text)
    front = found["front"] if found else ""
    body = text[found.end() :] if found else text
    if not body.strip():
        raise ContentInvalid(f"{path} has no text below its front matter.", remedy="Restore it with git.")
    values = _values(front)
    stem = PurePosixPath(path).stem
    commit = values.get("git_sha", values.get("commit", ""))
    bundle = Bundle(
        id=BundleId(stem if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,150}", stem) else slug(stem)),
        kind=_kind(f"{values.get('type', '')} {values.get('phase', '')}", stem),
        task=_task(values, body, stem),
        commit=CommitId(commit if _HEX.fullmatch(commit) else "0" * 40),
        body=body,
        created=values.get("created", values.get("date", "")),
        tool="an older kit",
        tags=_tags(values.get("tags", "")),
    )
    return Foreign(path, with_counts(bundle), _claims(values), front)


def _values(front: str) -> dict[str, str]:
    """Return the front matter's scalars and lists as text; what is no YAML mapping gives its ``key: value`` lines."""
    import yaml

    try:
        loaded = yaml.load(front, Loader=yaml.BaseLoader) if len(front) < 100_000 else None  # noqa: S506, PLR2004 - only text
    except (yaml.YAMLError, RecursionError):
        loaded = None
    if not isinstance(loaded, dict):
        pairs = re.findall(r"^([A-Za-z_]\w*):[ \t]*(.*?)[ \t\r]*$", front, re.MULTILINE)
        return {key: value.strip("'\"") for key, value in pairs}
    return {str(key): _text(value) for key, value in loaded.items()}


def _text(value: object) -> str:
    if isinstance(value, list):
        return "\n".join(str(one) for one in value if isinstance(one, str))
    return value if isinstance(value, str) else ""


def _tags(text: str) -> tuple[str, ...]:
    parts = re.split(r"[\n,]", text.strip("[] "))
    return tuple(dict.fromkeys(tag for part in parts if (tag := part.strip(" '\""))))


def _kind(said: str, stem: str) -> Kind:
    for words in (said, stem):
        for word, kind in _KINDS:
            if word in words.lower():
                return kind
    return "context"


def _task(values: Mapping[str, str], body: str, stem: str) -> str:
    heading = re.search(r"^#[ \t]+(.+)$", body, re.MULTILINE)
    named = next((values[key] for key in _TASK_KEYS if values.get(key, "").strip()), "")
    return " ".join((named or (heading[1] if heading else "") or stem).split())[:_SHOWN]


def _claims(values: Mapping[str, str]) -> Claims:
    original = _number(values.get("original_tokens", ""))
    compressed = _number(values.get("compressed_tokens", values.get("size_tokens", "")))
    ratio = _number(values.get("compression_ratio", "").partition(":")[0])
    return Claims(
        int(original) if original is not None else None,
        int(compressed) if compressed is not None else None,
        ratio,
        values.get("original_hash", values.get("hash", "")),
    )


def _number(text: str) -> float | None:
    """Return the first number in a text such as ``~2,800``, ``38:1`` or ``2.8k``."""
    found = _NUMBER.search(text)
    if found is None:
        return None
    factor = 1000 if text[found.end() : found.end() + 1].lower() == "k" else 1
    return float(found[0].replace(",", "").replace("_", "")) * factor


# -- telling the truth about one, and making it ours -----------------------------------------------


def problems(one: Foreign) -> tuple[str, ...]:
    """Return one sentence for each number that its front matter claims and a count does not bear out."""
    found = []
    claims = one.claims
    counts = {encoding: count(one.bundle.body, encoding) for encoding in sorted(RANKS_SHA256)}
    shown = " or ".join(f"{tokens:,} ({encoding})" for encoding, tokens in counts.items())
    if claims.compressed is not None and claims.compressed not in counts.values():
        found.append(f"It claims {claims.compressed:,} tokens; its text has {shown}.")
    if claims.original is not None and claims.ratio is not None:
        true = {round(claims.original / tokens, 1) for tokens in counts.values() if tokens}
        if all(abs(claims.ratio - ratio) > _NEAR for ratio in true):
            by = " or ".join(f"{ratio}" for ratio in sorted(true))
            found.append(f"It claims a ratio of {claims.ratio:g}:1; {claims.original:,} over its count is {by}:1.")
    return tuple(found)


def notes(one: Foreign) -> tuple[str, ...]:
    """Return what a reader should know: that it is foreign, what cannot be checked, how to adopt it."""
    found = [f"{one.path} was written by an older kit; adopt it: agentops bundle import {one.path}"]
    if one.claims.original is not None:
        kept = "only their hash is" if one.claims.original_hash else "they are not"
        found.append(
            f"Its {one.claims.original:,} original tokens cannot be counted: what they were counted of is not here"
            f" ({kept} kept)."
        )
    return tuple(found)


def adopted(one: Foreign, bundle_id: BundleId, commit: CommitId) -> Bundle:
    """Return it as a bundle of ours; its own front matter stands below the body, so that nothing is lost.

    ``commit`` is recorded when the file names none.
    """
    body = one.bundle.body
    if one.front.strip():
        gap = "" if body.endswith("\n\n") else "\n" if body.endswith("\n") else "\n\n"
        longest = max((len(run) for run in re.findall("`+", one.front)), default=0)
        fence = "`" * max(3, longest + 1)
        body += f"{gap}## Front matter of the older kit\n\n{fence}yaml\n{one.front.rstrip()}\n{fence}\n"
    known = one.bundle.commit if one.bundle.commit.strip("0") else commit
    return with_counts(replace(one.bundle, id=bundle_id, body=body, commit=known, tool=""))
