"""Three versions of a profile's files (as they came, as they stand here, as they come now) become one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops_kit.content.locked import Held
    from agentops_kit.packages.tree import Tree


class Merged(NamedTuple):
    """The files an update leads to; paths by what became of them."""

    files: Tree
    changed: tuple[str, ...]
    """Taken from the new version, which the person here had not touched (a path that is gone included)."""
    kept: tuple[str, ...]
    """Edited here and not in the new version: they stay."""
    joined: tuple[str, ...]
    """Edited here and there, in different places: both."""
    conflicts: tuple[str, ...]
    """Edited here and there in the same place; ``files`` has the version of here."""


def merge(came: Tree, here: Tree, now: Tree, texts: Callable[[bytes, bytes, bytes], bytes | None]) -> Merged:
    """Merge file by file; ``texts`` merges mine, base and theirs of one file, and returns None for a conflict."""
    files: Tree = {}
    found: dict[str, list[str]] = {"same": [], "changed": [], "kept": [], "joined": [], "conflicts": []}
    for path in sorted({*came, *here, *now}):
        what, one = _one(came.get(path), here.get(path), now.get(path), texts)
        found[what].append(path)
        if one is not None:
            files[path] = one
    lists = {what: tuple(paths) for what, paths in found.items() if what != "same"}
    return Merged(files, **lists)


def _one(
    came: Held | None, here: Held | None, now: Held | None, texts: Callable[[bytes, bytes, bytes], bytes | None]
) -> tuple[str, Held | None]:
    if here == now:
        return "same", here
    if here == came:
        return "changed", now
    if now == came:
        return "kept", here
    if here is None or now is None:
        return "conflicts", here
    both = texts(here.content, came.content if came else b"", now.content)
    if both is None:
        return "conflicts", here
    return "joined", now._replace(content=both)
