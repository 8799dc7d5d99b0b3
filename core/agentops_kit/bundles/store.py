"""Bundles on disk: saved as memory commits, found by what a person remembers of their name."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.bundles.document import Bundle, dump, parse, with_counts
from agentops_kit.errors import ContentInvalid, InputInvalid
from agentops_kit.ids import BundleId

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.ids import CommitId
    from agentops_kit.memory.git import Repo

FOLDER = ".agentops/bundles"
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
_LATEST = "latest"
_SHOWN = 80  # characters of a name repeated in a message


class Shelf(NamedTuple):
    """The bundles that read well, newest first, and one sentence for each file that does not."""

    bundles: tuple[Bundle, ...]
    broken: tuple[str, ...]


def path_of(bundle_id: BundleId) -> str:
    """Return a bundle's path from the workspace's root."""
    return f"{FOLDER}/{bundle_id}.md"


def save(repo: Repo, bundle: Bundle, message: str) -> CommitId:
    """Count the bundle's tokens afresh, write it and commit it with ``message``.

    Raises ``InputInvalid`` for an id that is no file name, ``ContentInvalid`` for values that would
    not read back, and what ``Repo.commit_files`` raises.
    """
    if not _FILE_NAME.fullmatch(bundle.id):
        message = f"A bundle cannot be called {bundle.id[:_SHOWN]!r}."
        raise InputInvalid(message, remedy="Use up to 200 letters, digits, dots and hyphens.")
    text = dump(with_counts(bundle))
    path = path_of(bundle.id)
    parse(text, path)  # what is saved can be read again
    return repo.commit_files({path: text.encode("utf-8", "replace")}, message)


def load(repo: Repo, bundle_id: BundleId) -> Bundle:
    """Return the bundle with exactly this id; ``InputInvalid`` without a file, ``ContentInvalid`` for a broken one."""
    path = path_of(bundle_id)
    target = repo.root / path
    if not _FILE_NAME.fullmatch(bundle_id) or target.is_symlink() or not target.is_file():
        raise InputInvalid(f"There is no bundle {bundle_id[:_SHOWN]!r}.", remedy="See `agentops bundle list`.")
    return _read(target, path)


def _read(target: Path, path: str) -> Bundle:
    try:
        text = target.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise ContentInvalid(f"{path} is not UTF-8.", remedy="Mend the file, or restore it with git.") from error
    bundle = parse(text, path)
    if bundle.id != target.stem:
        message = f"{path} says its id is {bundle.id!r}."
        raise ContentInvalid(message, remedy="Give the file the name of its id, or mend the id.")
    return bundle


def scan(repo: Repo) -> Shelf:
    """Read every bundle in the work tree; links are not followed."""
    bundles, broken = [], []
    for target in sorted((repo.root / FOLDER).glob("*.md")):
        if target.is_symlink() or not target.is_file():
            continue
        try:
            bundles.append(_read(target, f"{FOLDER}/{target.name}"))
        except ContentInvalid as error:
            broken.append(error.message)
    bundles.sort(key=_age, reverse=True)
    return Shelf(tuple(bundles), tuple(broken))


def listing(repo: Repo) -> tuple[Bundle, ...]:
    """Return the bundles of the work tree that read well, newest first."""
    return scan(repo).bundles


def _age(bundle: Bundle) -> tuple[datetime, str]:
    for text in (bundle.created, bundle.id[:10]):
        try:
            when = datetime.fromisoformat(text)
        except ValueError:
            continue
        return (when if when.tzinfo else when.replace(tzinfo=UTC)), bundle.id
    return datetime.min.replace(tzinfo=UTC), bundle.id


def find(repo: Repo, name: str) -> Bundle:
    """Return a bundle by id, ``latest``, run id (its newest bundle) or a prefix only one id has.

    Raises ``InputInvalid`` with near names for an unknown or ambiguous name, ``ContentInvalid``
    when the file with that id is broken.
    """
    if _FILE_NAME.fullmatch(name) and (repo.root / path_of(BundleId(name))).is_file():
        return load(repo, BundleId(name))
    bundles = listing(repo)
    if name == _LATEST and bundles:
        return bundles[0]
    of_run = [bundle for bundle in bundles if bundle.run == name]
    if of_run:
        return of_run[0]
    begun = [bundle for bundle in bundles if name and bundle.id.startswith(name)]
    if len(begun) == 1:
        return begun[0]
    raise _unknown(name, begun, bundles)


def _unknown(name: str, begun: list[Bundle], bundles: tuple[Bundle, ...]) -> InputInvalid:
    name = name[:_SHOWN]
    if begun:
        ids = ", ".join(bundle.id for bundle in begun[:5])
        return InputInvalid(f"{len(begun)} bundles begin with {name!r}.", remedy=f"Say more of the name: {ids}.")
    if not bundles:
        remedy = "Make one with `agentops bundle make`."
        return InputInvalid(f"There is no bundle {name!r}, nor any other.", remedy=remedy)
    near = get_close_matches(name, [bundle.id for bundle in bundles], n=3, cutoff=0.4)
    known = ", ".join(near or [bundle.id for bundle in bundles[:3]])
    return InputInvalid(f"There is no bundle {name!r}.", remedy=f"Did you mean: {known}?")
