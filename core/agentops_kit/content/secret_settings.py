"""What a workspace says is no secret: paths that are not looked at, and kinds of findings that are false there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agentops_kit.errors import ContentInvalid

if TYPE_CHECKING:
    from typing import NoReturn

_KEYS = ("paths", "kinds")


@dataclass(frozen=True)
class Secrets:
    """The ``secrets:`` key."""

    paths: tuple[str, ...] = ()
    """Globs of files that are not searched for secrets, as in ``.gitignore``."""
    kinds: tuple[str, ...] = ()
    """Kinds of findings that are none here, as a finding names them (``generic-api-key``)."""


NO_SECRETS = Secrets()


def parse(value: Any, where: str) -> Secrets:
    """Read the value of ``secrets:``; ``ContentInvalid`` names the key and how to mend it."""
    if value is None:
        return NO_SECRETS
    if not isinstance(value, dict):
        _refuse(where, "`secrets` is not a mapping", "Write `paths:` and `kinds:` below it.")
    for key in value:
        if key not in _KEYS:
            _refuse(where, f"unknown key `secrets.{key}`", f"Known keys: {', '.join(_KEYS)}.")
    return Secrets(*(_texts(value, key, where) for key in _KEYS))


def _texts(value: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
    found = value.get(key)
    listed = [found] if isinstance(found, str) else found or []
    if not isinstance(listed, list) or not all(isinstance(one, str) and one.strip() for one in listed):
        _refuse(where, f"`secrets.{key}` is {found!r}", f"Write a list: `{key}: [first, second]`.")
    return tuple(listed)


def _refuse(where: str, what: str, remedy: str) -> NoReturn:
    message = f"{where}: {what}."
    raise ContentInvalid(message, remedy=remedy)
