"""What commits hold: trees and the bytes of files."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from agentops_kit.ids import BlobId, TreeId
from agentops_kit.memory.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agentops_kit.ids import CommitId

_Name = TypeVar("_Name", bound=str)


class Entry(NamedTuple):
    """A file in a commit's tree; ``size`` in bytes."""

    path: str
    mode: str
    blob: BlobId
    size: int


class Objects(Runner):
    """The part of ``Repo`` that reads trees and blobs."""

    def tree(self, commit: str = "HEAD") -> TreeId | None:
        """Return the id of a commit's tree, None when there is no such commit."""
        status, output, _ = self.attempt("rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}^{{tree}}")
        return None if status else TreeId(output.decode().strip())

    def entries(self, commit: str = "HEAD") -> list[Entry]:
        """Return the blobs of a commit's tree sorted by path (no submodules)."""
        found = []
        for line in self.run("ls-tree", "-r", "-l", "-z", "--full-tree", commit).split(b"\0"):
            if not line:
                continue
            facts, path = line.split(b"\t", 1)
            mode, kind, blob, size = facts.decode().split()
            if kind == "blob":
                held = int(size) if size.isdigit() else 0  # git says BAD for an object this clone lacks
                found.append(Entry(path.decode("utf-8", "surrogateescape"), mode, BlobId(blob), held))
        return sorted(found)

    def read_blobs(self, blobs: Iterable[BlobId]) -> dict[BlobId, bytes]:
        """Return the bytes of each blob, read by one git process; one this clone lacks is left out."""
        return self._read(blobs)

    def read_files(self, names: Iterable[tuple[CommitId, str]]) -> dict[tuple[CommitId, str], bytes]:
        """Return the bytes of files as they stood at commits, read by one git process; absent ones are left out."""
        asked = {f"{commit}:{path}": (commit, path) for commit, path in names if "\n" not in path}
        return {asked[name]: data for name, data in self._read(asked).items()}

    def _read(self, names: Iterable[_Name]) -> dict[_Name, bytes]:
        wanted = list(dict.fromkeys(names))
        data = "".join(f"{name}\n" for name in wanted).encode("utf-8", "surrogateescape")
        output = self.run("cat-file", "--batch", data=data)
        contents: dict[_Name, bytes] = {}
        at = 0
        for name in wanted:
            end = output.index(b"\n", at)
            kind, _, size = output[at:end].decode("utf-8", "replace").rpartition(" ")
            at = end + 1
            if size.isdigit():  # "<id> <kind> <size>"; else "<name> missing", or ambiguous, with nothing behind it
                if kind.endswith(" blob"):
                    contents[name] = output[at : at + int(size)]
                at += int(size) + 1
        return contents

    def holds_any(self, blobs: Iterable[BlobId]) -> bool:
        """Say whether this clone has any of these blobs, reading none."""
        asked = "".join(f"{blob}\n" for blob in blobs).encode()
        return bool(asked) and b" blob " in self.run("cat-file", "--batch-check", data=asked)

    def blob_id(self, data: bytes) -> BlobId:
        """Return the object name git would give these bytes, writing nothing."""
        return BlobId(self.run("hash-object", "--stdin", "--no-filters", data=data).decode().strip())
