"""Older layouts of ``.agentops/config.yaml`` brought to this version's, every comment and value kept.

A migration takes the text of one layout to the next and says what it did. What a person has to
decide is never migrated: it is refused with a sentence by the reader of the configuration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.content.config import PATH, VERSION, parse
from agentops_kit.errors import ContentInvalid
from agentops_kit.install import config

if TYPE_CHECKING:
    from collections.abc import Callable


class Migration(NamedTuple):
    """From layout ``version`` to the one after it: what it says it does, and the text it makes."""

    version: int
    says: str
    text: Callable[[str], str]


def _named(text: str) -> str:
    """Give a file of before there were layouts its number, and take back what its first line no longer says truly."""
    return config.with_value(text.replace(config.OLD_HEAD, config.HEAD, 1), "version", "1")


MIGRATIONS = (Migration(0, "names its layout, version 1", _named),)


def migrated(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Return the configuration in this version's layout, and what was done; ``ContentInvalid`` if it is broken."""
    text = config.text_of(data)
    version = parse(text, PATH).version
    steps = [step for step in MIGRATIONS if version <= step.version < VERSION]
    for step in steps:
        text = step.text(text)
    if not _is_current(text):
        message = f"{PATH} has a layout that cannot be edited safely."
        raise ContentInvalid(message, remedy=f"Write `version: {VERSION}` there, then try again.")
    return text.encode(), tuple(step.says for step in steps)


def _is_current(text: str) -> bool:
    try:
        return parse(text, PATH).version == VERSION
    except ContentInvalid:
        return False
