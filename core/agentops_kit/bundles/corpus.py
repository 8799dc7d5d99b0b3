"""What a commit holds that is worth reading: text by people, read once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from agentops_kit.ids import BlobId
    from agentops_kit.memory.git import Entry, Repo

Shelf = Literal["code", "doc"]

_LARGEST = 1_000_000
_LINK = "120000"
_DOCS = frozenset("md markdown mdx rst txt adoc asciidoc org".split())
_BINARY = frozenset(
    "png jpg jpeg gif bmp ico icns webp avif tiff psd svg pdf eps ai mp3 mp4 mov avi wav ogg flac webm ttf otf woff "
    "woff2 eot zip gz bz2 xz zst 7z rar tar tgz jar war whl egg exe dll so dylib a o obj lib pyc pyo class wasm bin "
    "dat db sqlite sqlite3 parquet npy npz pkl pt onnx h5 lock map snap pack idx der p12 pfx jks mo".split()
)
_FOREIGN = frozenset(  # what others wrote, and the assistant's own instructions, which it is given anyway
    ".agentops .claude .git node_modules bower_components vendor third_party third-party thirdparty site-packages "
    ".venv __pycache__ .yarn".split()
)
_GENERATED_NAMES = re.compile(
    r"(?:^|/)(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|go\.sum|[^/]*\.min\.\w+|[^/]*_pb2(?:_grpc)?\.pyi?"
    r"|[^/]*\.pb\.(?:go|cc|h)|[^/]*\.g\.(?:dart|cs)|[^/]*\.designer\.cs)$",
    re.IGNORECASE,
)
_GENERATED_MARK = re.compile(r"@generated\b|\bcode generated\b.{0,80}\bdo not edit\b", re.IGNORECASE)
_POINTER = b"version https://git-lfs.github.com/spec/"
_HEAD = 2000
_LONG_MEAN, _LONG_ENOUGH = 250, 4000
_TESTS = re.compile(
    r"(?:^|/)(?:tests?|testing|__tests__|spec|specs|e2e|testdata|fixtures?|__mocks__|__snapshots__)/"
    r"|(?:^|/)(?:test_[^/]*|conftest)\.py$|_test\.\w+$|[._-](?:test|spec)\.[cm]?[jt]sx?$|Tests?\.(?:java|kt|cs|scala|php)$"
    r"|_spec\.rb$"
)
_ASIDE = re.compile(r"(?:^|/)(?:examples?|samples?|demos?|benchmarks?|locales?|i18n|translations|migrations)/")
WEIGHTS = (1.0, 0.4, 0.5)
"""How much a file counts: source, tests, and examples and data."""

TEST = 1
_DATA = frozenset("json jsonl csv tsv xml html htm po pot ipynb yml yaml toml ini cfg css scss less".split())
_SPACE = re.compile(r"[\xa0\u2000-\u200a\u202f\u3000]")
SORTED_BY = crc32("\n".join((_TESTS.pattern, _ASIDE.pattern, _SPACE.pattern, *sorted(_DATA))).encode())
"""What tells how paths are chosen and sorted from how they were."""


@dataclass(frozen=True)
class File:
    """A text file at a commit; its lines end in line feeds whatever the blob has."""

    path: str
    blob: BlobId
    text: str
    shelf: Shelf

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The text cut at its line feeds; line 1 is at 0."""
        return tuple(self.text.split("\n"))

    @property
    def weight(self) -> float:
        """How much a file of this sort counts: 1 for source, less for tests, examples and data."""
        return weight(self.path)

    @property
    def is_test(self) -> bool:
        """Whether the path says that this file tests others."""
        return is_test(self.path)


def weight(path: str) -> float:
    """Return how much a file counts by its path: 1 for source, less for tests, examples and data."""
    return WEIGHTS[sort(path)]


def is_test(path: str) -> bool:
    """Say whether a path is one of a file that tests others."""
    return sort(path) == TEST


def sort(path: str) -> int:
    """Return which of ``WEIGHTS`` a path has."""
    if _TESTS.search(path):
        return TEST
    return 2 if _ASIDE.search(path) or _suffix(path) in _DATA else 0


def shelf(path: str) -> Shelf:
    """Say whether a path is one of a document or of code, which anything else counts as."""
    return "doc" if _suffix(path) in _DOCS else "code"


def read(repo: Repo, commit: str) -> tuple[File, ...]:
    """Return the readable files of a commit by path, all blobs read by one git process."""
    wanted = [entry for entry in repo.entries(commit) if is_candidate(entry)]
    contents = repo.read_blobs(entry.blob for entry in wanted)
    return tuple(files(wanted, contents))


def files(entries: Iterable[Entry], contents: Mapping[BlobId, bytes]) -> Iterable[File]:
    """Pair entries with their text, leaving out what is binary, minified or generated."""
    for entry in entries:
        text = written(entry.path, contents.get(entry.blob, b""))
        if text is not None:
            yield File(entry.path, entry.blob, text, shelf(entry.path))


def written(path: str, data: bytes) -> str | None:
    """Return a blob's text when people wrote it, None when it is binary, minified or generated."""
    text = readable(data)
    return text if text is not None and (shelf(path) == "doc" or not _is_machine_made(text)) else None


def is_candidate(entry: Entry) -> bool:
    """Say from path, mode and size alone whether a file may be worth reading."""
    return (
        entry.mode != _LINK
        and 0 < entry.size <= _LARGEST
        and _is_quotable(entry.path)
        and _suffix(entry.path) not in _BINARY
        and _FOREIGN.isdisjoint(entry.path.split("/")[:-1])
        and _GENERATED_NAMES.search(entry.path) is None
    )


def _is_quotable(path: str) -> bool:
    """Say whether a path can stand on a line: one that is not UTF-8 or breaks lines cannot, a wide space can."""
    return path.isprintable() or _SPACE.sub(" ", path).isprintable()


def readable(data: bytes) -> str | None:
    """Return a blob as text, None when it is binary, empty or a large-file pointer."""
    if not data or b"\0" in data or data.startswith(_POINTER):
        return None
    text = data.decode("utf-8-sig", "replace")
    if text.count("\ufffd") > len(text) // 10:
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _is_machine_made(text: str) -> bool:
    lines = text.count("\n") + 1
    minified = len(text) > _LONG_ENOUGH and len(text) / lines > _LONG_MEAN
    return minified or _GENERATED_MARK.search(text[:_HEAD]) is not None


def _suffix(path: str) -> str:
    stem, dot, suffix = path.rpartition("/")[2].rpartition(".")
    return suffix.lower() if stem and dot else ""
