"""Paths that profiles mark critical: what touches them is approved by two people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.content.library import BASE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from agentops_kit.content.config import Config
    from agentops_kit.content.library import Library


def critical_paths(root: Path, config: Config, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the globs that the profiles active in a workspace, and those they extend, mark critical.

    ``ContentInvalid`` names a profile that does not load: a gate does not open on half an answer.
    """
    from agentops_kit.content import profiles
    from agentops_kit.content.library import Library, shipped

    return of_profiles(profiles.active_profiles((), environ, config, None), Library(shipped(), root))


def of_profiles(names: Iterable[str], library: Library) -> tuple[str, ...]:
    """Return the critical globs of profiles and all they extend, each once."""
    waiting = list(names) or [BASE]
    seen: set[str] = set()
    found: dict[str, None] = {}
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            globs, parents = _said(name, library)
            found.update(dict.fromkeys(globs))
            waiting += parents
    return tuple(sorted(found))


def _said(name: str, library: Library) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return a profile's critical globs and its parents, without the schema, which takes longer than a gate should."""
    values = library.document(name).values
    globs, parents = ([one] if isinstance(one, str) else one for one in map(values.get, ("critical", "extends")))
    for texts in (globs, parents):
        if texts is not None and not (isinstance(texts, list) and all(isinstance(one, str) for one in texts)):
            library.profile(name)  # says what is wrong with it
    return tuple(globs or ()), tuple(parents or ())
