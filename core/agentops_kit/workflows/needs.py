"""Needs as people write them: a name, a list, any of, at least k of, on failure, optional, and nested."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.workflows.spec import After, Quorum

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from agentops_kit.workflows.log import Log
    from agentops_kit.workflows.source import Path_
    from agentops_kit.workflows.spec import Json, Need, When

_WHEN: dict[str, When] = {"failed": "failed", "on_failure": "failed", "optional": "settled"}


def read(said: Json, path: Path_, find: Callable[[str, Path_], str | None], log: Log) -> Need | None:
    """Return a need whose names ``find`` turned into ids; what names nothing is left out (a problem says so)."""
    if isinstance(said, str):
        step = find(said, path)
        return After(step) if step else None
    if isinstance(said, list):
        return every(_parts(said, path, find, log))
    for key, when in _WHEN.items():
        if key in said:
            step = find(said[key], (*path, key))
            return After(step, when) if step else None
    return _quorum(said, path, find, log)


def _quorum(said: dict[str, Json], path: Path_, find: Callable[[str, Path_], str | None], log: Log) -> Need | None:
    key = next(key for key in ("any", "any_of", "all", "all_of", "of") if key in said)
    parts = _parts(said[key], (*path, key), find, log)
    if key in {"all", "all_of"}:
        return every(parts)
    count = int(said["at_least"]) if key == "of" else 1
    if count > len(said[key]):
        message = f"`at_least` is {count}, but only {len(said[key])} are named."
        log.problem((*path, "at_least"), message, f"Ask for {len(said[key])} at most, or name more.")
    if not parts or count > len(parts):
        return None
    return parts[0] if len(parts) == 1 else Quorum(count, tuple(parts))


def _parts(said: list[Json], path: Path_, find: Callable[[str, Path_], str | None], log: Log) -> list[Need]:
    names = [one for one in said if isinstance(one, str)]
    for number, one in enumerate(said):
        if isinstance(one, str) and one in said[:number]:
            log.problem((*path, number), f"`{one}` stands twice among the needs.", "Keep one of them.")
    del names
    found = (read(one, (*path, number), find, log) for number, one in enumerate(said))
    return [need for need in found if need is not None]


def every(parts: Iterable[Need]) -> Need | None:
    """Return the need for all of some needs, None for none of them; lists inside lists become one."""
    flat: list[Need] = []
    for part in parts:
        whole = isinstance(part, Quorum) and part.count == len(part.of)
        flat.extend(part.of if whole and isinstance(part, Quorum) else (part,))
    once = tuple(dict.fromkeys(flat))
    if not once:
        return None
    return once[0] if len(once) == 1 else Quorum(len(once), once)
