"""Google's generateContent, which Gemini CLI speaks."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from tests.support import wires

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.support.script import Json, Turn

PATH = re.compile(r"/v1beta/models/(?P<model>[^/:]+):(?P<verb>generateContent|streamGenerateContent)")


def request(body: Json, path: str) -> Json:
    """Return the request in the shape of the scripts."""
    found = PATH.fullmatch(path)
    assert found is not None
    tools = [function for tool in body.get("tools") or () for function in tool.get("functionDeclarations", ())]
    return {
        "model": found["model"],
        "stream": found["verb"] == "streamGenerateContent",
        "system": "\n".join(_texts((body.get("systemInstruction") or {}).get("parts", ()))),
        "messages": wires.joined(_message(content) for content in body["contents"]),
        "tools": tools,
    }


def whole(model: str, turn: Turn) -> Json:
    """Return the answer; this service streams it in the same shape."""
    content = {"role": "model", "parts": [_part(block) for block in turn.blocks]}
    told, answered = sum(turn.usage[:3]), turn.usage.output_tokens
    usage = {
        "promptTokenCount": told,
        "cachedContentTokenCount": turn.usage.cache_read_input_tokens,
        "candidatesTokenCount": answered,
        "totalTokenCount": told + answered,
    }
    choice = {"content": content, "finishReason": "STOP", "index": 0}
    return {"candidates": [choice], "usageMetadata": usage, "modelVersion": model}


def stream(model: str, turn: Turn) -> str:
    """Return the answer as the one event of a stream."""
    return wires.event(whole(model, turn))


def _message(content: Json) -> Json:
    role = "assistant" if content.get("role") == "model" else "user"
    answers = [part["functionResponse"]["response"] for part in content["parts"] if "functionResponse" in part]
    results = [wires.result(_output(answer)) for answer in answers]
    return wires.said(role, [*results, *(wires.text(words) for words in _texts(content["parts"]))])


def _output(answer: Json) -> str:
    said = answer.get("output", answer.get("error"))
    return said if isinstance(said, str) else json.dumps(answer, ensure_ascii=False)


def _texts(parts: Iterable[Json]) -> list[str]:
    return [part["text"] for part in parts if part.get("text")]


def _part(block: Json) -> Json:
    if block["type"] == "text":
        return {"text": block["text"]}
    return {"functionCall": {"name": block["name"], "args": block["input"]}}
