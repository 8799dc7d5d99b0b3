"""Many tasks in one process: JSON lines in, JSON lines out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentops_kit.errors import InputInvalid
from agentops_kit.routing import kept, rank
from agentops_kit.routing.confidence import confidence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from agentops_kit.routing.index import Index


def answers(
    lines: Iterable[str],
    candidates: Path | None,
    own: Callable[[], Index] | None = None,
    *,
    with_encoder: bool = False,
) -> Iterator[dict[str, Any]]:
    """Yield ``{"ranked": [ids], "confidence": p}`` for each ``{"task": text}``.

    A line may name its own ``candidates_file``; else ``candidates`` holds, or ``own``. ``InputInvalid`` names the
    line that is wrong.
    """
    read: dict[str, Index] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        task, named = _asked(line.removeprefix("\ufeff"), number)
        path = named or (str(candidates) if candidates else "")
        index = read.get(path)
        if index is None:
            index = read[path] = from_file(Path(path), with_encoder=with_encoder) if path or own is None else own()
        yield answer(index, task)


def answer(index: Index, text: str) -> dict[str, Any]:
    """Return the ids best first, and how sure the first is."""
    task = rank.read(text)
    ranking = rank.rank(index, task)
    ids = index.ids
    return {"ranked": [ids[at] for at in ranking.order], "confidence": round(confidence(ranking, task), 4)}


def from_file(path: Path, *, with_encoder: bool = False) -> Index:
    """Return the index of a file of candidates, kept by the hash of its bytes."""
    from agentops_kit.routing import catalogue

    data = catalogue.data(path)
    place = kept.folder(Path.cwd())
    key = kept.key(data, kept.stamp(with_encoder=with_encoder))
    return kept.index(place, key, lambda: catalogue.parse(data, str(path)), with_encoder=with_encoder)


def _asked(line: str, number: int) -> tuple[str, str]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        message = f"Line {number} is not JSON: {error}."
        raise InputInvalid(message, remedy='Write lines like {"task": "…"}.') from error
    if not isinstance(value, dict) or not isinstance(value.get("task"), str):
        message = f"Line {number} has no `task`."
        raise InputInvalid(message, remedy='Write lines like {"task": "…"}.')
    named = value.get("candidates_file") or ""
    if not isinstance(named, str):
        message = f"Line {number}: `candidates_file` is no text."
        raise InputInvalid(message, remedy="Name a JSON file of candidates.")
    return value["task"], named
