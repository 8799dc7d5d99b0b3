"""``.agentops/config.yaml``: written once, then the user's; later only the two lists change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentops_kit.content.config import PATH, VERSION, parse
from agentops_kit.errors import ContentInvalid

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["HEAD", "OLD_HEAD", "PATH", "first", "text_of", "updated", "with_value"]

_WHOSE = "# How AgentOps Kit works in this repository. Yours to edit;"
OLD_HEAD = f"{_WHOSE} `agentops install` changes the two lists only."
HEAD = f"{_WHOSE} install changes the two lists, upgrade the layout."
_FIRST = f"""\
{HEAD}
version: {VERSION} # of this file's layout
profiles: [{{profiles}}]
assistants: [{{assistants}}]
enforcement: strict # strict: refuse, warn: say so and allow, off: silent
require_run: false # true: edits outside a run are refused as well
limits:
  context: 0.40 # share of the model's window after which the next phase starts in a fresh context
  cap_tokens: null # an absolute limit in tokens beside the share
"""


def first(profiles: Sequence[str], assistants: Sequence[str]) -> bytes:
    """Return the file as we write it where there is none."""
    return _FIRST.format(profiles=", ".join(profiles), assistants=", ".join(assistants)).encode()


def updated(current: bytes, profiles: Sequence[str], assistants: Sequence[str]) -> bytes:
    """Return the user's file naming these profiles and assistants, its comments kept; ``ContentInvalid`` if broken."""
    text = text_of(current)
    said = parse(text, PATH)
    if said.profiles == tuple(profiles) and said.assistants == tuple(assistants):
        return current
    from ruamel.yaml.error import YAMLError

    try:
        for key, names in (("profiles", profiles), ("assistants", assistants)):
            if getattr(said, key) != tuple(names):
                text = _with_list(text, key, names)
    except YAMLError:
        text = ""  # an alias to what we replaced, for example
    if not _says(text, profiles, assistants):
        message = f"{PATH} has a layout that cannot be edited safely."
        raise ContentInvalid(message, remedy=f"Write `profiles: [{', '.join(profiles)}]` there, then try again.")
    return text.encode()


def text_of(data: bytes) -> str:
    """Return the file's text; ``ContentInvalid`` when it is not UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"{PATH} is not UTF-8 at byte {error.start}."
        raise ContentInvalid(message, remedy="Save it as UTF-8, then try again.") from error


def _says(text: str, profiles: Sequence[str], assistants: Sequence[str]) -> bool:
    try:
        found = parse(text, PATH)
    except ContentInvalid:
        return False
    return (found.profiles, found.assistants) == (tuple(profiles), tuple(assistants))


def with_value(text: str, key: str, value: str) -> str:
    """Return a text that has a new key in front of its others; ``value`` is on one line."""
    from ruamel.yaml import YAML

    newline = _newline(text)
    tree = YAML().compose(text)
    if tree is None:
        return f"{_ended(text, newline)}{key}: {value}{newline}"
    if tree.flow_style:
        at = tree.start_mark.index + 1
        return f"{text[:at]}{key}: {value}{', ' if tree.value else ''}{text[at:]}"
    at, lead = tree.start_mark.index, " " * tree.start_mark.column
    return f"{text[:at]}{key}: {value}{newline}{lead}{text[at:]}"


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _with_list(text: str, key: str, names: Sequence[str]) -> str:
    """Put a list in place at the positions ruamel.yaml gives, so that every other byte stays."""
    from ruamel.yaml import YAML

    flow = f"[{', '.join(names)}]"
    tree = YAML().compose(text)
    pair = next((pair for pair in tree.value if pair[0].value == key), None) if tree else None
    if pair is None:
        return with_value(text, key, flow)
    name, node = pair
    if isinstance(node.value, list) and not node.flow_style:
        return _with_items(text, node.value, names, _newline(text))
    start, end = node.start_mark.index, node.end_mark.index
    if start == end:  # nothing after the colon
        start = end = text.index(":", name.end_mark.index) + 1
        flow = f" {flow}"
    return text[:start] + flow + text[end:]


def _with_items(text: str, items: Sequence[Any], names: Sequence[str], newline: str) -> str:
    """Take lines out of a ``- item`` list and put new ones after the last that stays."""
    lines = text.splitlines(keepends=True)
    places = {str(item.value): item.start_mark.line for item in items}
    gone = {line for name, line in places.items() if name not in names}
    after = max((line for name, line in places.items() if name in names), default=max(places.values()))
    lead = lines[after][: items[0].start_mark.column]
    fresh = [f"{lead}{name}{newline}" for name in names if name not in places]
    kept = ["" if number in gone else line for number, line in enumerate(lines)]
    return "".join([*kept[:after], _ended(kept[after], newline), *fresh, *kept[after + 1 :]])


def _ended(text: str, newline: str) -> str:
    return text if not text or text.endswith("\n") else text + newline
