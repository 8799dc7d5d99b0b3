"""OpenAI's Responses API, which Codex speaks."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING

from tests.support import wires
from tests.support.script import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.script import Json, Turn

PATH = re.compile(r"(?:/v1)?/responses")
_CALLS = {"function_call", "custom_tool_call", "local_shell_call", "reasoning"}
_OUTPUTS = {"function_call_output", "custom_tool_call_output", "local_shell_call_output"}
_RULES = {"system", "developer"}


def request(body: Json, path: str) -> Json:
    """Return the request in the shape of the scripts; a developer's message counts as the system's words."""
    del path
    items = body["input"]
    rules = [text_of(item.get("content")) for item in items if item.get("role") in _RULES]
    return {
        "model": body["model"],
        "stream": body.get("stream"),
        "system": "\n".join([body.get("instructions") or "", *rules]),
        "messages": wires.joined(_message(item) for item in items if item.get("role") not in _RULES),
        "tools": [tool if "name" in tool else {**tool, "name": tool["type"]} for tool in body.get("tools") or ()],
    }


def whole(model: str, turn: Turn) -> Json:
    """Return the response."""
    return {**_head(model), "output": [_item(block) for block in turn.blocks], "status": "completed"} | _usage(turn)


def stream(model: str, turn: Turn) -> str:
    """Return the response as its events."""
    return "".join(wires.event(one, one["type"]) for one in _events(model, turn))


def _message(item: Json) -> Json:
    if item.get("type") in _OUTPUTS:
        output = item["output"]
        return wires.said("user", [wires.result(output if isinstance(output, str) else text_of(output))])
    if item.get("type") in _CALLS:
        return wires.said("assistant", [wires.text("")])
    return wires.said(item["role"], [wires.text(text_of(item.get("content")))])


def _events(model: str, turn: Turn) -> Iterator[Json]:
    yield {"type": "response.created", "response": {**_head(model), "output": [], "status": "in_progress"}}
    for index, block in enumerate(turn.blocks):
        item = _item(block)
        empty = {**item, "content": []} if item["type"] == "message" else item
        yield {"type": "response.output_item.added", "output_index": index, "item": empty}
        if item["type"] == "message":
            place = {"output_index": index, "content_index": 0, "item_id": item["id"]}
            yield {"type": "response.output_text.delta", **place, "delta": block["text"]}
        yield {"type": "response.output_item.done", "output_index": index, "item": item}
    yield {"type": "response.completed", "response": whole(model, turn)}


def _item(block: Json) -> Json:
    if block["type"] == "text":
        content = [{"type": "output_text", "text": block["text"], "annotations": []}]
        return {"type": "message", "id": "msg_script", "status": "completed", "role": "assistant", "content": content}
    if isinstance(block["input"], str):  # a tool that takes free text
        return {"type": "custom_tool_call", "id": "ctc_script", "call_id": block["id"], "name": block["name"]} | {
            "input": block["input"]
        }
    call = {"type": "function_call", "id": "fc_script", "call_id": block["id"], "status": "completed"}
    place = {"namespace": block["namespace"]} if "namespace" in block else {}
    return {**call, **place, "name": block["name"], "arguments": json.dumps(block["input"])}


def _head(model: str) -> Json:
    return {"id": "resp_script", "object": "response", "created_at": int(time.time()), "model": model}


def _usage(turn: Turn) -> Json:
    told, answered = sum(turn.usage[:3]), turn.usage.output_tokens
    usage = {
        "input_tokens": told,
        "input_tokens_details": {"cached_tokens": turn.usage.cache_read_input_tokens},
        "output_tokens": answered,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": told + answered,
    }
    return {"usage": usage}
