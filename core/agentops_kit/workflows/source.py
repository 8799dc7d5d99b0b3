"""YAML into plain JSON values that remember where they were said: libyaml's events, composed without recursion traps.

Refused here, before anything is built from them: files that are too large, too deep or grow by aliases, text that
is not UTF-8, keys that stand twice, and values that JSON does not have.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agentops_kit.workflows.problems import Problem
from agentops_kit.workflows.spec import Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from agentops_kit.workflows.spec import Json

LARGEST = 4 * 1024 * 1024
"""Bytes of a file; ten thousand steps take about one million."""
DEEPEST = 64
MOST_VALUES = 1_000_000
"""Values of a file with every alias counted as often as it stands."""

Path_ = tuple["str | int", ...]
_MERGE = "tag:yaml.org,2002:merge"
_PLAIN = frozenset(f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float", "str"))
_AS_WRITTEN = frozenset(f"tag:yaml.org,2002:{name}" for name in ("timestamp", "value"))
"""YAML's types beyond JSON that people write by accident: a date, an equals sign. They stay text."""


class Unreadable(Exception):
    """The text holds no value to look into; ``problem`` says why."""

    def __init__(self, problem: Problem) -> None:
        """Keep the problem."""
        super().__init__(str(problem))
        self.problem = problem


@dataclass(frozen=True)
class Source:
    """A file's values, and where each was said; ``spots`` maps a path to line and column, both from 1."""

    where: str
    values: Json
    spots: Mapping[Path_, tuple[int, int]]
    problems: tuple[Problem, ...] = ()

    def place(self, path: Path_) -> Place:
        """Return where the value at a path stands, or the nearest thing around it."""
        while path and path not in self.spots:
            path = path[:-1]
        return Place(self.where, *self.spots.get(path, (1, 1)))


def read(path: Path) -> bytes:
    """Return a file's bytes; one more than ``LARGEST`` at most, whatever it is. Raises ``Unreadable``."""
    place = Place(str(path), 1, 1)
    try:
        with path.open("rb") as stream:
            return stream.read(LARGEST + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        raise Unreadable(Problem(place, f"the file cannot be read: {reason}.", "Name a file that is there.")) from error


def parse(text: bytes | str, where: str) -> Source:
    """Return the values of a YAML (or JSON) text; raises ``Unreadable`` when it has none."""
    import yaml

    written = _decoded(text, where)
    try:
        composed = _Composer(yaml, where, written).compose()
    except yaml.YAMLError as error:
        raise Unreadable(_broken(error, where)) from error
    return composed


def _decoded(text: bytes | str, where: str) -> str:
    place = Place(where, 1, 1)
    if len(text) > LARGEST:
        said = f"the file is larger than {LARGEST // 1024 // 1024} MiB."
        raise Unreadable(Problem(place, said, "Split the workflow, or keep long text in files it names."))
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        good = text[: error.start]
        line = good.count(b"\n") + 1
        column = len(good[good.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        said = f"byte 0x{text[error.start]:02x} is not UTF-8."
        raise Unreadable(Problem(Place(where, line, column), said, "Save the file as UTF-8.")) from error


def _broken(error: Exception, where: str) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    place = Place(where, mark.line + 1, mark.column + 1) if mark is not None else Place(where, 1, 1)
    said = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
    begun = getattr(error, "context", None)
    opened = getattr(error, "context_mark", None)
    since = f" {begun} that starts in line {opened.line + 1}" if begun and opened is not None else ""
    mend = "Mend that line; quote a text that holds `: ` or starts with a sign, and indent with spaces."
    return Problem(place, f"this is not YAML: {said}{since}.", mend)


@dataclass
class _Composer:
    """Builds values from events; ``at`` is the path of the value being built."""

    yaml: Any
    """The module, which is heavy and therefore not imported above."""
    where: str
    text: str
    spots: dict[Path_, tuple[int, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    anchors: dict[str, tuple[Json, int]] = field(default_factory=dict)
    open_anchors: set[str] = field(default_factory=set)
    count: int = 0

    def compose(self) -> Source:
        # libyaml's loader is ten times as fast as the one in Python, but not every build of PyYAML has it
        loader: Any = getattr(self.yaml, "CSafeLoader", self.yaml.SafeLoader)(self.text)
        try:
            values = self._document(loader)
        finally:
            loader.dispose()
        return Source(self.where, values, self.spots, tuple(self.problems))

    def _document(self, loader: Any) -> Json:
        loader.get_event()
        if loader.check_event(self.yaml.StreamEndEvent):
            said = "the file is empty."
            raise Unreadable(Problem(Place(self.where, 1, 1), said, "Write a workflow: `name:` and `steps:`."))
        loader.get_event()
        value, _ = self._value(loader, (), 0)
        loader.get_event()
        if not loader.check_event(self.yaml.StreamEndEvent):
            mark = loader.get_event().start_mark
            raise self._refused(mark, "a second YAML document starts here.", "Keep one workflow a file.")
        return value

    def _value(self, loader: Any, path: Path_, depth: int) -> tuple[Json, int]:
        """Return the next value and how many values it holds."""
        event = loader.get_event()
        self.spots.setdefault(path, _spot(event.start_mark))
        if depth > DEEPEST:
            said = f"the values are nested more than {DEEPEST} deep."
            raise self._refused(event.start_mark, said, "Flatten them.")
        if isinstance(event, self.yaml.AliasEvent):
            return self._alias(event)
        anchor = event.anchor
        if anchor:
            self.open_anchors.add(anchor)
        before = self.count
        self._counted(1, event.start_mark)
        if isinstance(event, self.yaml.ScalarEvent):
            value = self._scalar(loader, event)
        elif isinstance(event, self.yaml.MappingStartEvent):
            value = self._mapping(loader, event, path, depth)
        else:
            value = self._sequence(loader, event, path, depth)
        held = self.count - before
        if anchor:
            self.open_anchors.discard(anchor)
            self.anchors[anchor] = (value, held)
        return value, held

    def _alias(self, event: Any) -> tuple[Json, int]:
        if event.anchor in self.open_anchors:
            said = f"the alias *{event.anchor} stands inside the value it names."
            raise self._refused(event.start_mark, said, "Write the value out.")
        if event.anchor not in self.anchors:
            raise self._refused(event.start_mark, f"there is no anchor &{event.anchor} above.", "Define it first.")
        value, held = self.anchors[event.anchor]
        self._counted(held, event.start_mark)
        return value, held

    def _counted(self, more: int, mark: Any) -> None:
        self.count += more
        if self.count > MOST_VALUES:
            said = f"with its aliases the file holds more than {MOST_VALUES:,} values."
            raise self._refused(mark, said, "Use fewer aliases, or split the workflow.")

    def _sequence(self, loader: Any, start: Any, path: Path_, depth: int) -> Json:
        self._tag(start)
        items: list[Json] = []
        while not loader.check_event(self.yaml.SequenceEndEvent):
            items.append(self._value(loader, (*path, len(items)), depth + 1)[0])
        loader.get_event()
        return items

    def _mapping(self, loader: Any, start: Any, path: Path_, depth: int) -> Json:
        self._tag(start)
        own: dict[str, Json] = {}
        merged: dict[str, Json] = {}
        while not loader.check_event(self.yaml.MappingEndEvent):
            key = loader.get_event()
            if not isinstance(key, self.yaml.ScalarEvent):
                said = "a key is a list, a mapping or an alias."
                raise self._refused(key.start_mark, said, "Keys are plain words; quote one that starts with a sign.")
            name = str(key.value)
            at = (*path, name)
            if name in own:
                line = self.spots[at][0]
                self._problem(key.start_mark, f"the key `{name}` stands twice, first in line {line}.", "Keep one.")
            self.spots[at] = _spot(key.start_mark)
            value, _ = self._value(loader, at, depth + 1)
            if name == "<<" and key.implicit[0]:
                merged = {**self._merged(value, key.start_mark), **merged}
            else:
                own[name] = value
        loader.get_event()
        return {**merged, **own}

    def _merged(self, value: Json, mark: Any) -> dict[str, Json]:
        parts = value if isinstance(value, list) else [value]
        if not all(isinstance(part, dict) for part in parts):
            self._problem(mark, "`<<` merges something that is not a mapping.", "Name an anchor of a mapping.")
            return {}
        return {key: said for part in reversed(parts) for key, said in part.items()}

    def _scalar(self, loader: Any, event: Any) -> Json:
        tag = event.tag
        if tag is None or tag == "!":
            tag = loader.resolve(self.yaml.ScalarNode, event.value, event.implicit)
        if tag in _AS_WRITTEN or tag == _MERGE:
            return event.value
        if tag not in _PLAIN:
            self._problem(event.start_mark, f"the tag {tag} is not known here.", "Take it out; quote a text.")
            return event.value
        try:
            value = loader.construct_object(self.yaml.ScalarNode(tag, event.value, event.start_mark, event.end_mark))
        except ValueError:
            self._problem(event.start_mark, f"{event.value[:40]!r} is no number or yes/no.", "Quote it if it is text.")
            return event.value
        return self._finite(value, event)

    def _finite(self, value: Json, event: Any) -> Json:
        if isinstance(value, float) and (value != value or value in {float("inf"), float("-inf")}):  # noqa: PLR0124 - NaN
            self._problem(event.start_mark, f"{event.value} is not a number JSON has.", "Write a finite number.")
            return 0
        return value

    def _tag(self, start: Any) -> None:
        if start.tag not in {None, "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"}:
            self._problem(start.start_mark, f"the tag {start.tag} is not known here.", "Take it out.")

    def _problem(self, mark: Any, said: str, mend: str) -> None:
        self.problems.append(Problem(Place(self.where, *_spot(mark)), said, mend))

    def _refused(self, mark: Any, said: str, mend: str) -> Unreadable:
        return Unreadable(Problem(Place(self.where, *_spot(mark)), said, mend))


def _spot(mark: Any) -> tuple[int, int]:
    return mark.line + 1, mark.column + 1


def walk(value: Json, path: Path_ = ()) -> Iterator[tuple[Path_, str]]:
    """Yield every text in a value with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from walk(inner, (*path, key))
    elif isinstance(value, (list, tuple)):
        for number, inner in enumerate(value):
            yield from walk(inner, (*path, number))
