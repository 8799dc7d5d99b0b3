"""Shapes of YAML values: one table that checks a file and is published as its JSON Schema.

``check`` reports every lack with its path and mend; ``schema`` writes the same table as JSON Schema 2020-12,
so that an editor and the loader cannot disagree.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from agentops_kit.text import near

if TYPE_CHECKING:
    from collections.abc import Iterator

Path = tuple["str | int", ...]
_LONGEST_SHOWN = 40


class Lack(NamedTuple):
    """What a value at a path lacks; ``message`` follows the key's name, ``mend`` is a sentence."""

    path: Path
    message: str
    mend: str

    def __str__(self) -> str:
        """Return what is lacking where, as people write paths: ``steps[2].needs``, counted from 1."""
        text = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in self.path)
        return f"`{text.removeprefix('.')}` {self.message}" if self.path else f"the file {self.message}"


@dataclass(frozen=True)
class Anything:
    """Any value."""


@dataclass(frozen=True)
class Flag:
    """Yes or no."""


@dataclass(frozen=True)
class Text:
    """A text; ``says`` tells a person what the pattern wants."""

    pattern: str = ""
    says: str = "a text"
    least: int = 1
    most: int | None = None


@dataclass(frozen=True)
class Number:
    """A number; ``above`` is a bound that is not reached itself."""

    least: float | None = None
    most: float | None = None
    above: float | None = None
    whole: bool = False


@dataclass(frozen=True)
class Choice:
    """One of some words."""

    words: tuple[str, ...]


@dataclass(frozen=True)
class Many:
    """A list."""

    of: Shape
    least: int = 0


@dataclass(frozen=True)
class Table:
    """A mapping whose keys are the user's own."""

    of: Shape
    least: int = 0


@dataclass(frozen=True)
class Record:
    """A mapping with known keys.

    ``one_of`` are keys of which one stands there, or at most one where none is allowed too; ``mark`` are the
    keys that tell this record from others it stands beside; ``own`` is the beginning of keys left to the user.
    """

    keys: Mapping[str, Shape]
    needs: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    none_too: bool = False
    mark: tuple[str, ...] = ()
    own: str = ""
    open: bool = False
    says: str = "a mapping"


@dataclass(frozen=True)
class Either:
    """One of some shapes, which differ in JSON type or, between records, in their marks."""

    options: tuple[Shape, ...]


@dataclass(frozen=True)
class Named:
    """The shape of that name in the table of definitions, so that shapes can hold themselves."""

    name: str


Shape = Anything | Flag | Text | Number | Choice | Many | Table | Record | Either | Named
Definitions = Mapping[str, Shape]


@dataclass(frozen=True)
class Checker:
    """Checks values against shapes that may refer to ``definitions``."""

    definitions: Definitions = field(default_factory=dict)

    def check(self, shape: Shape, value: Any, path: Path = ()) -> Iterator[Lack]:
        """Yield every lack of a value, outermost first."""
        shape = self.resolved(shape)
        if isinstance(shape, Anything):
            return
        if isinstance(shape, Either):
            yield from self._either(shape, value, path)
        elif not _of_type(shape, value):
            yield Lack(path, f"is {show(value)}", f"Write {self.says(shape)}.")
        elif isinstance(shape, Record):
            yield from self._record(shape, value, path)
        elif isinstance(shape, (Many, Table)):
            yield from self._parts(shape, value, path)
        else:
            yield from _scalar(shape, value, path)

    def resolved(self, shape: Shape) -> Shape:
        """Return the shape a name stands for."""
        while isinstance(shape, Named):
            shape = self.definitions[shape.name]
        return shape

    def says(self, shape: Shape) -> str:
        """Return a shape in words."""
        shape = self.resolved(shape)
        if isinstance(shape, Either):
            return " or ".join(dict.fromkeys(self.says(option) for option in shape.options))
        if isinstance(shape, (Text, Record)):
            return shape.says
        if isinstance(shape, Choice):
            return f"one of {', '.join(shape.words)}"
        if isinstance(shape, Many):
            return "a list"
        if isinstance(shape, Number):
            return _number_in_words(shape)
        return "yes or no" if isinstance(shape, Flag) else "a mapping"

    def _either(self, shape: Either, value: Any, path: Path) -> Iterator[Lack]:
        fitting = [one for one in map(self.resolved, shape.options) if self._takes(one, value)]
        if fitting:
            yield from self.check(fitting[0], value, path)
        else:
            yield Lack(path, f"is {show(value)}", f"Write {self.says(shape)}.")

    def _takes(self, shape: Shape, value: Any) -> bool:
        shape = self.resolved(shape)
        if isinstance(shape, Either):
            return any(self._takes(option, value) for option in shape.options)
        if isinstance(shape, Record) and shape.mark:
            return isinstance(value, dict) and any(key in value for key in shape.mark)
        return _of_type(shape, value)

    def _parts(self, shape: Many | Table, value: Any, path: Path) -> Iterator[Lack]:
        if len(value) < shape.least:
            yield Lack(path, "is empty", "Add at least one.")
        parts = value.items() if isinstance(shape, Table) else enumerate(value)
        for key, part in parts:
            yield from self.check(shape.of, part, (*path, key))

    def _record(self, shape: Record, value: dict[Any, Any], path: Path) -> Iterator[Lack]:
        for key in shape.needs:
            if key not in value:
                yield Lack(path, f"lacks `{key}`", f"Add `{key}:`.")
        yield from _alternatives(shape, value, path)
        for key, part in value.items():
            known = shape.keys.get(key)
            if not isinstance(key, str):
                yield Lack((*path, str(key)), "is a key that YAML does not read as a text", "Put it in quotes.")
            elif known is not None:
                yield from self.check(known, part, (*path, key))
            elif not shape.open and not (shape.own and key.startswith(shape.own)):
                yield Lack((*path, key), "is not a known key", near.key(key, shape.keys))


def show(value: Any) -> str:
    """Return a value as a person reads it in a sentence."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return "a list" if value else "an empty list"
    if isinstance(value, dict):
        return "a mapping"
    text = str(value) if isinstance(value, (int, float)) else repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"


def _of_type(shape: Shape, value: Any) -> bool:
    if isinstance(shape, (Text, Choice)):
        return isinstance(value, str)
    if isinstance(shape, Number):
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return number and not (shape.whole and value % 1 != 0)
    if isinstance(shape, Flag):
        return isinstance(value, bool)
    if isinstance(shape, Many):
        return isinstance(value, list)
    return isinstance(value, dict) or isinstance(shape, Anything)


def _scalar(shape: Shape, value: Any, path: Path) -> Iterator[Lack]:
    if isinstance(shape, Choice) and value not in shape.words:
        yield Lack(path, f"is {show(value)}", near.key(value, shape.words, "It is"))
    elif isinstance(shape, Text):
        yield from _text(shape, value, path)
    elif isinstance(shape, Number) and not _within(shape, value):
        yield Lack(path, f"is {show(value)}", f"Write {_number_in_words(shape)}.")


def _text(shape: Text, value: str, path: Path) -> Iterator[Lack]:
    if len(value) < shape.least:
        yield Lack(path, "is empty", f"Write {shape.says}, or take the key out.")
    elif shape.most is not None and len(value) > shape.most:
        yield Lack(path, f"has {len(value)} characters", f"Keep it to {shape.most}.")
    elif shape.pattern and not re.search(shape.pattern, value):
        yield Lack(path, f"is {show(value)}", f"Write {shape.says}.")


def _within(shape: Number, value: float) -> bool:
    return not (
        (shape.least is not None and value < shape.least)
        or (shape.most is not None and value > shape.most)
        or (shape.above is not None and value <= shape.above)
    )


def _number_in_words(shape: Number) -> str:
    words = "a whole number" if shape.whole else "a number"
    if shape.above is not None:
        words += f" above {shape.above:g}"
    if shape.least is not None:
        words += f" from {shape.least:g}"
    return words + (f" to {shape.most:g}" if shape.most is not None else "")


def _alternatives(shape: Record, value: Mapping[str, Any], path: Path) -> Iterator[Lack]:
    said = [key for key in value if key in shape.one_of]
    if len(said) > 1:
        yield Lack((*path, said[1]), f"stands beside `{said[0]}`", "Keep one of them.")
    elif shape.one_of and not said and not shape.none_too:
        choices = " or ".join(f"`{key}`" for key in shape.one_of)
        yield Lack(path, f"lacks {choices}", f"Add {choices}.")
