"""Codex's rollout files (observed with 0.169.0).

``<home>/.codex/sessions/<year>/<month>/<day>/rollout-*.jsonl``: ``session_meta`` names the folder,
``token_usage_record`` the tokens of each response under its ``response_id``, ``turn_context`` the
model and ``task_started`` the window. ``input_tokens`` includes what the cache had.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentops_kit.tokens.jsonl import records
from agentops_kit.tokens.session import Session, Thread, Turn
from agentops_kit.tokens.window import count_in

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "codex"
_MARKS = (b'"session_meta"', b'"token_usage_record"', b'"turn_context"', b'"task_started"')


def find(home: Path, root: Path) -> Iterator[Path]:
    """Yield the rollouts of sessions started in ``root`` or below it; ``CODEX_HOME`` moves the folder."""
    folder = Path(os.environ.get("CODEX_HOME") or home / ".codex") / "sessions"
    for path in sorted(folder.glob("*/*/*/rollout-*.jsonl")):
        about = next((_payload(one) for one in records(path, _MARKS[:1])), {})
        if f"{about.get('cwd')}/".startswith(f"{root}/"):
            yield path


def read(path: Path) -> Session:
    """Read a rollout; ``OSError`` when it cannot be opened."""
    turns: dict[object, Turn] = {}
    name, model, window = path.stem, "", None
    for record in records(path, _MARKS):
        about = _payload(record)
        match record.get("type"):
            case "session_meta":
                name = str(about.get("id") or name)
            case "turn_context":
                model = str(about.get("model") or model)
            case "token_usage_record":
                turn = _turn(record, about, model)
                turns[str(about.get("response_id") or "") or turn] = turn
            case _:
                window = count_in(about, "model_context_window") or window
    return Session(NAME, name, path, Thread(tuple(turn for turn in turns.values() if turn.tokens)), window=window)


def _turn(record: dict[str, Any], about: dict[str, Any], model: str) -> Turn:
    usage = about.get("usage")
    sent, read_, written, output = (
        count_in(usage, name)
        for name in ("input_tokens", "cached_input_tokens", "cache_write_input_tokens", "output_tokens")
    )
    fresh = max(0, sent - read_ - written)
    return Turn(str(record.get("timestamp") or ""), model, fresh, written, min(read_, sent), output)


def _payload(record: dict[str, Any]) -> dict[str, Any]:
    payload = record.get("payload")
    return payload if isinstance(payload, dict) else {}
