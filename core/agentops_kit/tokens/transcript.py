"""The sessions that assistants keep of a workspace: found, and read into one shape.

One module an assistant, loaded by name; each reads only what was observed of its client.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from agentops_kit.tokens.session import Session

READERS = {
    "claude": "agentops_kit.tokens.readers.claude",
    "codex": "agentops_kit.tokens.readers.codex",
    "copilot": "agentops_kit.tokens.readers.copilot",
    "gemini": "agentops_kit.tokens.readers.gemini",
    "opencode": "agentops_kit.tokens.readers.opencode",
    "qwen": "agentops_kit.tokens.readers.qwen",
}
"""Every assistant whose transcripts are read."""


class Reader(Protocol):
    """What an assistant's module does; a module is enough.

    One whose paths are no files, but name sessions of a database, has ``changed(path)`` as well: when a session was
    last written, in nanoseconds.
    """

    NAME: str

    def find(self, home: Path, root: Path) -> Iterator[Path]:
        """Yield the transcripts of sessions in ``root``, in any order."""
        ...

    def read(self, path: Path) -> Session:
        """Read one; ``OSError`` when it cannot be opened."""
        ...


class Kept(NamedTuple):
    """A transcript on disk: whose it is, where, and when it was last written (nanoseconds)."""

    assistant: str
    path: Path
    changed: int


def load(assistant: str) -> Reader:
    """Return an assistant's reader by its name in ``READERS``."""
    from importlib import import_module
    from typing import cast

    return cast("Reader", import_module(READERS[assistant]))


def kept(home: Path, root: Path, assistants: tuple[str, ...] = tuple(READERS)) -> list[Kept]:
    """Return the transcripts of a workspace, newest first."""
    found = []
    for name in assistants:
        reader = load(name)
        changed = getattr(reader, "changed", _file_changed)
        for path in reader.find(home, root):
            try:
                found.append(Kept(name, path, changed(path)))
            except OSError:
                continue  # taken away in between
    return sorted(found, key=lambda one: (one.changed, str(one.path)), reverse=True)


def _file_changed(path: Path) -> int:
    return path.stat().st_mtime_ns


def read(path: Path, assistant: str | None = None) -> Session:
    """Read a transcript of the named assistant, or of the one its first lines speak like (Claude Code in doubt)."""
    return load(assistant or whose(path)).read(path)


def whose(path: Path) -> str:
    """Return whose transcript a file is, by the shape of its first records."""
    from itertools import islice

    from agentops_kit.tokens.jsonl import records

    if _is_database(path) or _is_database(path.parent):
        return "opencode"
    for record in islice(records(path), 20):
        if record.get("type") == "session_meta" and isinstance(record.get("payload"), dict):
            return "codex"
        if record.get("type") == "session.start":
            return "copilot"
        if "projectHash" in record:
            return "gemini"
        message = record.get("message")
        if isinstance(message, dict) and "parts" in message:
            return "qwen"
    return "claude"


def _is_database(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(16) == b"SQLite format 3\0"
