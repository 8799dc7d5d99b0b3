"""What two branches changed: both sides united, where git left its conflict markers. Pure.

Two people who install for different assistants change the same lines of the manifest and of the configuration's
two lists. Git cannot know that such lists are to be united, and we can.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from agentops_kit.content.config import parse
from agentops_kit.errors import ContentInvalid
from agentops_kit.install import config, manifest
from agentops_kit.install.snapshot import digest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agentops_kit.install.manifest import Manifest, Owned

_CONFLICT = re.compile(
    r"^<{7}[^\n]*\n(?P<mine>.*?)(?:^\|{7}[^\n]*\n.*?)?^={7}[^\n]*\n(?P<theirs>.*?)^>{7}[^\n]*\n?",
    re.MULTILINE | re.DOTALL,
)
"""A place git could not merge, with or without the text both sides come from."""


def sides(text: str) -> tuple[str, str] | None:
    """Return the texts of both branches, None for one without conflict markers."""
    if not _CONFLICT.search(text):
        return None
    return _CONFLICT.sub(r"\g<mine>", text), _CONFLICT.sub(r"\g<theirs>", text)


def load(data: bytes, holds: Callable[[Owned], bool]) -> Manifest:
    """Return the list of what is ours, of both branches when git left a conflict in it.

    ``holds`` says whether a file in the workspace is as a record says; it settles which of two records is true.
    """
    both = sides(data.replace(b"\r\n", b"\n").decode("utf-8", "surrogateescape"))
    if both is None:
        return manifest.load(data)
    mine, theirs = (manifest.load(text.encode("utf-8", "surrogateescape")) for text in both)
    return unite(mine, theirs, holds)


def configuration(data: bytes) -> bytes:
    """Return the configuration without git's conflict markers, where the branches differ in the two lists only.

    ``ContentInvalid`` where they differ in more, which a person has to decide.
    """
    both = sides(config.text_of(data))
    if both is None:
        return data
    mine, theirs = (parse(text, config.PATH) for text in both)
    names = (_either(mine.profiles, theirs.profiles), _either(mine.assistants, theirs.assistants))
    one, other = (config.updated(text.encode(), *names) for text in both)
    if one != other:
        message = f"{config.PATH} has conflict markers around more than the lists of profiles and assistants."
        raise ContentInvalid(message, remedy="Decide there which lines are right, then try again.")
    return one


def unite(mine: Manifest, theirs: Manifest, holds: Callable[[Owned], bool]) -> Manifest:
    """Return one list of what two branches installed; our side's word counts where neither is seen to be true."""
    profiles, assistants = _either(mine.profiles, theirs.profiles), _either(mine.assistants, theirs.assistants)
    ours = mine.config and theirs.config  # then the two lists' union is what we would have written
    both = digest(config.first(profiles, assistants)) if ours else ""
    return replace(
        mine,
        profiles=profiles,
        assistants=assistants,
        files=tuple(_files(mine, theirs, holds)),
        folders=tuple(sorted({*mine.folders, *theirs.folders})),
        settings=(*mine.settings, *(one for one in theirs.settings if mine.record(one.path) is None)),
        config=mine.config if mine.config == theirs.config else both,
    )


def _files(mine: Manifest, theirs: Manifest, holds: Callable[[Owned], bool]) -> list[Owned]:
    found = {one.path: one for one in mine.files}
    for one in theirs.files:
        known = found.setdefault(one.path, one)
        if known.sha256 != one.sha256 and holds(one) and not holds(known):
            found[one.path] = one
    return [found[path] for path in sorted(found)]


def _either(mine: Sequence[str], theirs: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*mine, *theirs)))
