"""How full an assistant's context is, read from the transcript it keeps.

The last main-thread assistant message says what the model was sent: fresh input plus cache
writes plus cache reads. One API message is written as several lines with the same usage, so
the last line is read, never a sum. After a compaction the answers before it say nothing any
more; the client's own estimate stands until the next answer. The window's size is not in the
transcript; the status line is told it and leaves it in a file per session for the hooks.
"""

from __future__ import annotations

import json
import os

from agentops_kit.tokens.budget import DEFAULT_WINDOW, Use

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

_TAIL = 64 * 1024
_LONGEST_TAIL = 16 * 1024 * 1024
_COUNTED = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")


def used_tokens(transcript: str) -> int | None:
    """Return the tokens of the last main-thread request, None before the first answer or without a file."""
    try:
        size = os.stat(transcript).st_size  # noqa: PTH116 - pathlib costs start-up on the hook path
        tail = _TAIL
        while True:
            found = _last_usage(transcript, size, tail)
            if found is not None or tail >= min(size, _LONGEST_TAIL):
                return found or None
            tail *= 4
    except OSError:
        return None


def _last_usage(transcript: str, size: int, tail: int) -> int | None:
    with open(transcript, "rb") as stream:  # noqa: PTH123
        stream.seek(max(0, size - tail))
        lines = stream.read().split(b"\n")
    for line in reversed(lines):
        if b'"usage"' not in line and b"compact_boundary" not in line:
            continue
        used = _in_line(line)
        if used is not None:
            return used
    return None


def _in_line(line: bytes) -> int | None:
    """Return the tokens a line tells of, 0 for a compaction that does not say, None for any other line."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None  # the first line of the tail may be cut, the last may be half written
    if not isinstance(record, dict) or record.get("isSidechain"):
        return None
    left = left_by_compaction(record)
    return sum(request(record)) or None if left is None else left


def request(record: dict[str, Any]) -> tuple[int, int, int]:
    """Return the tokens an assistant's record says it was sent: fresh, written to the cache, read from it."""
    message = record.get("message") if record.get("type") == "assistant" else None
    usage = message.get("usage") if isinstance(message, dict) else None
    if not isinstance(usage, dict):
        return (0, 0, 0)
    fresh, written, read = (count_in(usage, name) for name in _COUNTED)
    return (fresh, written, read)


def count_in(values: object, name: str) -> int:
    """Return a count of a record, 0 when it is absent or no count."""
    count = values.get(name) if isinstance(values, dict) else None
    return count if isinstance(count, int) and not isinstance(count, bool) and count > 0 else 0


def left_by_compaction(record: dict[str, Any]) -> int | None:
    """Return the tokens the client says a compaction left, 0 when it does not say; None for any other record."""
    if record.get("subtype") != "compact_boundary":
        return None
    return count_in(record.get("compactMetadata"), "postTokens")


def window_file(state_dir: str, session: str) -> str:
    """Return where a session's window size is kept."""
    safe = "".join(letter for letter in session if (letter.isascii() and letter.isalnum()) or letter in "-_")[:80]
    return os.path.join(state_dir, "sessions", f"{safe or 'unknown'}.json")  # noqa: PTH118


def read_session(state_dir: str, session: str) -> dict[str, object]:
    """Return what is kept for a session: ``window`` and the last ``band`` that was announced."""
    try:
        with open(window_file(state_dir, session), encoding="utf-8") as stream:  # noqa: PTH123
            kept = json.load(stream)
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def write_session(state_dir: str, session: str, **values: object) -> None:
    """Keep values for a session beside what is already kept, by write and rename."""
    path = window_file(state_dir, session)
    os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
    spare = f"{path}.{os.getpid()}"
    with open(spare, "w", encoding="utf-8") as stream:  # noqa: PTH123
        json.dump({**read_session(state_dir, session), **values}, stream)
    os.replace(spare, path)  # noqa: PTH105


def use_of(state_dir: str, session: str, transcript: str, default_window: int = DEFAULT_WINDOW) -> Use | None:
    """Return the use of a session's context, None when nothing is known yet."""
    used = used_tokens(transcript)
    if used is None:
        return None
    window = read_session(state_dir, session).get("window")
    known = isinstance(window, int) and window > 0
    return Use(used, window if isinstance(window, int) and known else default_window, known)


def transcript_of(home: Path, root: Path, session: str) -> Path | None:
    """Return the transcript of a session that was started in ``root``, None when Claude Code keeps none."""
    name = "".join(letter if letter.isalnum() and letter.isascii() else "-" for letter in str(root))
    path = home / ".claude" / "projects" / name / f"{session}.jsonl"
    return path if path.is_file() else None
