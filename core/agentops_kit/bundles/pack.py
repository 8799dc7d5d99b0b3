"""Bundles as one file to share with another repository: JSON that a person can read, with checksums.

The file holds each bundle's text, which repository it comes from (its name and its first commits,
no path and no address), and nothing else. The checksums tell a file that was damaged or edited;
they do not prove who wrote it.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from agentops_kit.bundles import store
from agentops_kit.bundles.document import Bundle, dump, parse, with_counts
from agentops_kit.bundles.redaction import redacted
from agentops_kit.content.secret_settings import Secrets
from agentops_kit.errors import ContentInvalid
from agentops_kit.ids import BundleId

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from agentops_kit.memory.git import Repo

_NOTHING = Secrets()
FORMAT = "agentops.pack/1"
LARGEST = 32_000_000
"""Bytes of a pack at most."""

_MOST = 1000  # bundles
_DEEPEST = 20  # of brackets
_ADDRESS = re.compile(r"[/\\:]+")
_UNFIT = re.compile(r"[^\w.-]+")
_HEX = re.compile(r"[0-9a-f]{40,64}")
_LONGEST_NAME = 80
_REMEDY = "Ask for the file again, as `agentops bundle export` writes it."


class Origin(NamedTuple):
    """Where bundles come from: a repository's name and its first commits."""

    name: str
    roots: tuple[str, ...]


class Pack(NamedTuple):
    """Bundles of one repository."""

    origin: Origin
    bundles: tuple[Bundle, ...]


class Brought(NamedTuple):
    """What importing makes of a pack: bundles to save, new ids by old ones, ids that are here already."""

    bundles: tuple[Bundle, ...]
    renamed: dict[BundleId, BundleId]
    known: tuple[BundleId, ...]


def origin_of(repo: Repo) -> Origin:
    """Return what names a repository to others: the last part of its remote's address, else of its folder."""
    last = [part for part in _ADDRESS.split(repo.remote().rstrip("/\\")) if part][-1:]
    name = (last[0] if last else repo.root.name).removesuffix(".git")
    return Origin(_name(name), repo.roots())


def _name(text: str) -> str:
    """Return a name without what could be a password before an @, a path, or an odd character."""
    return _UNFIT.sub("-", text.rpartition("@")[2])[:_LONGEST_NAME].strip("-.") or "repository"


def dumps(pack: Pack, allowed: Secrets = _NOTHING) -> tuple[str, tuple[str, ...]]:
    """Return the file's text, and one sentence for each secret that was left out of it."""
    entries: list[dict[str, object]] = []
    said: list[str] = []
    for bundle in pack.bundles:
        clean, secrets = redacted(bundle, allowed, store.path_of(bundle.id))
        text = dump(with_counts(clean))
        entries.append({"id": bundle.id, "sha256": _digest(text), "lines": text.split("\n")})
        said += [f"{bundle.id}: {sentence}" for sentence in secrets]
    values = {
        "format": FORMAT,
        "origin": {"name": pack.origin.name, "roots": list(pack.origin.roots)},
        "bundles": entries,
    }
    written = {**values, "sha256": _digest(_canonical(values))}
    return json.dumps(written, ensure_ascii=False, indent=1) + "\n", tuple(said)


def loads(data: bytes, where: str) -> Pack:
    """Return the pack in a file's bytes; ``ContentInvalid`` when it is none, is too large, or was changed."""
    if len(data) > LARGEST:
        raise _refused(where, f"it has {len(data) / 1e6:.0f} MB; the most is {LARGEST / 1e6:.0f}")
    values = _values(data, where)
    digest = values.pop("sha256", "")
    if values.get("format") != FORMAT:
        raise _refused(where, f"its format is {str(values.get('format'))[:40]!r}, not {FORMAT!r}")
    entries = values.get("bundles")
    if not isinstance(entries, list) or not entries or len(entries) > _MOST:
        raise _refused(where, f"it holds no list of 1 to {_MOST:,} bundles")
    bundles = tuple(_bundle(entry, f"{where} (bundle {number})") for number, entry in enumerate(entries, 1))
    if digest != _digest(_canonical(values)):
        raise _refused(where, "its checksum is not that of its content, so it was damaged or edited")
    if len({bundle.id for bundle in bundles}) != len(bundles):
        raise _refused(where, "two of its bundles have one id")
    return Pack(_origin(values.get("origin"), where), bundles)


def _values(data: bytes, where: str) -> dict[str, Any]:
    try:
        values = json.loads(data.decode())
    except (ValueError, RecursionError) as error:
        reason = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else "it is not JSON"
        raise _refused(where, reason) from error
    if not isinstance(values, dict) or _depth(values) > _DEEPEST:
        raise _refused(where, "it is no mapping of keys to values")
    return values


def _depth(value: object) -> int:
    """Return how deep a value is nested, 21 for anything deeper than the deepest allowed."""
    depth, level = 0, [value]
    while level and depth <= _DEEPEST:
        inner = [one.values() if isinstance(one, dict) else one for one in level if isinstance(one, (dict, list))]
        level = [each for held in inner for each in held]
        depth += 1
    return depth


def _bundle(entry: object, where: str) -> Bundle:
    lines = entry.get("lines") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or not isinstance(lines, list) or not all(isinstance(one, str) for one in lines):
        raise _refused(where, "it has no lines of text")
    text = "\n".join(lines)
    if entry.get("sha256") != _digest(text):
        raise _refused(where, "its checksum is not that of its text, so it was damaged or edited")
    bundle = parse(text, where)
    if entry.get("id") != bundle.id:
        raise _refused(where, f"its id is {str(entry.get('id'))[:40]!r} outside and {bundle.id[:40]!r} inside")
    store.require_name(bundle.id)
    return bundle


def _origin(value: object, where: str) -> Origin:
    name = value.get("name") if isinstance(value, dict) else None
    roots = value.get("roots") if isinstance(value, dict) else None
    if not isinstance(name, str) or not isinstance(roots, list) or name != _name(name):
        raise _refused(where, "it does not say which repository it comes from")
    return Origin(name, tuple(root for root in roots if isinstance(root, str) and _HEX.fullmatch(root)))


def _refused(where: str, what: str) -> ContentInvalid:
    return ContentInvalid(f"{where} cannot be imported: {what}.", remedy=_REMEDY)


def _canonical(values: dict[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=True, sort_keys=True, separators=(",", ":"))


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


# -- bringing them in ----------------------------------------------------------------------------


def same_repository(repo: Repo, pack: Pack) -> bool:
    """Say whether a pack comes from a clone of this repository: a first commit in common, or all its commits here."""
    here = set(repo.roots())
    if here and pack.origin.roots:
        return not here.isdisjoint(pack.origin.roots)
    return all(repo.has_commit(bundle.commit) for bundle in pack.bundles)


def brought(
    pack: Pack, *, here: Sequence[Bundle], taken: Collection[str], same: bool, runs: Collection[str]
) -> Brought:
    """Return what a pack adds: foreign sources marked, runs unknown here left out, a taken id numbered.

    ``here`` are the bundles on the shelf, ``taken`` all ids that have a file, ``runs`` the runs known.
    """
    used, renamed, known = set(taken), {}, []
    bundles: list[Bundle] = []
    for bundle in pack.bundles:
        marked = with_counts(_marked(bundle, "" if same else pack.origin.name, runs))
        if any(replace(marked, id=one.id) == one for one in here if one.task == marked.task):
            known.append(bundle.id)
            continue
        name = free(bundle.id, used)
        used.add(name)
        if name != bundle.id:
            renamed[bundle.id] = name
        bundles.append(replace(marked, id=name))
    return Brought(tuple(bundles), renamed, tuple(known))


def _marked(bundle: Bundle, origin: str, runs: Collection[str]) -> Bundle:
    run = bundle.run if bundle.run in runs else None
    if not origin:
        return replace(bundle, run=run)
    sources = tuple(replace(source, repo=source.repo or origin) for source in bundle.sources)
    return replace(bundle, run=run, sources=sources, tags=tuple(dict.fromkeys((*bundle.tags, f"from:{origin}"))))


def free(name: BundleId, used: Collection[str]) -> BundleId:
    """Return a name that is not used: itself, or numbered from 2."""
    if name not in used:
        return name
    number = 2
    while f"{name}-{number}" in used:
        number += 1
    return BundleId(f"{name}-{number}")
