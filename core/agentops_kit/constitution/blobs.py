"""The bytes of blobs, read together: one git process tells sizes, and one reads some hundred at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from agentops_kit.ids import BlobId

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from agentops_kit.memory.git import Repo

LARGEST = 5_000_000
"""Bytes up to which a file is looked into; a larger one is data."""
_GROUP = 256
_HELD = 64_000_000


class Sides(Protocol):
    """A change with its blobs before and after, ``""`` where there is none."""

    @property
    def old(self) -> str:
        """The blob before."""

    @property
    def new(self) -> str:
        """The blob after."""


class Blobs:
    """The bytes of blobs, read together when the first of them is asked for, and held while they are few."""

    def __init__(self, repo: Repo, rows: Iterable[Sides]) -> None:
        """Expect the blobs of these rows to be read in about this order."""
        self._repo = repo
        self._order = [blob for row in rows for blob in (row.new, row.old) if blob]
        self._places: dict[str, list[int]] = {}
        for place, blob in enumerate(self._order):
            self._places.setdefault(blob, []).append(place)
        self._at = 0
        self._sizes: dict[str, int] | None = None
        self._held: dict[str, bytes] = {}

    def read(self, blob: str) -> bytes:
        """Return a blob's bytes, ``b""`` for one that is absent, no file or larger than ``LARGEST``."""
        if not blob:
            return b""
        if blob not in self._held:
            self._fetch(blob)
        return self._held[blob]

    def size(self, blob: str) -> int:
        """Return a blob's bytes, 0 for one this clone lacks."""
        if self._sizes is None:
            self._sizes = _sizes(self._repo, list(self._places))
        return self._sizes.get(blob, 0)

    def _fetch(self, blob: str) -> None:
        places = self._places.get(blob, [])
        self._at = next((place for place in places if place >= self._at), self._at)  # reading goes forward
        if sum(len(data) for data in self._held.values()) > _HELD:
            self._held = {}
        near = [one for one in (blob, *self._order[self._at : self._at + _GROUP]) if one not in self._held]
        wanted: list[BlobId] = []
        bytes_wanted = 0
        for one in dict.fromkeys(near):
            size = self.size(one)
            if size > LARGEST or (wanted and bytes_wanted + size > _HELD):
                continue
            wanted.append(BlobId(one))
            bytes_wanted += size
        found = self._repo.read_blobs(wanted) if wanted else {}
        self._held |= {one: found.get(one, b"") for one in wanted}
        self._held.setdefault(blob, b"")


def _sizes(repo: Repo, blobs: Sequence[str]) -> dict[str, int]:
    data = "".join(f"{blob}\n" for blob in blobs).encode()
    lines = repo.run("cat-file", "--batch-check=%(objectname) %(objecttype) %(objectsize)", data=data).decode()
    found = (line.split() for line in lines.splitlines())
    return {words[0]: int(words[2]) for words in found if len(words) == 3 and words[1] == "blob"}  # noqa: PLR2004 - else missing
