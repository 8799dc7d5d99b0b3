"""Qwen Code's chats (observed with 0.15.10).

``<home>/.qwen/projects/<folder, other characters as ->/chats/<session>.jsonl``; an assistant's
record has ``usageMetadata``, whose ``promptTokenCount`` includes what the cache had.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.tokens.jsonl import records
from agentops_kit.tokens.readers.claude import folder_name
from agentops_kit.tokens.session import Session, Thread, Turn
from agentops_kit.tokens.window import count_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "qwen"


def find(home: Path, root: Path) -> Iterator[Path]:
    """Yield the chats of sessions started in ``root``."""
    yield from sorted((home / ".qwen" / "projects" / folder_name(str(root)) / "chats").glob("*.jsonl"))


def read(path: Path) -> Session:
    """Read a chat; ``OSError`` when it cannot be opened."""
    turns: dict[object, Turn] = {}
    for record in records(path, (b'"usageMetadata"',)):
        usage = record.get("usageMetadata")
        sent = count_in(usage, "promptTokenCount")
        if record.get("type") != "assistant" or not sent:
            continue
        cached = min(sent, count_in(usage, "cachedContentTokenCount"))
        output = count_in(usage, "candidatesTokenCount")
        at, model = str(record.get("timestamp") or ""), str(record.get("model") or "")
        turn = Turn(at, model, sent - cached, 0, cached, output)
        turns[str(record.get("uuid") or "") or turn] = turn
    return Session(NAME, path.stem, path, Thread(tuple(turns.values())))
