"""Compiled indexes kept on disk, so that a call only reads one: in the git directory, or the user's cache."""

from __future__ import annotations

import os
import zlib
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from agentops_kit.routing import index as compiled
from agentops_kit.routing import stored

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agentops_kit.routing.catalogue import Candidate
    from agentops_kit.routing.index import Index

_MOST_KEPT = 12


def folder(start: Path) -> Path:
    """Return where indexes are kept for a place: its repository's git directory, else the user's cache."""
    for place in (start, *start.parents):
        if (place / ".git").is_dir():
            return place / ".git" / "agentops" / "cache" / "routes"
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 - fails without a home
    return Path(base) / "agentops" / "routes"


def index(place: Path, key: str, candidates: Callable[[], Sequence[Candidate]], *, with_encoder: bool = False) -> Index:
    """Return the index kept under a key, or compile the candidates and keep it; a place that takes none is no fault."""
    path = place / f"{key}.index"
    with suppress(OSError, ValueError):
        return stored.load(path.read_bytes())
    made = compiled.compiled(candidates(), with_encoder=with_encoder)
    with suppress(OSError):
        _write(path, stored.dump(made))
    return made


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(f".{os.getpid()}")
    new.write_bytes(data)
    new.replace(path)
    kept = sorted(path.parent.glob("*.index"), key=lambda one: one.stat().st_mtime_ns)
    for old in kept[:-_MOST_KEPT]:
        old.unlink(missing_ok=True)


def key(*parts: bytes) -> str:
    """Return a name for what was compiled from these bytes, with this format and table.

    Two checksums and the length of each tell a change; the cache is the user's own, and nobody gains by a forged one.
    A cryptographic library takes longer to load than a task to route.
    """
    from agentops_kit.routing import learned, table

    words = table.PATH.stat()
    made_by = f"{stored.FORMAT} {words.st_size} {words.st_mtime_ns} {learned.shipped().checksum}".encode()
    held = (made_by, *parts)
    return "".join(f"{len(part):x}-{zlib.crc32(part):08x}{zlib.adler32(part):08x}." for part in held).rstrip(".")


def stamp(*, with_encoder: bool) -> bytes:
    """Return what names the encoder in a key, empty without one; ``InputInvalid`` where it is wanted and missing."""
    if not with_encoder:
        return b""
    from agentops_kit.routing import encoder

    return encoder.stamp()
