"""What a commit holds, ready to be asked: an index over its files, kept in the git directory by blob id.

Asking comes in two stages. Over all files, from the database alone: how often terms occur, in the
text and in the names a file defines. For a few files chosen by that: their text, the places of
terms, and definitions, which are parsed when first wanted and then kept. What is answered never
depends on what the cache happened to hold.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from agentops_kit import __version__
from agentops_kit.bundles import corpus, graph, listing, outlines, pages, pasts, segments, texts
from agentops_kit.bundles.segment import MOST_NAMES, MOST_TIMES
from agentops_kit.errors import Busy
from agentops_kit.memory import cache
from agentops_kit.text.words import parts

if TYPE_CHECKING:
    import sqlite3
    from array import array
    from collections.abc import Callable, Iterable, Sequence

    from agentops_kit.bundles.fill import Progress
    from agentops_kit.bundles.graph import Graph
    from agentops_kit.bundles.listing import Document
    from agentops_kit.bundles.outline import Definition
    from agentops_kit.bundles.pages import Page
    from agentops_kit.bundles.pasts import Log
    from agentops_kit.bundles.texts import Texts
    from agentops_kit.ids import BlobId, CommitId
    from agentops_kit.memory.diffs import Hunk
    from agentops_kit.memory.git import Commit, Repo
    from agentops_kit.text.rank import Tally

_Result = TypeVar("_Result")
_PROBE = "relational flying OAuth2Client http_server getURLs happily 認証トークン"
_TRIES = 3


class Use(NamedTuple):
    """How often a file holds an exact word, and in how many of the names it defines."""

    times: int
    names: int


def use(
    repo: Repo,
    commit: CommitId,
    work: Callable[[Index], _Result],
    progress: Progress = lambda _done, _total: None,
) -> _Result:
    """Return what ``work`` makes of a commit's index, taking in first what is new; ``progress`` hears bytes.

    ``work`` may be called again when the cache turns out damaged, and keeps the index to its own thread.
    """
    for _ in range(_TRIES):
        try:
            return cache.use(repo, "index", _schema(), lambda found: work(Index(found, repo, commit, progress)))
        except segments.Vanished:
            continue
    raise Busy("Other processes keep throwing the index away.", remedy="Try again when they are done.")


def _schema() -> str:
    """Return the tables, with what a kept index depends on beside the blobs: how words are folded and read."""
    folded = " ".join(term for word in _PROBE.split() for term in parts(word))
    note = f"-- agentops-kit {__version__}: {folded} {corpus.SORTED_BY}\n"  # no semicolon: statements end there
    return ";".join((note + segments.SCHEMA, outlines.SCHEMA, pasts.SCHEMA))


class Index:
    """The index at one commit. Files are known by their number, their place in ``files``."""

    def __init__(self, connection: sqlite3.Connection, repo: Repo, commit: CommitId, progress: Progress) -> None:
        """Open at a commit; see ``use``."""
        self.commit = commit
        self._connection = connection
        self._repo = repo
        tree = repo.tree(commit)
        self._tree = tree
        self.files: tuple[Document, ...] = listing.documents(connection, repo, tree, progress) if tree else ()
        self._places: dict[int, dict[int, list[int]]] = {}
        for document in self.files:
            self._places.setdefault(document.segment, {}).setdefault(document.place, []).append(document.number)
        self._readers: dict[int, segments.Reader] = {}
        self._postings: dict[str, list[tuple[int, array[int]]]] = {}
        self._known: dict[tuple[str, int], dict[int, int]] = {}
        self._texts: dict[int, str] = {}
        self._logs: dict[int, Log] = {}

    # -- over all files --------------------------------------------------------------------

    def count(self, terms: Iterable[str]) -> dict[str, dict[int, int]]:
        """Return for each folded term how often each file's text holds it; files without it are left out.

        A count of one word in one file stops at 1023.
        """
        return self._tallied(tuple(terms), 0, MOST_TIMES)

    def named(self, terms: Iterable[str]) -> dict[str, dict[int, int]]:
        """Return the same over the names that each file seems to define; these stop at 63."""
        return self._tallied(tuple(terms), 10, MOST_NAMES)

    def words(self, words: Iterable[str]) -> dict[str, dict[int, Use]]:
        """Return for each exact word the files that hold it."""
        found: dict[str, dict[int, Use]] = {}
        keys = {word: f"{segments.EXACT}{word}" for word in words}
        times = self._tallied(tuple(keys.values()), 0, MOST_TIMES)
        names = self._tallied(tuple(keys.values()), 10, MOST_NAMES)
        for word, key in keys.items():
            found[word] = {number: Use(held, names[key].get(number, 0)) for number, held in times[key].items()}
        return found

    def alike(self, term: str) -> tuple[str, ...]:
        """Return the words of the commit's files that fold to a term."""
        found: set[str] = set()
        for segment, places in self._places.items():
            reader = self._reader(segment)
            for number in reader.numbers([term])[term]:
                word = reader.words([number])[0]
                if any(
                    one >> 16 in places
                    for one in reader.postings([f"{segments.EXACT}{word}"])[f"{segments.EXACT}{word}"]
                ):
                    found.add(word)
        return tuple(sorted(found))

    def paths(self, terms: Iterable[str]) -> tuple[Tally, ...]:
        """Return for each file how often its path holds folded terms."""
        return self._of_tree("paths", lambda: (one.path for one in self.files)).tallies(terms)

    def stems(self, terms: Iterable[str]) -> tuple[Tally, ...]:
        """Return for each file how often its name, without folders and ending, holds folded terms."""
        named = (posixpath.basename(one.path).rpartition(".")[0] for one in self.files)
        return self._of_tree("stems", lambda: named).tallies(terms)

    def _of_tree(self, column: str, make: Callable[[], Iterable[str]]) -> Texts:
        """Return an index of a text for each file; worked out once for a tree."""
        asked = f"SELECT {column} FROM trees WHERE tree = ?"  # noqa: S608 - our column
        row = self._connection.execute(asked, (self._tree,)).fetchone()
        if row is not None and row[0] is not None:
            return texts.load(row[0])
        found = texts.index(make())
        with self._connection:
            keep = f"UPDATE trees SET {column} = ? WHERE tree = ?"  # noqa: S608
            self._connection.execute(keep, (texts.dump(found), self._tree))
        return found

    def imports(self) -> Graph:
        """Return which file imports which; worked out once for a tree."""
        row = self._connection.execute("SELECT graph FROM trees WHERE tree = ?", (self._tree,)).fetchone()
        if row is not None and row[0] is not None:
            return graph.load(row[0])
        written = {segment: segments.imports(self._connection, segment) for segment in self._places}
        sources = [graph.Source(one.path, one.kind, tuple(written[one.segment][one.place])) for one in self.files]
        found = graph.graph(sources)
        with self._connection:
            self._connection.execute("UPDATE trees SET graph = ? WHERE tree = ?", (graph.dump(found), self._tree))
        return found

    def _tallied(self, keys: Sequence[str], shift: int, mask: int) -> dict[str, dict[int, int]]:
        self._fetch(keys)
        return {key: self._held(key, shift, mask) for key in keys}

    def _held(self, key: str, shift: int, mask: int) -> dict[int, int]:
        """Return how often each file holds a key, files rising."""
        if (key, shift) not in self._known:
            held: dict[int, int] = {}
            for segment, postings in self._postings[key]:
                places = self._places[segment]
                for one in postings:
                    times = one >> shift & mask
                    for number in places.get(one >> 16, ()) if times else ():
                        held[number] = held.get(number, 0) + times
            self._known[key, shift] = dict(sorted(held.items()))
        return self._known[key, shift]

    def _fetch(self, keys: Iterable[str]) -> None:
        wanted = [key for key in dict.fromkeys(keys) if key not in self._postings]
        self._postings |= {key: [] for key in wanted}
        for segment in self._places if wanted else ():
            for key, postings in self._reader(segment).postings(wanted).items():
                if postings:
                    self._postings[key].append((segment, postings))

    def _reader(self, segment: int) -> segments.Reader:
        if segment not in self._readers:
            self._readers[segment] = segments.Reader(self._connection, segment)
        return self._readers[segment]

    # -- of chosen files -------------------------------------------------------------------

    def texts(self, numbers: Iterable[int]) -> dict[int, str]:
        """Return files' texts, their lines ending in line feeds."""
        wanted = list(numbers)
        missing = [number for number in wanted if number not in self._texts]
        if missing:
            contents = self._repo.read_blobs(self.files[number].blob for number in missing)
            for number in missing:
                data = contents.get(self.files[number].blob, b"")
                self._texts[number] = corpus.readable(data) or ""
        return {number: self._texts[number] for number in wanted}

    def outlines(self, numbers: Iterable[int]) -> dict[int, tuple[Definition, ...]]:
        """Return files' definitions in order."""
        keys = {number: (self.files[number].blob, self.files[number].kind) for number in numbers}
        found = outlines.kept(self._connection, list(keys.values()))
        missing = [number for number, key in keys.items() if key not in found]
        if missing:
            texts = self.texts(missing)
            sources = {keys[number]: (self.files[number].path, texts[number]) for number in missing}
            found |= outlines.parse(self._connection, sources)
        return {number: found[key] for number, key in keys.items()}

    def pages(self, numbers: Iterable[int], keys: Sequence[str]) -> dict[int, Page]:
        """Return files' texts with the places of terms, and of exact words written ``=word``."""
        texts = self.texts(numbers)
        wanted = {segment: self._wanted(segment, keys) for segment in {self.files[number].segment for number in texts}}
        return {number: pages.page(text, wanted[self.files[number].segment]) for number, text in texts.items()}

    def _wanted(self, segment: int, keys: Sequence[str]) -> dict[bytes, tuple[str, ...]]:
        reader = self._reader(segment)
        found: dict[int, list[str]] = {}
        for key, numbers in reader.numbers(keys).items():
            for number in numbers:
                found.setdefault(number, []).append(key)
        words = reader.words(found)
        return {word.encode(): tuple(held) for word, held in zip(words, found.values(), strict=True)}

    # -- history ---------------------------------------------------------------------------

    def history(self, most: int = 2000) -> tuple[Commit, ...]:
        """Return up to ``most`` commits that led here, newest first, merges left out."""
        return self._log(most).commits

    def messages(self, terms: Iterable[str], most: int = 2000) -> tuple[Tally, ...]:
        """Return for each commit of ``history`` how often its message holds folded terms; the subject counts twice."""
        return self._log(most).messages.tallies(terms)

    def _log(self, most: int) -> Log:
        if most not in self._logs:
            self._logs[most] = pasts.log(self._connection, self._repo, self.commit, most)
        return self._logs[most]

    def patches(self, commits: Sequence[Commit]) -> dict[CommitId, tuple[Hunk, ...]]:
        """Return the changed lines of commits out of ``history``; very long hunks are cut."""
        return pasts.patches(self._connection, self._repo, commits, lines=True)

    def changes(self, commits: Sequence[Commit]) -> dict[CommitId, tuple[Hunk, ...]]:
        """Return where commits out of ``history`` changed something: their hunks without the lines."""
        return pasts.patches(self._connection, self._repo, commits, lines=False)

    def blobs(self) -> dict[BlobId, int]:
        """Return the number of a file that has each blob."""
        return {document.blob: document.number for document in reversed(self.files)}
