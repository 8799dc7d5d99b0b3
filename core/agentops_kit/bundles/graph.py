"""Which file of a repository imports which: what sources say, matched to the paths that are there."""

from __future__ import annotations

import posixpath
import re
import zlib
from array import array
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, chain, pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_MOST_OF_PACKAGE = 40  # files of one Go package
_SCRIPT_ENDS = ("", ".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".vue", ".svelte", ".d.ts", ".json")
_INDEXES = ("/src/index.ts", "/src/index.js", "/index.ts", "/index.tsx", "/index.js", "/index.jsx", "/index.mjs")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class Source(NamedTuple):
    """A file, its grammar, and its imports as ``imports.written`` gives them."""

    path: str
    kind: str
    imports: tuple[str, ...]


@dataclass(frozen=True)
class Graph:
    """For each file by number the files it imports, in rising order."""

    of: tuple[tuple[int, ...], ...]

    @cached_property
    def by(self) -> tuple[tuple[int, ...], ...]:
        """For each file those that import it, in rising order."""
        return inverse(self.of)


def graph(sources: Sequence[Source]) -> Graph:
    """Match imports to files; what lies outside the repository leads nowhere."""
    paths = _Paths(sources)
    of = []
    for number, source in enumerate(sources):
        find = _FINDERS.get(source.kind)
        targets = {target for name in source.imports for target in find(paths, source, name)} if find else set()
        of.append(tuple(sorted(targets - {number})))
    return Graph(tuple(of))


def dump(found: Graph) -> bytes:
    """Return a graph as bytes: how many files it has, how many each imports, and which."""
    counts = array("I", [len(found.of), *map(len, found.of)])
    return zlib.compress(counts.tobytes() + array("I", chain.from_iterable(found.of)).tobytes(), 1)


def load(data: bytes) -> Graph:
    """Return the graph that ``dump`` wrote."""
    numbers = array("I")
    numbers.frombytes(zlib.decompress(data))
    ends = list(accumulate(numbers[1 : numbers[0] + 1], initial=numbers[0] + 1))
    return Graph(tuple(tuple(numbers[first:last]) for first, last in pairwise(ends)))


def inverse(of: Sequence[Iterable[int]]) -> tuple[tuple[int, ...], ...]:
    """Turn the arrows round."""
    by: list[list[int]] = [[] for _ in of]
    for number, targets in enumerate(of):
        for target in targets:
            by[target].append(number)
    return tuple(tuple(sorted(set(found))) for found in by)


class _Paths:
    """The repository's paths, to be asked by whole path, by tail and by folder."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self.sources = sources
        self.whole = {source.path: number for number, source in enumerate(sources)}
        self._tails: dict[str, list[int]] = {}
        self.folders: dict[str, list[int]] = {}
        self._found: dict[str, tuple[int, ...]] = {}
        for number, source in enumerate(sources):
            self._tails.setdefault(posixpath.basename(source.path), []).append(number)
            if source.kind == "go" and not source.path.endswith("_test.go"):
                self.folders.setdefault(posixpath.dirname(source.path), []).append(number)
        self.package_of_root = _commonest(sources)

    def first(self, paths: Iterable[str]) -> tuple[int, ...]:
        """Return the first of these whole paths that is there."""
        return next(((self.whole[path],) for path in paths if path in self.whole), ())

    def tail(self, source: Source, tails: Iterable[str]) -> tuple[int, ...]:
        """Return the file whose path ends with one of these, the first that any does; nearest to the source."""
        for tail in tails:
            found = self._found.get(tail)
            if found is None:
                ends = f"/{tail}"
                named = self._tails.get(posixpath.basename(tail), ())
                found = tuple(number for number in named if f"/{self.sources[number].path}".endswith(ends))
                self._found[tail] = found
            if found:
                return (min(found, key=lambda number: _distance(source.path, self.sources[number].path)),)
        return ()


def _commonest(sources: Sequence[Source]) -> str:
    """Guess a Go module's name: the three leading parts that most imports share."""
    heads: Counter[str] = Counter()
    for source in sources:
        if source.kind == "go":
            heads.update("/".join(name.split("/")[:3]) for name in source.imports if name.count("/") > 1)
    return min(heads, key=lambda head: (-heads[head], head), default="")


def _distance(here: str, there: str) -> tuple[int, int, str]:
    shared = len(posixpath.commonprefix([here.split("/"), there.split("/")]))
    return -shared, there.count("/"), there


def _joined(source: Source, name: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(source.path), name))


def _python(paths: _Paths, source: Source, name: str) -> tuple[int, ...]:
    dots = len(name) - len(name.lstrip("."))
    parts = name[dots:].split(".")
    for kept in (parts, parts[:-1]):
        if not kept and not dots:
            break
        ends = [f"{'/'.join(kept)}{end}" for end in (".py", "/__init__.py", ".pyi")] if kept else ["__init__.py"]
        if dots:
            found = paths.first(_joined(source, "../" * (dots - 1) + end) for end in ends)
        else:
            found = paths.first(ends) or (
                paths.tail(source, ends) if len(kept) > 1 else paths.first(f"src/{end}" for end in ends)
            )
        if found:
            return found
    return ()


def _script(paths: _Paths, source: Source, name: str) -> tuple[int, ...]:
    if name.startswith("."):
        base = _joined(source, name)
        bare = re.sub(r"\.[cm]?js$", "", base)
        return paths.first(
            [base + end for end in (*_SCRIPT_ENDS, *_INDEXES)] + [bare + end for end in _SCRIPT_ENDS[1:]]
        )
    if name.startswith(("@/", "~/", "#/")):
        return paths.tail(source, [name[2:] + end for end in (*_SCRIPT_ENDS[1:], *_INDEXES, "")])
    package, _, inside = name.partition("/") if not name.startswith("@") else _scoped(name)
    folder = f"{package.rpartition('/')[2]}/{inside}".rstrip("/")
    return paths.tail(source, [f"packages/{folder}{end}" for end in (*_INDEXES, *_SCRIPT_ENDS[1:])])


def _scoped(name: str) -> tuple[str, str, str]:
    parts = name.split("/", 2)
    return "/".join(parts[:2]), "/", parts[2] if len(parts) > 2 else ""  # noqa: PLR2004 - @scope/package/inside


def _go(paths: _Paths, _source: Source, name: str) -> tuple[int, ...]:
    if name == paths.package_of_root:
        return tuple(paths.folders.get("", ())[:_MOST_OF_PACKAGE])
    parts = name.split("/")
    if "." not in parts[0]:
        return ()  # the standard library
    tails = ("/".join(parts[at:]) for at in range(1, len(parts)))
    return next((tuple(paths.folders[tail][:_MOST_OF_PACKAGE]) for tail in tails if tail in paths.folders), ())


def _rust(paths: _Paths, source: Source, name: str) -> tuple[int, ...]:
    parts = name.split("::")
    folder, file = posixpath.split(source.path)
    own = folder if file in {"mod.rs", "lib.rs", "main.rs"} else source.path.removesuffix(".rs")
    if parts[0] == "crate":
        root = re.match(r"(.*?/)?src(?=/|$)", folder)
        base = root.group() if root else folder
    elif parts[0] in {"self", "mod"}:
        base = own
    elif parts[0] == "super":
        base = posixpath.dirname(own)
    else:
        crate = parts[0].replace("_", "-")
        return paths.tail(source, [*_rust_files(f"{crate}/src", parts[1:]), f"{crate}/src/lib.rs"])
    while parts[1:2] == ["super"]:
        base, parts = posixpath.dirname(base), parts[1:]
    return paths.first(_rust_files(base, parts[1:]))


def _rust_files(base: str, parts: Sequence[str]) -> list[str]:
    found = []
    for kept in range(len(parts), 0, -1):
        inside = posixpath.join(base, *parts[:kept])
        found += [f"{inside}.rs", f"{inside}/mod.rs"]
    return found


def _classes(*ends: str) -> Callable[[_Paths, Source, str], tuple[int, ...]]:
    def find(paths: _Paths, source: Source, name: str) -> tuple[int, ...]:
        parts = [part for part in re.split(r"[.\\]", name) if part]
        tails = ["/".join(parts[:kept]) + end for kept in (len(parts), len(parts) - 1) if kept > 1 for end in ends]
        short = [f"{'/'.join(parts[-2:])}{end}" for end in ends] if len(parts) > 1 else []
        return paths.tail(source, [*tails, *short])

    return find


def _files(*ends: str) -> Callable[[_Paths, Source, str], tuple[int, ...]]:
    def find(paths: _Paths, source: Source, name: str) -> tuple[int, ...]:
        plain = name.rpartition(":")[2].partition("/")[2] if name.startswith("package:") else name
        base = _joined(source, plain)
        return paths.first(base + end for end in ends) or (
            () if plain.startswith(".") else paths.tail(source, [posixpath.normpath(plain) + end for end in ends])
        )

    return find


def _lua(paths: _Paths, source: Source, name: str) -> tuple[int, ...]:
    tail = name.replace(".", "/")
    return paths.tail(source, [f"{tail}.lua", f"{tail}/init.lua"])


def _elixir(paths: _Paths, source: Source, name: str) -> tuple[int, ...]:
    parts = [_HUMP.sub("_", part).lower() for part in name.split(".")]
    return paths.tail(source, ["/".join(parts[-kept:]) + ".ex" for kept in (3, 2, 1) if kept <= len(parts)])


_FINDERS: dict[str, Callable[[_Paths, Source, str], tuple[int, ...]]] = {
    "python": _python,
    "javascript": _script,
    "typescript": _script,
    "tsx": _script,
    "go": _go,
    "rust": _rust,
    "java": _classes(".java", ".kt"),
    "kotlin": _classes(".kt", ".java"),
    "scala": _classes(".scala", ".java"),
    "csharp": _classes(".cs"),
    "php": _classes(".php"),
    "c": _files(""),
    "cpp": _files(""),
    "ruby": _files(".rb", ""),
    "lua": _lua,
    "elixir": _elixir,
    "dart": _files(""),
    "proto": _files(""),
    "bash": _files(""),
}
