"""Indexes: YAML files that say which profiles there are and where they lie, in a folder or a git repository."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.content import frontmatter
from agentops_kit.errors import ContentInvalid, InputInvalid
from agentops_kit.packages import fetch, source
from agentops_kit.packages.source import Source
from agentops_kit.text import near

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PATH = ".agentops/indexes.yaml"
FILE = "index.yaml"
_HEAD = "# Indexes of profiles, name and source, one line each. Written by `agentops profile index`.\n"


class Found(NamedTuple):
    """A profile that an index offers; ``where`` is the index, ``sha256`` empty where it pins nothing."""

    where: str
    name: str
    version: str
    description: str
    source: Source
    sha256: str


def read(root: Path) -> dict[str, str]:
    """Return the workspace's indexes, name and source; ``ContentInvalid`` names the line that is broken."""
    path = root / PATH
    if not path.is_file():
        return {}
    document = frontmatter.parse_yaml(path.read_text(encoding="utf-8", errors="replace"), PATH)
    for name, said in document.values.items():
        if not isinstance(said, str) or not isinstance(name, str):
            message = f"{PATH}:{document.line((str(name),))}: {name!r} has no source."
            raise ContentInvalid(message, remedy="Write `name: source` on one line.")
    return document.values


def dump(indexes: dict[str, str]) -> bytes:
    """Return the file's bytes for these indexes."""
    import json

    return (
        _HEAD + "".join(f"{json.dumps(name)}: {json.dumps(said)}\n" for name, said in sorted(indexes.items()))
    ).encode()


def offers(name: str, place: Source) -> tuple[Found, ...]:
    """Return what an index offers.

    ``ContentInvalid`` names what is wrong in it, or an entry that points out of it to this machine.
    """
    from agentops_kit.content import schema
    from agentops_kit.packages.shapes import Index

    data, commit = fetch.one(place, FILE)
    if data is None:
        message = f"The index {name!r} has no {FILE} in {place}."
        raise ContentInvalid(message, remedy="Name the folder that holds it, as in URL#folder.")
    where = f"{name}: {FILE}"
    index = schema.check(Index, frontmatter.parse_yaml(data.decode("utf-8", "replace"), where))
    home = source.at(place, commit) if commit else place
    return tuple(
        Found(name, profile, one.version, one.description, _of_entry(one.source, home, where), one.sha256 or "")
        for profile, one in sorted(index.profiles.items())
    )


def search(indexes: dict[str, str], root: Path, words: str) -> Iterator[Found]:
    """Yield the profiles whose name or description holds every word."""
    wanted = words.casefold().split()
    for name, said in indexes.items():
        for one in offers(name, _place(name, said, root)):
            text = f"{one.name} {one.description}".casefold()
            if all(word in text for word in wanted):
                yield one


def _place(name: str, said: str, root: Path) -> Source:
    """Return where an index lies; ``InputInvalid`` names one whose folder is gone."""
    gone = f"The index {name!r} is not at {said} any more"
    mend = f"Bring it back, or: agentops profile index remove {name}"
    try:
        place = source.parse(said, root)
    except InputInvalid as error:
        raise InputInvalid(f"{gone}: {error.message}", remedy=mend) from error
    if place.kind == "index":  # what is no path reads as a name in an index
        raise InputInvalid(f"{gone}.", remedy=mend)
    return place


def look_up(wanted: Source, indexes: dict[str, str], root: Path) -> Found:
    """Return what the one index that has a name says of it; ``InputInvalid`` when none or several have it."""
    chosen = _chosen(wanted, indexes)
    found = [one for name, said in chosen.items() for one in offers(name, _place(name, said, root))]
    hits = [one for one in found if one.name == wanted.location]
    if len(hits) == 1:
        return hits[0]
    if hits:
        message = f"The name {wanted.location!r} stands in {len(hits)} indexes."
        raise InputInvalid(message, remedy=f"Say which: {_either(hits)}.")
    mend = near.hint(wanted.location, [one.name for one in found], "Look with `agentops profile search WORDS`.")
    message = f"No index has a profile {wanted.location!r}."
    raise InputInvalid(message, remedy=mend)


def _chosen(wanted: Source, indexes: dict[str, str]) -> dict[str, str]:
    if not indexes:
        message = f"{wanted.location!r} is no path here, and no index is known to look it up in."
        raise InputInvalid(message, remedy="Add one with `agentops profile index add NAME SOURCE`.")
    if wanted.index and wanted.index not in indexes:
        message = f"There is no index {wanted.index!r}."
        raise InputInvalid(message, remedy=f"Indexes: {', '.join(indexes)}.")
    return {wanted.index: indexes[wanted.index]} if wanted.index else indexes


def _either(hits: Iterable[Found]) -> str:
    return " or ".join(f"{one.where}:{one.name}" for one in hits)


def _of_entry(said: str, home: Source, where: str) -> Source:
    """Return the place an entry names: inside its index, or an address that everybody reaches."""
    if "://" in said or said.startswith("git@"):
        place = source.parse(said, Path("/"))
        if source.is_local(place):
            raise _outside(said, where)
        return place
    clean = os.path.normpath(said)
    if said.startswith(("/", "~")) or clean.split("/")[0] == "..":
        raise _outside(said, where)
    if home.kind == "git":
        folder = os.path.normpath(f"{home.folder}/{clean}") if home.folder else clean
        return Source("git", home.location, home.ref, "" if folder == "." else folder)
    real, above = os.path.realpath(Path(home.location) / clean), os.path.realpath(home.location)
    if real != above and not real.startswith(above + os.sep):
        raise _outside(said, where)
    return Source("folder", real)


def _outside(said: str, where: str) -> ContentInvalid:
    message = f"{where} points to {said!r}, which is outside the index."
    return ContentInvalid(message, remedy="An index names folders of its own, or https and ssh addresses.")
