"""How each model service writes its requests and answers; a script is the same for all of them.

A wire is a module: ``PATH`` is the address it answers, ``request`` gives what a client asked in the one shape the
scripts know (that of the Messages API), ``whole`` and ``stream`` write a turn as the service would.
"""

from __future__ import annotations

import importlib
import json
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable

    from tests.support.script import Json, Turn

NAMES = ("messages", "chat", "responses", "gemini")


class Wire(Protocol):
    """One service's way of asking and answering."""

    PATH: re.Pattern[str]

    def request(self, body: Json, path: str) -> Json:
        """Return what was asked: model, system, messages, tools, and whether to stream."""
        ...

    def whole(self, model: str, turn: Turn) -> Json:
        """Return an answer given at once."""
        ...

    def stream(self, model: str, turn: Turn) -> str:
        """Return an answer as the text of an event stream."""
        ...


def at(path: str) -> Wire | None:
    """Return the wire that answers a request's path, without its query; None for no model's."""
    for name in NAMES:
        wire = cast("Wire", importlib.import_module(f"{__name__}.{name}"))
        if wire.PATH.fullmatch(path):
            return wire
    return None


def event(data: Json | str, name: str = "") -> str:
    """Return one event of a stream."""
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {data if isinstance(data, str) else json.dumps(data)}\n\n"


def said(role: str, blocks: Iterable[Json]) -> Json:
    """Return one message in the shape of the scripts."""
    return {"role": role, "content": list(blocks)}


def text(words: str) -> Json:
    """Return a block of text."""
    return {"type": "text", "text": words}


def result(words: str) -> Json:
    """Return a block with what a tool call gave back."""
    return {"type": "tool_result", "content": words}


def joined(messages: Iterable[Json]) -> list[Json]:
    """Return the messages with neighbours of one speaker made one, so that an answer in pieces counts once."""
    merged: list[Json] = []
    for message in messages:
        if merged and _kind(merged[-1]) == _kind(message):
            merged[-1] = said(message["role"], [*merged[-1]["content"], *message["content"]])
        else:
            merged.append(message)
    return merged


def _kind(message: Json) -> tuple[str, bool]:
    return message["role"], any(block["type"] == "tool_result" for block in message["content"])
