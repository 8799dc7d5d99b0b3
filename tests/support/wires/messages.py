"""Anthropic's Messages API."""

from __future__ import annotations

import json
import re
import uuid
from typing import TYPE_CHECKING

from tests.support import wires

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.script import Json, Turn

PATH = re.compile(r"/v1/messages")


def request(body: Json, path: str) -> Json:
    """Return the request as it is: the scripts know this shape."""
    del path
    return body


def whole(model: str, turn: Turn) -> Json:
    """Return the message."""
    return {
        "id": f"msg_{uuid.uuid4().hex[:24]}",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": list(turn.blocks),
        "stop_reason": _stop_reason(turn),
        "stop_sequence": None,
        "usage": turn.usage._asdict(),
    }


def stream(model: str, turn: Turn) -> str:
    """Return the message in the pieces in which the real service streams it."""
    return "".join(wires.event(event, event["type"]) for event in _events(model, turn))


def _stop_reason(turn: Turn) -> str:
    return "tool_use" if any(block["type"] == "tool_use" for block in turn.blocks) else "end_turn"


def _events(model: str, turn: Turn) -> Iterator[Json]:
    usage = turn.usage._replace(output_tokens=1)._asdict()
    started = {**whole(model, turn), "content": [], "stop_reason": None, "usage": usage}
    yield {"type": "message_start", "message": started}
    for index, block in enumerate(turn.blocks):
        empty, delta = _pieces(block)
        yield {"type": "content_block_start", "index": index, "content_block": empty}
        yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    ending = {"stop_reason": _stop_reason(turn), "stop_sequence": None}
    yield {"type": "message_delta", "delta": ending, "usage": turn.usage._asdict()}
    yield {"type": "message_stop"}


def _pieces(block: Json) -> tuple[Json, Json]:
    """Return a block as it starts, empty, and the one delta that fills it."""
    if block["type"] == "text":
        return {**block, "text": ""}, {"type": "text_delta", "text": block["text"]}
    return {**block, "input": {}}, {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
