"""Files of a commit read and made into a part of the index: what any process can do alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.bundles import corpus
from agentops_kit.bundles.grammars import grammar
from agentops_kit.bundles.segment import Segment, Source, build

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from agentops_kit.bundles.segments import Key
    from agentops_kit.memory.git import Entry, Repo

READ = 2_000_000
"""Bytes read by one git process."""

_MOST_DOCUMENTS = 16_000


class Built(NamedTuple):
    """A batch that was read: its documents with their index, what is no text, and how many bytes all were."""

    keys: list[Key]
    segment: Segment
    unreadable: list[Key]
    size: int


def kind(path: str) -> str:
    """Return what a path is read as: ``"doc"``, a grammar, or ``""``."""
    return "doc" if corpus.shelf(path) == "doc" else grammar(path)


def key(entry: Entry) -> Key:
    """Return under which name the index knows a file's bytes."""
    return entry.blob, kind(entry.path)


def take_in(repo: Repo, entries: Sequence[Entry], heard: Callable[[int], None] = lambda _: None) -> Built:
    """Read files and build their index; ``heard`` is told how many bytes are read."""
    keys: list[Key] = []
    sources: list[Source] = []
    unreadable: list[Key] = []
    size = 0
    for some in parts(entries, READ):
        contents = repo.read_blobs(entry.blob for entry in some)
        for entry in some:
            text = corpus.written(entry.path, contents[entry.blob]) if entry.blob in contents else None
            if text is not None:
                keys.append(key(entry))
                sources.append(Source(entry.path, kind(entry.path), text))
            elif entry.blob in contents:
                unreadable.append(key(entry))
        size += sum(entry.size for entry in some)
        heard(size)
    return Built(keys, build(sources), unreadable, size)


def parts(entries: Sequence[Entry], most: int) -> Iterator[list[Entry]]:
    """Cut a list of files where their bytes reach ``most``, or they are very many."""
    some: list[Entry] = []
    size = 0
    for entry in entries:
        some.append(entry)
        size += entry.size
        if size >= most or len(some) >= _MOST_DOCUMENTS:
            yield some
            some, size = [], 0
    if some:
        yield some
