"""What a task can be routed to: the personas, commands and workflows of profiles, or a file of candidates."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from agentops_kit.errors import InputInvalid
from agentops_kit.routing.terms import whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from agentops_kit.content.profiles import Resolved

_LARGEST = 64 * 1024 * 1024
_MOST = 65_535
"""Candidates of a file: a compiled index names each by two bytes."""
_LONGEST_POINT = 300
_MOST_POINTS = 60
_LAUNCHED = re.compile(r"""\bpersona\(\s*["']([a-z0-9-]+)["']\s*\)""")


class Candidate(NamedTuple):
    """One thing to route to: what it says of itself, and what people say who want it (or something like it)."""

    id: str
    name: str
    description: str
    capabilities: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    near_misses: tuple[str, ...] = ()
    kind: str = "persona"
    where: str = ""
    belonging: tuple[tuple[str, str], ...] = ()
    """Near misses with the id they belong to."""
    calls: tuple[str, ...] = ()
    """The personas that a command's text launches."""


def of(resolved: Resolved) -> tuple[Candidate, ...]:
    """Return the candidates of profiles; a workflow and the command that starts it are one, and so said by both."""
    found: dict[str, Candidate] = {}
    for kind, items in (
        ("workflow", resolved.workflows),
        ("command", resolved.commands),
        ("persona", resolved.personas),
    ):
        for item in items:
            one = _candidate(kind, item)
            known = found.get(one.id)
            found[one.id] = one if known is None else _both(known, one)
    return tuple(_with_others(one, found.values()) for one in found.values())


def _with_others(one: Candidate, every: Iterable[Candidate]) -> Candidate:
    """Take what others call a near miss that belongs here for an example."""
    ours = [text for other in every for text, belongs in other.belonging if belongs == one.id]
    return one._replace(examples=tuple(dict.fromkeys((*one.examples, *ours))))


def _both(first: Candidate, second: Candidate) -> Candidate:
    return first._replace(
        description=f"{first.description} {second.description}",
        capabilities=(*first.capabilities, *second.capabilities),
        examples=tuple(dict.fromkeys((*first.examples, *second.examples))),
        near_misses=tuple(dict.fromkeys((*first.near_misses, *second.near_misses))),
        belonging=(*first.belonging, *second.belonging),
        calls=(*first.calls, *second.calls),
        kind=second.kind if first.kind == "workflow" and second.kind == "command" else first.kind,
    )


def _candidate(kind: str, item: Any) -> Candidate:
    spec = item.spec
    points = tuple(_points(item.body)) if kind != "workflow" else tuple(_steps(spec))
    return Candidate(
        item.name,
        item.name,
        spec.description,
        points,
        tuple(spec.examples),
        texts(spec.near_misses),
        kind,
        item.where,
        tuple((one.text, one.belongs) for one in spec.near_misses if one.belongs),
        tuple(dict.fromkeys(_LAUNCHED.findall(item.body))) if kind == "command" else (),
    )


def texts(sentences: Iterable[Any]) -> tuple[str, ...]:
    """Return sentences that are texts, or values with a ``text`` and where they belong."""
    return tuple(one if isinstance(one, str) else one.text for one in sentences)


def _points(body: str) -> Iterator[str]:
    """Yield the list items of a prompt's body: what it does, in its own words."""
    for line in body.splitlines():
        text = line.strip()
        if text.startswith(("- ", "* ")) or text[:1].isdigit():
            point = text.lstrip("-*0123456789. ")
            if point and "{" not in point:
                yield point[:_LONGEST_POINT]


def _steps(spec: Any) -> Iterator[str]:
    for phase in spec.phases:
        yield " ".join([phase.name, *(step.name for step in phase.steps)]).replace("-", " ")


def data(path: Path) -> bytes:
    """Return the bytes of a file of candidates; ``InputInvalid`` says why it cannot be read."""
    try:
        if path.stat().st_size > _LARGEST:
            message = f"{path} is larger than {_LARGEST // 1024**2} MB."
            raise InputInvalid(message, remedy="Give a file of candidates.")
        return path.read_bytes()
    except (OSError, ValueError) as error:  # a value where the path holds what no file's name can
        message = f"{str(path)!r} cannot be read: {getattr(error, 'strerror', None) or error}."
        raise InputInvalid(message, remedy="Name a readable JSON file of candidates.") from error


def parse(text: bytes, where: str) -> tuple[Candidate, ...]:
    """Return the candidates in a JSON list of ``{id, name, description, capabilities, examples}``."""
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        message = f"{where} is not JSON: {error}."
        raise InputInvalid(message, remedy="Write a list of objects with id, name and description.") from error
    if not isinstance(values, list) or not values:
        message = f"{where} is not a list of candidates."
        raise InputInvalid(message, remedy="Write a list of objects with id, name and description.")
    if len(values) > _MOST:
        message = f"{where} holds {len(values):,} candidates, more than {_MOST:,}."
        raise InputInvalid(message, remedy="Give the ones that tasks may go to.")
    found = tuple(_of_values(value, number, where) for number, value in enumerate(values, 1))
    ids = [one.id for one in found]
    twice = next((one for one in ids if ids.count(one) > 1), None) if len(set(ids)) < len(ids) else None
    if twice is not None:
        message = f"{where}: the id {twice!r} stands twice."
        raise InputInvalid(message, remedy="Give each candidate an id of its own.")
    return found


def _of_values(value: Any, number: int, where: str) -> Candidate:
    said = value.get("id") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(said, str) or not said.strip():
        message = f"{where}: candidate {number} has no `id`."
        raise InputInvalid(message, remedy="Write objects with id, name and description.")
    if said != whole(said):
        message = f"{where}: the `id` of candidate {number} holds half a character."
        raise InputInvalid(message, remedy="Write the id as whole characters.")
    lists = [_list(value, key, number, where) for key in ("capabilities", "examples", "near_misses")]
    capabilities, examples, near_misses = lists
    return Candidate(
        said,
        _text(value, "name", number, where) or said,
        _text(value, "description", number, where),
        capabilities[:_MOST_POINTS],
        examples,
        near_misses,
        _text(value, "kind", number, where) or "persona",
    )


def _text(value: Mapping[str, Any], key: str, number: int, where: str) -> str:
    found = value.get(key) or ""
    if not isinstance(found, str):
        message = f"{where}: `{key}` of candidate {number} is no text."
        raise InputInvalid(message, remedy=f"Write `{key}` as a text.")
    return whole(found)


def _list(value: Mapping[str, Any], key: str, number: int, where: str) -> tuple[str, ...]:
    found = value.get(key) or []
    if isinstance(found, str):
        found = [found]
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        message = f"{where}: `{key}` of candidate {number} is no list of texts."
        raise InputInvalid(message, remedy=f"Write `{key}` as a list of texts.")
    return tuple(whole(one) for one in found if one.strip())
