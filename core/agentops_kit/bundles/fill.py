"""Bring the index up to date with a commit: only blobs that it does not know are read.

Every batch is one transaction, so that an interrupted run goes on where it stopped. Where there is much
to do, other processes build batches beside us.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from agentops_kit.bundles import segments
from agentops_kit.bundles.intake import key, parts, take_in

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from agentops_kit.bundles.intake import Built
    from agentops_kit.memory.git import Entry, Repo

    Progress = Callable[[int, int], None]

BATCH = 16_000_000
"""Bytes of blobs that make a segment at most."""

_WORTH_HELP = 1_500_000  # bytes, for which another process is worth its start
_MOST_HELPERS = 7
_LIMIT = 1_500_000_000  # bytes of segments kept


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
    _build(connection, repo, wanted, progress)
    current = {facts[0] for facts in segments.known(connection, map(key, entries)).values()}
    with connection:
        segments.drop(connection, segments.oldest_beyond(connection, _LIMIT, current))


def _build(connection: sqlite3.Connection, repo: Repo, entries: Sequence[Entry], progress: Progress) -> None:
    from agentops_kit.bundles import crew

    total, done = sum(entry.size for entry in entries), 0
    helpers = max(0, min(_cores() - 1, total // _WORTH_HELP - 1, _MOST_HELPERS))

    def keep(one: Built) -> None:
        nonlocal done
        segments.keep(connection, one.keys, one.segment, one.unreadable)
        done += one.size
        progress(done, total)

    with crew.crew(repo, list(parts(entries, min(BATCH, total // (helpers + 1) + 1))), helpers) as found:
        while (part := found.take()) is not None:
            keep(take_in(repo, part, lambda size: progress(done + size, total)))
            for one in found.built():
                keep(one)
        for one in found.built():
            keep(one)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
