"""One mapping of the configuration, read key by key; each mistake is refused in a sentence that names the key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agentops_kit.errors import ContentInvalid
from agentops_kit.text import near

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class Section:
    """The values below ``name`` in the file ``where``; what reads raises ``ContentInvalid``."""

    where: str
    name: str
    values: Mapping[Any, Any]

    def wrong(self, key: str, what: str, remedy: str) -> ContentInvalid:
        """Return the error that says what is wrong with a key, such as ``is 2``."""
        return _error(self.where, f"`{self.name}.{key}` {what}", remedy)

    def flag(self, key: str, *, default: bool) -> bool:
        """Return yes or no."""
        found = self.values.get(key, default)
        if not isinstance(found, bool):
            raise self.wrong(key, f"is {found!r}", "Write true or false.")
        return found

    def mapping(self, key: str, mend: str) -> dict[Any, Any]:
        """Return a mapping whose keys are the user's own, empty when nothing is said."""
        found = self.values.get(key)
        if found is None:
            return {}
        if not isinstance(found, dict):
            raise self.wrong(key, "is not a mapping", mend)
        return dict(found)

    def listed(self, key: str) -> list[Any]:
        """Return a list of anything, one text counting as a list of one, empty when nothing is said."""
        found = self.values.get(key)
        if found is None:
            return []
        if isinstance(found, str):
            return [found]
        if not isinstance(found, list):
            raise self.wrong(key, f"is {found!r}", f"Write a list: `{key}: [first, second]`.")
        return list(found)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts that say something, one text counting as a list of one."""
        found = self.listed(key)
        wrong = [one for one in found if not isinstance(one, str) or not one.strip()]
        if wrong:
            raise self.wrong(key, f"holds {wrong[0]!r}, which is no text", "Quote it.")
        return tuple(found)


def opened(value: Any, where: str, name: str, keys: Sequence[str]) -> Section:
    """Return the section a value is, empty for None; refuse what is no mapping, or holds a key beside ``keys``."""
    if value is None:
        return Section(where, name, {})
    if not isinstance(value, dict):
        raise _error(where, f"`{name}` is not a mapping", f"Write {', '.join(f'`{key}:`' for key in keys)} below it.")
    for key in value:
        if key not in keys:
            raise _error(where, f"unknown key `{name}.{key}`", near.key(str(key), keys))
    return Section(where, name, value)


def _error(where: str, what: str, remedy: str) -> ContentInvalid:
    return ContentInvalid(f"{where}: {what}." if where else f"{what}.", remedy=remedy)
