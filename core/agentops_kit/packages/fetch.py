"""Taking a package from where it lies into memory; nothing it holds is run or written to the workspace."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.content.locked import Held
from agentops_kit.errors import ContentInvalid, InputInvalid
from agentops_kit.packages import archive, tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentops_kit.ids import CommitId
    from agentops_kit.memory.git import Entry, Repo
    from agentops_kit.packages.source import Source
    from agentops_kit.packages.tree import Tree

_PLAIN = {"100644": False, "100664": False, "100755": True}


class Fetched(NamedTuple):
    """The files of a source, and the commit they come from, ``""`` for what is no repository."""

    files: Tree
    commit: str = ""


def fetch(source: Source) -> Fetched:
    """Return what lies at a source.

    ``InputInvalid`` when there is nothing, ``ContentInvalid`` when it holds links, is too large or leads out,
    ``GitFailed`` with git's words.
    """
    if source.kind == "git":
        return _of_repository(source)
    path = Path(source.location)
    if source.kind == "archive" and path.is_file():
        return Fetched(_below(archive.of_file(path), source))
    if source.kind == "folder" and path.is_dir():
        if not (path / "profile.yaml").is_file():  # asked first: a folder may hold anything, in any amount
            message = f"{source.location} holds no profile.yaml."
            raise InputInvalid(message, remedy="Name the profile's own folder.")
        return Fetched(tree.of_folder(path, str(source)))
    message = f"There is no profile at {source.location}."
    raise InputInvalid(message, remedy="Name the folder or archive where it lies now.")


def one(source: Source, name: str) -> tuple[bytes | None, str]:
    """Return one file of a source, None when it has none of that name, and the commit it comes from."""
    if source.kind == "git":
        with _fetched(source) as (repo, commit):
            path = f"{source.folder}/{name}" if source.folder else name
            found = [one for one in repo.entries(commit) if one.path == path]
            for entry in found:
                tree.require_room(path, entry.size, 0, 0, str(source))
                if entry.mode not in _PLAIN:
                    raise tree.no_plain_file(path, str(source))
            return (repo.read_blobs([found[0].blob])[found[0].blob] if found else None), commit
    place = Path(source.location) / name
    if not place.is_file():
        return None, ""
    if place.is_symlink():
        raise tree.no_plain_file(name, str(source))
    tree.require_room(name, place.stat().st_size, 0, 0, str(source))
    return place.read_bytes(), ""


def _of_repository(source: Source) -> Fetched:
    with _fetched(source) as (repo, commit):
        return Fetched(_of_commit(repo, commit, source), commit)


@contextmanager
def _fetched(source: Source) -> Iterator[tuple[Repo, CommitId]]:
    """Give a scratch repository that holds the source's commit."""
    from agentops_kit.memory.git import GitFailed, Repo

    with tempfile.TemporaryDirectory(prefix="agentops-") as name:
        scratch = Repo.create(Path(name) / "scratch")
        try:
            commit = scratch.fetch(source.location, source.ref or "HEAD")
        except GitFailed as error:
            words = error.message.partition(f"{scratch.root}: ")[2] or error.message
            message = f"{source} cannot be fetched: {' '.join(words.split())[:300]}"
            raise GitFailed(
                message, remedy="Look at the address and the ref; git ls-remote lists what is there."
            ) from error
        yield scratch, commit


def _of_commit(repo: Repo, commit: str, source: Source) -> Tree:
    """Return the files of a commit's folder, read from git's objects: no filter, link or hook takes part."""
    prefix = f"{source.folder}/" if source.folder else ""
    entries = [one for one in repo.entries(commit) if one.path.startswith(prefix)]
    if not entries:
        message = f"{source.location} has no folder {source.folder!r} at {source.ref or 'its default branch'}."
        raise InputInvalid(message, remedy="Name the folder that holds profile.yaml, as in URL#profiles/NAME.")
    total = 0
    for number, one in enumerate(entries):
        total += tree.require_room(one.path, one.size, total, number, str(source))
        if one.mode not in _PLAIN:
            raise tree.no_plain_file(one.path, str(source))
    contents = repo.read_blobs(one.blob for one in entries)
    return {_name(one, prefix, source): Held(contents[one.blob], _PLAIN[one.mode]) for one in entries}


def _name(entry: Entry, prefix: str, source: Source) -> str:
    try:
        entry.path.encode()
    except UnicodeEncodeError as error:
        message = f"{source}: the path {entry.path!r} is not UTF-8."
        raise ContentInvalid(message, remedy="Ask whoever made the package to rename it.") from error
    return entry.path.removeprefix(prefix)


def _below(files: Tree, source: Source) -> Tree:
    prefix = f"{source.folder}/" if source.folder else ""
    return {path.removeprefix(prefix): one for path, one in files.items() if path.startswith(prefix)}
