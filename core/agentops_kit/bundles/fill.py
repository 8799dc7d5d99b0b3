"""Bring the index up to date with a commit: only blobs that it does not know are read.

Every batch is one transaction, so that an interrupted run goes on where it stopped. Batches are
built by several processes where there is much to do and the program is our own command line:
starting a process imports the main program anew, which in somebody else's would run it again.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.bundles import corpus, segments
from agentops_kit.bundles.grammars import grammar
from agentops_kit.bundles.segment import Segment, Source, build

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Executor, Future

    from agentops_kit.bundles.segments import Key
    from agentops_kit.memory.git import Entry, Repo

    Progress = Callable[[int, int], None]

BATCH = 16_000_000
"""Bytes of blobs that make a segment."""

_MOST_DOCUMENTS = 16_000
_READ = 2_000_000  # bytes read by one git process
_WORTH_HELP = 32_000_000  # bytes, from which on other processes are started
_MOST_HELPERS = 8
_LIMIT = 1_500_000_000  # bytes of segments kept


class _Batch(NamedTuple):
    keys: list[Key]
    sources: list[Source]
    unreadable: list[Key]


def kind(path: str) -> str:
    """Return what a path is read as: ``"doc"``, a grammar, or ``""``."""
    return "doc" if corpus.shelf(path) == "doc" else grammar(path)


def key(entry: Entry) -> Key:
    """Return under which name the index knows a file's bytes."""
    return entry.blob, kind(entry.path)


def fill(connection: sqlite3.Connection, repo: Repo, entries: Sequence[Entry], progress: Progress) -> None:
    """Take in what is missing of these files; a blob that this clone lacks stays missing."""
    known = segments.known(connection, map(key, entries))
    missing = {key(entry): entry for entry in entries if key(entry) not in known}
    if not missing:
        return
    crumbs = segments.crumbs(connection)
    if crumbs:
        with connection:
            segments.drop(connection, crumbs)
        known = segments.known(connection, map(key, entries))
        missing = {key(entry): entry for entry in entries if key(entry) not in known}
    wanted = list(missing.values())
    with _helpers(sum(entry.size for entry in wanted)) as helpers:
        _build(connection, helpers, _batches(repo, wanted, progress))
    current = {facts[0] for facts in segments.known(connection, map(key, entries)).values()}
    with connection:
        segments.drop(connection, segments.oldest_beyond(connection, _LIMIT, current))


def _batches(repo: Repo, entries: Sequence[Entry], progress: Progress) -> Iterator[_Batch]:
    total, done, held = sum(entry.size for entry in entries), 0, 0
    batch = _Batch([], [], [])
    for some in _portions(entries):
        contents = repo.read_blobs(entry.blob for entry in some)
        for entry in some:
            text = corpus.written(entry.path, contents[entry.blob]) if entry.blob in contents else None
            if text is not None:
                batch.keys.append(key(entry))
                batch.sources.append(Source(entry.path, kind(entry.path), text))
            elif entry.blob in contents:
                batch.unreadable.append(key(entry))
        size = sum(entry.size for entry in some)
        held, done = held + size, done + size
        if held >= BATCH or len(batch.keys) >= _MOST_DOCUMENTS:
            yield batch
            batch, held = _Batch([], [], []), 0
        progress(done, total)
    if batch.keys or batch.unreadable:
        yield batch


def _portions(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    some: list[Entry] = []
    size = 0
    for entry in entries:
        some.append(entry)
        size += entry.size
        if size >= _READ or len(some) >= _MOST_DOCUMENTS:
            yield some
            some, size = [], 0
    if some:
        yield some


def _build(connection: sqlite3.Connection, helpers: Executor | None, batches: Iterator[_Batch]) -> None:
    if helpers is None:
        for batch in batches:
            segments.keep(connection, batch.keys, build(batch.sources), batch.unreadable)
        return
    waiting: list[tuple[_Batch, Future[Segment]]] = []
    for batch in batches:
        waiting.append((batch._replace(sources=[]), helpers.submit(build, batch.sources)))
        while len(waiting) > _count() or (waiting and waiting[0][1].done()):
            _keep(connection, *waiting.pop(0))
    for one in waiting:
        _keep(connection, *one)


def _keep(connection: sqlite3.Connection, batch: _Batch, built: Future[Segment]) -> None:
    segments.keep(connection, batch.keys, built.result(), batch.unreadable)


@contextmanager
def _helpers(size: int) -> Iterator[Executor | None]:
    """Give other processes to build with, or None where they are not worth their start or not safe."""
    if size < _WORTH_HELP or _count() < 2 or not _is_our_program():  # noqa: PLR2004 - one would only wait for another
        yield None
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    pool = ProcessPoolExecutor(_count(), mp_context=get_context("spawn"))
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _count() -> int:
    free = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(free, _MOST_HELPERS)


def _is_our_program() -> bool:
    from multiprocessing import parent_process

    main = sys.modules.get("__main__")
    spec = getattr(main, "__spec__", None)
    name = spec.name if spec is not None else os.path.basename(getattr(main, "__file__", None) or "")  # noqa: PTH119
    return parent_process() is None and (name.startswith("agentops_kit.") or name in {"agentops", "agentops.exe"})
