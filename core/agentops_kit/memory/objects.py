"""What commits hold: trees and the bytes of files."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from agentops_kit.ids import BlobId, TreeId
from agentops_kit.memory.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
        listing = ("ls-tree", "-r", "-l", "-z", "--full-tree", commit)
        status, output, _ = self.attempt(*listing)
        if not status:
            return _entries(output)
        if not self._is_partial():
            output = self.run(*listing)  # fails, with git's words
        listed = _entries(self.run(*(one for one in listing if one != "-l")))
        sizes = self._held(entry.blob for entry in listed)
        return [entry._replace(size=sizes.get(entry.blob, 0)) for entry in listed]

    def read_blobs(self, blobs: Iterable[BlobId]) -> dict[BlobId, bytes]:
        """Return the bytes of each blob, read by one git process; one this clone lacks is left out."""
        return self._read(blobs)

    def read_files(self, names: Iterable[tuple[CommitId, str]]) -> dict[tuple[CommitId, str], bytes]:
        """Return the bytes of files as they stood at commits, read by one git process; absent ones are left out."""
        asked = {f"{commit}:{path}": (commit, path) for commit, path in names if "\n" not in path}
        return {asked[name]: data for name, data in self._read(asked).items()}

    def _read(self, names: Iterable[_Name]) -> dict[_Name, bytes]:
        wanted = list(dict.fromkeys(names))
        status, output, _ = self.attempt("cat-file", "--batch", data=_lines(wanted))
        if status:
            wanted = self._here(wanted)
            output = self.run("cat-file", "--batch", data=_lines(wanted))
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
        wanted = list(blobs)
        status, output, _ = self.attempt("cat-file", "--batch-check", data=_lines(wanted)) if wanted else (0, b"", "")
        return bool(self._here(wanted)) if status else b" blob " in output

    # -- a partial clone, where git ends with the first object that it would have to fetch -----

    def _is_partial(self) -> bool:
        return not self.attempt("config", "--get-regexp", r"^remote\..*\.promisor$|^extensions\.partialclone$")[0]

    def _here(self, names: Sequence[_Name]) -> list[_Name]:
        """Return those of the names whose blobs this clone has; all of them when that is not what made git fail."""
        if not self._is_partial():
            return list(names)
        blobs = {name: self._blob_of(name) for name in names}
        held = self._held(blobs.values())
        return [name for name in names if blobs[name] in held]

    def _blob_of(self, name: str) -> BlobId:
        """Return the id of ``commit:path``, and any other name as it is."""
        if ":" not in name:
            return BlobId(name)
        return BlobId(self.attempt("rev-parse", "--verify", "--quiet", name)[1].decode().strip())

    def _held(self, wanted: Iterable[BlobId]) -> dict[BlobId, int]:
        """Return the size of each wanted blob that this clone has."""
        asked = set(wanted)
        layout = "--batch-check=%(objectname) %(objecttype) %(objectsize)"
        output = self.run("cat-file", "--batch-all-objects", "--unordered", layout) if asked else b""
        facts = (line.split() for line in output.decode().splitlines())
        return {BlobId(blob): int(size) for blob, kind, size in facts if kind == "blob" and blob in asked}

    def blob_id(self, data: bytes) -> BlobId:
        """Return the object name git would give these bytes, writing nothing."""
        return BlobId(self.run("hash-object", "--stdin", "--no-filters", data=data).decode().strip())


def _entries(output: bytes) -> list[Entry]:
    """Read what ``ls-tree -r -z`` says, with sizes or without."""
    found = []
    for line in filter(None, output.split(b"\0")):
        facts, path = line.split(b"\t", 1)
        mode, kind, blob, *size = facts.decode().split()
        if kind == "blob":
            held = int(size[0]) if size and size[0].isdigit() else 0  # git says BAD for an object this clone lacks
            found.append(Entry(path.decode("utf-8", "surrogateescape"), mode, BlobId(blob), held))
    return sorted(found)


def _lines(names: Iterable[str]) -> bytes:
    return "".join(f"{name}\n" for name in names).encode("utf-8", "surrogateescape")
