"""What a workspace says is no secret: paths that are not looked at, and kinds of findings that are false there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agentops_kit.content import section

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
    read = section.opened(value, where, "secrets", _KEYS)
    return Secrets(*(read.texts(key) for key in _KEYS))
