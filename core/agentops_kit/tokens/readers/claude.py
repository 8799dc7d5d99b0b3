"""Claude Code's transcripts (observed with 2.1.197).

``<home>/.claude/projects/<folder, other characters as ->/<session>.jsonl``; a sub-agent's lies in
``<session>/subagents/agent-<id>.jsonl`` beside a ``.meta.json``. Older versions wrote an agent's
lines into the main file with ``isSidechain: true``. One API message is several lines with one
``message.id``; a resumed or forked session repeats the lines of the one it came from.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentops_kit.tokens.jsonl import records
from agentops_kit.tokens.session import Agent, Compaction, Session, Thread, Turn
from agentops_kit.tokens.window import count_in, left_by_compaction, request

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NAME = "claude"
_MARKS = (b'"usage"', b"compact_boundary")


def folder_name(root: str) -> str:
    """Return the name of the folder in which sessions started in ``root`` are kept."""
    return "".join(letter if letter.isalnum() and letter.isascii() else "-" for letter in root)


def projects(home: Path) -> Path:
    """Return the folder of all projects; ``CLAUDE_CONFIG_DIR`` moves it, as it moves the client's own."""
    return Path(os.environ.get("CLAUDE_CONFIG_DIR") or home / ".claude") / "projects"


def find(home: Path, root: Path) -> Iterator[Path]:
    """Yield the transcripts of sessions started in ``root`` or below it."""
    name = folder_name(str(root))
    for folder in sorted(projects(home).glob(f"{name}*")):
        found = sorted(folder.glob("*.jsonl"))
        if folder.name == name:
            yield from found
        elif folder.name.startswith(f"{name}-"):  # a subfolder of root, or a neighbour with a longer name
            yield from (path for path in found if _started_below(path, root))


def _started_below(path: Path, root: Path) -> bool:
    for record in records(path, (b'"cwd"',)):
        cwd = record.get("cwd")
        if isinstance(cwd, str):
            return cwd.startswith(f"{root}/")
    return False


def read(path: Path) -> Session:
    """Read a transcript, and its agents' beside it; ``OSError`` when it cannot be opened."""
    main, inline = _Tally(), dict[str, _Tally]()
    for record in records(path, _MARKS):
        if record.get("isSidechain"):
            inline.setdefault(str(record.get("agentId") or "sidechain"), _Tally()).take(record)
        else:
            main.take(record)
    agents = [Agent(name, "", "", tally.thread) for name, tally in inline.items()]
    return Session(NAME, path.stem, path, main.thread, (*agents, *_agents(path.with_suffix("") / "subagents")))


def _agents(folder: Path) -> Iterator[Agent]:
    for path in sorted(folder.glob("agent-*.jsonl")):
        about = _about(path.with_suffix(".meta.json"))
        tally = _tallied(records(path, _MARKS))
        yield Agent(path.stem.removeprefix("agent-"), about["agentType"], about["description"], tally.thread)


def _about(path: Path) -> dict[str, str]:
    try:
        values = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        values = {}
    known = values if isinstance(values, dict) else {}
    return {name: str(known.get(name) or "") for name in ("agentType", "description")}


def _tallied(lines: Iterable[dict[str, Any]]) -> _Tally:
    tally = _Tally()
    for record in lines:
        tally.take(record)
    return tally


class _Tally:
    """Counts each API message once, at its first place, with its last numbers."""

    def __init__(self) -> None:
        self._turns: dict[object, Turn] = {}
        self._compactions: dict[object, Compaction] = {}

    def take(self, record: dict[str, Any]) -> None:
        if record.get("subtype") == "compact_boundary":
            self._compacted(record)
            return
        fresh, written, read = request(record)
        if fresh + written + read == 0:
            return  # no answer, or one the client made up itself
        message = record["message"]
        output = count_in(message["usage"], "output_tokens")
        turn = Turn(_text(record, "timestamp"), _text(message, "model"), fresh, written, read, output)
        key = _text(message, "id") or _text(record, "requestId") or _text(record, "uuid") or turn
        self._turns[key] = turn

    def _compacted(self, record: dict[str, Any]) -> None:
        about = record.get("compactMetadata")
        trigger = _text(about, "trigger") if isinstance(about, dict) else ""
        at, before, after = _text(record, "timestamp"), count_in(about, "preTokens"), left_by_compaction(record) or 0
        key = _text(record, "uuid") or (at, before, after)
        self._compactions.setdefault(key, Compaction(len(self._turns), at, trigger, before, after))

    @property
    def thread(self) -> Thread:
        return Thread(tuple(self._turns.values()), tuple(self._compactions.values()))


def _text(values: dict[str, Any], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""
