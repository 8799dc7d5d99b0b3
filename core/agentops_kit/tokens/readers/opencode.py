"""opencode's database (observed with 1.18.33).

``<home>/.local/share/opencode/opencode.db`` is SQLite: a row of ``session`` names the folder and, for an agent's, the
session it belongs to; each answer is a row of ``message`` whose JSON has ``tokens``, where ``input`` leaves out what
the cache had. A compaction is an answer with ``summary``. A session is named as a path below the database.
"""

from __future__ import annotations

import json
import os
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from agentops_kit.tokens.session import Agent, Compaction, Session, Thread, Turn
from agentops_kit.tokens.window import count_in

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

NAME = "opencode"
_DATABASE = "opencode.db"
_MAIN = "SELECT id FROM session WHERE parent_id IS NULL AND (directory = ? OR substr(directory, 1, ?) = ?) ORDER BY id"
_OF_NEWEST = "SELECT id FROM session WHERE parent_id IS NULL ORDER BY time_updated DESC LIMIT 1"
_AGENTS = "SELECT id, agent, title FROM session WHERE parent_id = ? ORDER BY time_created, id"
_MESSAGES = "SELECT id, data FROM message WHERE session_id = ? ORDER BY time_created, id"
_ASKED = "SELECT data FROM part WHERE message_id = ? AND data LIKE '%\"compaction\"%'"


def database(home: Path) -> Path:
    """Return where the client keeps its sessions; ``OPENCODE_DB`` and ``XDG_DATA_HOME`` move it, as they do there."""
    folder = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share") / "opencode"
    return folder / (os.environ.get("OPENCODE_DB") or _DATABASE)


def find(home: Path, root: Path) -> Iterator[Path]:
    """Yield the sessions started in ``root`` or below it."""
    path = database(home)
    below = f"{root}/"
    yield from (path / row[0] for row in _asked(path, _MAIN, (str(root), len(below), below)))


def changed(path: Path) -> int:
    """Return when a session was last written, in nanoseconds; ``OSError`` when it is gone."""
    rows = _asked(path.parent, "SELECT time_updated FROM session WHERE id = ?", (path.name,))
    if not rows:
        raise FileNotFoundError(str(path))
    return int(rows[0][0]) * 1_000_000


def read(path: Path) -> Session:
    """Read a session, or of a database the newest one; ``OSError`` when it cannot be opened."""
    where, name = path.parent, path.name
    if path.is_file():
        newest = _asked(path, _OF_NEWEST, ())
        where, name = path, str(newest[0][0]) if newest else ""
    elif not where.is_file():
        raise FileNotFoundError(str(path))
    agents = tuple(
        Agent(one, str(kind or ""), str(title or ""), _thread(where, one))
        for one, kind, title in _asked(where, _AGENTS, (name,))
    )
    return Session(NAME, name, where / name, _thread(where, name), agents)


class _Answer(NamedTuple):
    id: str
    about: dict[str, Any]


def _thread(where: Path, session: str) -> Thread:
    turns: list[Turn] = []
    compactions: list[Compaction] = []
    for answer in _answers(_asked(where, _MESSAGES, (session,))):
        if answer.about.get("summary") is True:
            before = turns[-1].tokens if turns else 0
            asked = _asked(where, _ASKED, (str(answer.about.get("parentID") or ""),))
            compactions.append(Compaction(len(turns), _at(answer.about), _trigger(asked), before, 0))
            continue
        turn = _turn(answer.about)
        if turn.tokens:
            turns.append(turn)
    return Thread(tuple(turns), tuple(compactions))


def _answers(rows: Iterable[tuple[Any, ...]]) -> Iterator[_Answer]:
    for name, data in rows:
        about = _object(data)
        if about.get("role") == "assistant":
            yield _Answer(str(name), about)


def _turn(about: dict[str, Any]) -> Turn:
    tokens = about.get("tokens")
    cache = tokens.get("cache") if isinstance(tokens, dict) else None
    fresh, written, read_ = count_in(tokens, "input"), count_in(cache, "write"), count_in(cache, "read")
    return Turn(_at(about), str(about.get("modelID") or ""), fresh, written, read_, count_in(tokens, "output"))


def _at(about: dict[str, Any]) -> str:
    created = count_in(about.get("time"), "created")
    if not created:
        return ""
    return datetime.fromtimestamp(created / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _trigger(rows: Iterable[tuple[Any, ...]]) -> str:
    asked = next((part for (data,) in rows if (part := _object(data)).get("type") == "compaction"), None)
    return "" if asked is None else "auto" if asked.get("auto") else "manual"


def _object(data: Any) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except (TypeError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _asked(path: Path, query: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
    """Return the rows of a query, none where there is no such database; it is opened for reading only."""
    import sqlite3

    if not path.is_file():
        return []
    try:
        with closing(_opened(path)) as connection:
            return connection.execute(query, values).fetchall()
    except sqlite3.DatabaseError:
        return []  # another version's tables, or half a file


def _opened(path: Path) -> sqlite3.Connection:
    import sqlite3

    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=2)
