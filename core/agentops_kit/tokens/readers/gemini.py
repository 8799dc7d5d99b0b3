"""Gemini CLI's chats (observed with 0.61.0).

``<home>/.gemini/tmp/<name>/chats/session-*.jsonl``; ``.project_root`` beside ``chats`` holds the
workspace's path. An answer is written again under its id when its tools are done; ``tokens.input``
includes what the cache had.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.tokens.jsonl import records
from agentops_kit.tokens.session import Session, Thread, Turn
from agentops_kit.tokens.window import count_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "gemini"


def find(home: Path, root: Path) -> Iterator[Path]:
    """Yield the chats of sessions started in ``root``."""
    for place in sorted((home / ".gemini" / "tmp").glob("*/.project_root")):
        try:
            named = place.read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            continue
        if named == str(root):
            yield from sorted((place.parent / "chats").glob("session-*.jsonl"))


def read(path: Path) -> Session:
    """Read a chat; ``OSError`` when it cannot be opened."""
    turns: dict[object, Turn] = {}
    name = path.stem
    for record in records(path, (b'"tokens"', b'"projectHash"')):
        name = str(record.get("sessionId") or name)
        tokens = record.get("tokens")
        sent = count_in(tokens, "input")
        if record.get("type") != "gemini" or not sent:
            continue
        cached = min(sent, count_in(tokens, "cached"))
        at, model = str(record.get("timestamp") or ""), str(record.get("model") or "")
        turn = Turn(at, model, sent - cached, 0, cached, count_in(tokens, "output"))
        turns[str(record.get("id") or "") or turn] = turn
    return Session(NAME, name, path, Thread(tuple(turns.values())))
