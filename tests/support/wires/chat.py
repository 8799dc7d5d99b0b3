"""OpenAI's chat completions, which opencode, Qwen Code and Copilot CLI speak to a provider of one's own."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Any

from tests.support import wires
from tests.support.script import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.script import Json, Turn

PATH = re.compile(r"(?:/v1|/openai/deployments/[^/]+)?/chat/completions")


def request(body: Json, path: str) -> Json:
    """Return the request in the shape of the scripts."""
    del path
    rules = [m for m in body["messages"] if m["role"] in {"system", "developer"}]
    tools = [tool.get("function") or tool for tool in body.get("tools") or ()]
    return {
        "model": body["model"],
        "stream": body.get("stream"),
        "system": "\n".join(text_of(m["content"]) for m in rules),
        "messages": wires.joined(_message(m) for m in body["messages"] if m not in rules),
        "tools": tools,
    }


def whole(model: str, turn: Turn) -> Json:
    """Return the completion."""
    words, calls = _split(turn)
    message = {"role": "assistant", "content": words or None} | ({"tool_calls": calls} if calls else {})
    choice = {"index": 0, "message": message, "finish_reason": _ending(calls)}
    return {**_head(model), "object": "chat.completion", "choices": [choice], "usage": _usage(turn)}


def stream(model: str, turn: Turn) -> str:
    """Return the completion in chunks."""
    return "".join(wires.event(chunk) for chunk in _chunks(model, turn)) + wires.event("[DONE]")


def _message(message: Json) -> Json:
    if message["role"] == "tool":
        return wires.said("user", [wires.result(text_of(message["content"]))])
    return wires.said(message["role"], [wires.text(text_of(message.get("content")))])


def _chunks(model: str, turn: Turn) -> Iterator[Json]:
    words, calls = _split(turn)
    head = {**_head(model), "object": "chat.completion.chunk"}

    def chunk(delta: Json, ending: str | None = None) -> Json:
        return {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": ending}]}

    yield chunk({"role": "assistant", "content": words})
    if calls:
        yield chunk({"tool_calls": [{"index": index, **call} for index, call in enumerate(calls)]})
    yield chunk({}, _ending(calls))
    yield {**head, "choices": [], "usage": _usage(turn)}


def _split(turn: Turn) -> tuple[str, list[Json]]:
    words = "".join(block["text"] for block in turn.blocks if block["type"] == "text")
    return words, [_call(block) for block in turn.blocks if block["type"] == "tool_use"]


def _call(block: Json) -> Json:
    function = {"name": block["name"], "arguments": json.dumps(block["input"])}
    return {"id": block["id"], "type": "function", "function": function}


def _ending(calls: list[Json]) -> str:
    return "tool_calls" if calls else "stop"


def _head(model: str) -> dict[str, Any]:
    return {"id": "chatcmpl-script", "created": int(time.time()), "model": model}


def _usage(turn: Turn) -> Json:
    told, answered = sum(turn.usage[:3]), turn.usage.output_tokens
    cached = {"cached_tokens": turn.usage.cache_read_input_tokens}
    return {
        "prompt_tokens": told,
        "completion_tokens": answered,
        "total_tokens": told + answered,
        "prompt_tokens_details": cached,
    }
