"""Letters that a model reads and a person does not see, so that a text says more than its reviewer was shown. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from agentops_kit.errors import ContentInvalid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentops_kit.content.library import Loaded
    from agentops_kit.packages.tree import Tree

_CONTROL = r"\x00-\x08\x0b\x0e-\x1f\x7f-\x9f"
_EMPTY = r"\xad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2028\u2029\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0"
_NOTES = r"\ufff9-\ufffb"
"""Around a note between the lines, which hardly anything draws."""
_TURNING = r"\u202a-\u202e\u2066-\u2069"
"""They show what follows in another order than it is read."""
_TAGS = r"\ufe00-\ufe0d\U000e0000-\U000e0fff"
_JOINERS = r"\u061c\u200c-\u200f\ufe0e\ufe0f"
"""Scripts and pictographs need one or two of these; in a longer run they write a text of their own."""
_HIDES = re.compile(f"[{_CONTROL}{_EMPTY}{_NOTES}{_TURNING}{_TAGS}]|[{_JOINERS}]{{3,}}")
MEND = "What nobody sees a model may still follow: take it out."


class Hidden(NamedTuple):
    """The first such letter of a file or value: its 1-based line, 0 for a value, and its code point."""

    path: str
    line: int
    code: str

    def __str__(self) -> str:
        """Return it as one clause."""
        return f"the letter {self.code} is not seen, and read"


def in_files(files: Tree) -> Iterator[Hidden]:
    """Yield the first hidden letter of each text; what is no text, such as a skill's picture, holds none."""
    for path, held in files.items():
        if b"\0" in held.content and path.startswith("skills/") and not path.endswith(".md"):
            continue
        try:
            text = held.content.decode("utf-8-sig")
        except UnicodeDecodeError:
            continue
        found = _HIDES.search(text)
        if found:
            yield Hidden(path, text.count("\n", 0, found.start()) + 1, _code(found[0]))


def in_values(loaded: Loaded) -> Iterator[Hidden]:
    """Yield the first hidden letter of each piece's front matter, where an escape of YAML may stand for one."""
    yield from _first(loaded.where, loaded.profile.model_dump())
    for item in (*loaded.commands, *loaded.personas, *loaded.skills, *loaded.workflows):
        yield from _first(item.where, item.spec.model_dump())


def require_none(files: Tree, loaded: Loaded) -> None:
    """Raise ``ContentInvalid`` for the first hidden letter of a package."""
    for one in (*in_files(files), *in_values(loaded)):
        message = f"{one.path}:{one.line}: {one}." if one.line else f"{one.path}: {one}."
        raise ContentInvalid(message, remedy=f"{MEND} Nothing was written.")


def _first(where: str, value: Any) -> Iterator[Hidden]:
    found = next((hit for text in _texts(value) if (hit := _HIDES.search(text))), None)
    if found:
        yield Hidden(where, 0, _code(found[0]))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _texts(key)
            yield from _texts(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _texts(one)


def _code(letters: str) -> str:
    return f"U+{ord(letters[0]):04X}"
