"""A question as JSON, and the digest by which an answer is found again."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from agentops_kit.models.base import Answer, Message, Question, Usage

if TYPE_CHECKING:
    from collections.abc import Mapping


def as_json(question: Question) -> dict[str, Any]:
    """Return what decides the answer: no idempotency key, no time limit, no try, no cap on the answer's length.

    So a run under another id, or with another purse, asks the same.
    """
    said: dict[str, Any] = {
        "model": question.model,
        "messages": [{"role": message.role, "text": message.text} for message in question.messages],
    }
    if question.temperature is not None:
        said["temperature"] = question.temperature
    if question.schema is not None:
        said["schema"] = dict(question.schema)
    return said


def digest(request: Any) -> str:
    """Return the sha256 of a JSON value in one spelling: sorted keys, no blanks."""
    text = json.dumps(request, sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def usage_json(usage: Usage) -> dict[str, int]:
    """Return token counts by name."""
    return {
        "input": usage.input,
        "output": usage.output,
        "cache_read": usage.cache_read,
        "cache_write": usage.cache_write,
    }


def usage_of(said: Mapping[str, Any] | None) -> Usage:
    """Return token counts from what ``usage_json`` wrote; what is missing is 0."""
    names = ("input", "output", "cache_read", "cache_write")
    return Usage(*(int((said or {}).get(name) or 0) for name in names))


def answer_json(answer: Answer) -> dict[str, Any]:
    """Return an answer as JSON."""
    return {
        "text": answer.text,
        "usage": usage_json(answer.usage),
        "model": answer.model,
        "provider": answer.provider,
        "details": dict(answer.details),
    }


def answer_of(said: Mapping[str, Any]) -> Answer:
    """Return the answer that ``answer_json`` wrote."""
    return Answer(
        str(said["text"]),
        usage_of(said.get("usage")),
        str(said.get("model", "")),
        str(said.get("provider", "")),
        dict(said.get("details") or {}),
    )


def told(messages: tuple[Message, ...], role: str = "") -> str:
    """Return the text of a conversation, or of one side of it."""
    return "\n".join(message.text for message in messages if role in {"", message.role})


def step_of(key: str) -> str:
    """Return step and item of an idempotency key ``run:step[:item]``, which hold in every run of the workflow."""
    return key.partition(":")[2]
