"""A bundle as a value, and as text: YAML front matter, then markdown."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

from agentops_kit.errors import ContentInvalid
from agentops_kit.ids import BlobId, BundleId, CommitId, RunId

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEMA = "agentops.bundle/1"
Kind = Literal["research", "plan", "implementation", "progress", "context"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_FRONT = re.compile(
    r"\A\ufeff?---[ \t]*\r?\n(?P<front>.*?)^---[ \t]*(?:\r?\n|\Z)(?P<body>.*)\Z", re.DOTALL | re.MULTILINE
)
_HEX = re.compile(r"[0-9a-f]{7,64}")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_PLAIN = re.compile(r"[\w./][\w./@+ -]*", re.ASCII)
_WORDED = re.compile(  # plain, and no number or date: a word, something with a slash or telling letters, or hex digits
    r"[A-Za-z_][\w./@+ -]*|(?!\.\.\.)[\w./][\w.@+ -]*[/c-dg-hj-mo-wyz][\w./@+ -]*|(?!0b)[0-9]+[a-f][0-9a-f]*", re.ASCII
)
_NO_STRINGS = frozenset("y n yes no on off true false null".split())
_QUOTABLE = re.compile(r"[\n\t\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]*")
_ESCAPES = str.maketrans({'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"})
_MOST_MARKS = 3000
_KEYS = frozenset("schema id kind run task commit created tool encoding budget tokens tags sources".split())
_SOURCE_KEYS = frozenset("path blob tokens why repo".split())


@dataclass(frozen=True)
class Source:
    """A file that a bundle quotes: its blob when it was read, and the tokens of the whole file.

    ``blob`` may be a prefix of the object name (at least 7 digits), as git itself abbreviates.
    """

    path: str
    blob: BlobId
    tokens: int
    why: str
    repo: str = ""
    """Name of the repository the file belongs to; empty for the one the bundle lies in."""


@dataclass(frozen=True)
class Counts:
    """Tokens of the whole source files, tokens of the body, and the first over the second."""

    sources: int = 0
    bundle: int = 0
    ratio: float = 0.0


@dataclass(frozen=True)
class Bundle:
    """A compressed context artefact; ``body`` is everything below the front matter, byte for byte."""

    id: BundleId
    kind: Kind
    task: str
    commit: CommitId
    body: str
    run: RunId | None = None
    created: str = ""
    tool: str = ""
    encoding: str = "o200k_base"
    tokens: Counts = Counts()
    tags: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    budget: int = 0
    """Tokens the tool was allowed when it made the bundle; 0 when no tool made it or none said."""


def ratio(sources: int, bundle: int) -> float:
    """Return how many source tokens one bundle token stands for, to one decimal."""
    return round(sources / bundle, 1) if bundle else 0.0


def with_counts(bundle: Bundle) -> Bundle:
    """Return the bundle with its token numbers counted from its body and sources."""
    from agentops_kit.tokens.count import count

    sources = sum(source.tokens for source in bundle.sources)
    body = count(bundle.body, bundle.encoding)
    return replace(bundle, tokens=Counts(sources, body, ratio(sources, body)))


# -- to text -------------------------------------------------------------------------------------


def dump(bundle: Bundle) -> str:
    """Return the file's text; keys in a fixed order, those without a value left out."""
    counts = bundle.tokens
    lines = [f"schema: {SCHEMA}", f"id: {_scalar(bundle.id)}", f"kind: {bundle.kind}"]
    facts = {"run": bundle.run, "task": bundle.task, "commit": bundle.commit, "created": bundle.created}
    facts |= {"tool": bundle.tool, "encoding": bundle.encoding}
    lines += [f"{key}: {_scalar(value)}" for key, value in facts.items() if value]
    if bundle.budget:
        lines.append(f"budget: {bundle.budget}")
    if counts != Counts():
        lines.append(f"tokens: {{sources: {counts.sources}, bundle: {counts.bundle}, ratio: {counts.ratio}}}")
    if bundle.tags:
        lines.append(f"tags: [{', '.join(_scalar(tag) for tag in bundle.tags)}]")
    if bundle.sources:
        lines += ["sources:", *(_source_line(source) for source in bundle.sources)]
    front = "\n".join(lines)
    return f"---\n{front}\n---\n{bundle.body}"


def _source_line(source: Source) -> str:
    path, blob, why = _scalar(source.path), _scalar(source.blob), _scalar(source.why)
    repo = f", repo: {_scalar(source.repo)}" if source.repo else ""
    return f"  - {{path: {path}, blob: {blob}, tokens: {source.tokens}, why: {why}{repo}}}"


def _scalar(value: str) -> str:
    """Return a YAML scalar on one line that every YAML reader takes for a string.

    What cannot be taken for anything else is written here, the same as yaml writes it: importing yaml and
    asking it a hundred times is half the time that it takes to write a bundle.
    """
    if _WORDED.fullmatch(value) and value.lower() not in _NO_STRINGS and not value.endswith(" "):
        return value
    if _QUOTABLE.fullmatch(value) and not _PLAIN.fullmatch(value):
        return f'"{value.translate(_ESCAPES)}"'
    return _as_yaml(value)


def _as_yaml(value: str) -> str:
    import yaml

    plain = _PLAIN.fullmatch(value) is not None
    written: str = yaml.dump(
        value, Dumper=yaml.SafeDumper, allow_unicode=True, width=float("inf"), default_style=None if plain else '"'
    )
    return written.removesuffix("\n").removesuffix("\n...")


# -- from text -----------------------------------------------------------------------------------


def parse(text: str, where: str) -> Bundle:
    """Read a bundle's text; ``where`` names the file in the ``ContentInvalid`` raised for a broken one."""
    found = _FRONT.match(text)
    if found is None:
        raise _broken(where, "it does not start with front matter between two `---` lines")
    front = _Front(_load(found["front"], where), where)
    front.only(_KEYS)
    if front.text("schema") != SCHEMA:
        raise _broken(where, f"its schema is {front.text('schema')!r}, not {SCHEMA!r}")
    return Bundle(
        id=BundleId(front.matching("id", _ID)),
        kind=front.kind(),
        task=front.text("task"),
        commit=CommitId(front.matching("commit", _HEX)),
        body=found["body"],
        run=_run(front.text("run", "")),
        created=front.text("created", ""),
        tool=front.text("tool", ""),
        encoding=front.text("encoding", "o200k_base"),
        tokens=_counts(front),
        tags=tuple(front.texts("tags")),
        sources=tuple(_source(entry) for entry in front.entries("sources")),
        budget=front.number("budget", int) if "budget" in front.values else 0,
    )


def _load(front: str, where: str) -> object:
    import yaml

    # The base loaders leave scalars text, so a blob of digits is no number. The compiled one is
    # quick but overruns the stack on a hostile file's nesting; each level takes one of these marks.
    shallow = sum(front.count(mark) for mark in "[{:?-") < _MOST_MARKS
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader) if shallow else yaml.BaseLoader
    try:
        return yaml.load(front, Loader=loader)  # noqa: S506 - the base loader builds only text, lists and mappings
    except (yaml.YAMLError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise _broken(where, f"its front matter is not YAML ({reason})") from error


def _broken(where: str, what: str) -> ContentInvalid:
    return ContentInvalid(f"{where} is not a bundle: {what}.", remedy="Mend the file, or restore it with git.")


def _run(text: str) -> RunId | None:
    return None if text in {"", "null", "~"} else RunId(text)


def _counts(front: _Front) -> Counts:
    if "tokens" not in front.values:
        return Counts()
    counts = _Front(front.values["tokens"], f"{front.where} (tokens)")
    counts.only(frozenset(("sources", "bundle", "ratio")))
    return Counts(counts.number("sources", int), counts.number("bundle", int), counts.number("ratio", float))


def _source(entry: _Front) -> Source:
    entry.only(_SOURCE_KEYS)
    blob = BlobId(entry.matching("blob", _HEX))
    why, repo = entry.text("why", ""), entry.text("repo", "")
    return Source(entry.text("path"), blob, entry.number("tokens", int), why, repo)


class _Front:
    """A mapping read from front matter, asked for values of a known shape."""

    def __init__(self, values: object, where: str) -> None:
        if not isinstance(values, dict):
            raise _broken(where, "a mapping of keys to values is missing")
        self.values: dict[object, object] = values
        self.where = where

    def only(self, known: frozenset[str]) -> None:
        unknown = sorted(str(key) for key in self.values if key not in known)
        if unknown:
            raise _broken(self.where, f"its key {unknown[0]!r} is unknown")

    def text(self, key: str, default: str | None = None) -> str:
        value = self.values.get(key, default)
        if value is None:
            raise _broken(self.where, f"its key {key!r} is missing")
        if not isinstance(value, str):
            raise _broken(self.where, f"its key {key!r} is not a text")
        return value

    def matching(self, key: str, shape: re.Pattern[str]) -> str:
        value = self.text(key)
        if shape.fullmatch(value) is None:
            raise _broken(self.where, f"its {key} {value[:80]!r} has characters that do not belong there")
        return value

    def kind(self) -> Kind:
        value = self.text("kind")
        if value not in KINDS:
            raise _broken(self.where, f"its kind {value!r} is none of {', '.join(KINDS)}")
        return value

    def number(self, key: str, make: Callable[[str], Any]) -> Any:
        value = self.text(key)
        try:
            number = make(value)
        except ValueError as error:
            raise _broken(self.where, f"its {key} {value[:40]!r} is not a number") from error
        if not 0 <= number < float("inf"):
            raise _broken(self.where, f"its {key} {value[:40]!r} is not a count")
        return number

    def texts(self, key: str) -> list[str]:
        values = self.values.get(key, [])
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise _broken(self.where, f"its {key} are not a list of texts")
        return values

    def entries(self, key: str) -> list[_Front]:
        values = self.values.get(key, [])
        if not isinstance(values, list):
            raise _broken(self.where, f"its {key} are not a list")
        return [_Front(value, f"{self.where} ({key} {number})") for number, value in enumerate(values, 1)]
