"""Copilot CLI's event logs (observed with 1.0.102).

``<home>/.copilot/session-state/<session>/events.jsonl``: ``session.start`` names the folder, each
``session.usage_record`` the tokens of one answer, an agent's with its ``agentId``; the input includes what the cache
had. ``session.compaction_complete`` gives the client's own estimates of before and after.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentops_kit.tokens.jsonl import records
from agentops_kit.tokens.session import Agent, Compaction, Session, Thread, Turn
from agentops_kit.tokens.window import count_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "copilot"
_START_MARK = b'"session.start"'
_MARKS = (_START_MARK, b'"session.usage_record"', b'"session.compaction_complete"', b'"subagent.started"')


def find(home: Path, root: Path) -> Iterator[Path]:
    """Yield the logs of sessions started in ``root`` or below it."""
    for path in sorted((home / ".copilot" / "session-state").glob("*/events.jsonl")):
        begun = (one for one in records(path, (_START_MARK,)) if one.get("type") == "session.start")
        start = next(map(_data, begun), {})
        context = start.get("context")
        if isinstance(context, dict) and f"{context.get('cwd')}/".startswith(f"{root}/"):
            yield path


def read(path: Path) -> Session:
    """Read a log; ``OSError`` when it cannot be opened."""
    main, agents, about = _Tally(), dict[str, _Tally](), dict[str, dict[str, Any]]()
    name, window = path.parent.name, None
    for record in records(path, _MARKS):
        agent, data = str(record.get("agentId") or ""), _data(record)
        tally = agents.setdefault(agent, _Tally()) if agent else main
        match record.get("type"):
            case "session.start":
                name = str(data.get("sessionId") or name)
            case "subagent.started":
                about[agent] = data
            case "session.usage_record":
                tally.answered(record, data)
                window = count_in(data.get("usage"), "maxPromptTokens") or window
            case "session.compaction_complete":
                tally.compacted(record, data)
    told = tuple(_agent(one, about.get(one, {}), tally.thread) for one, tally in agents.items())
    return Session(NAME, name, path, main.thread, told, window)


def _agent(name: str, about: dict[str, Any], thread: Thread) -> Agent:
    return Agent(name, str(about.get("agentName") or ""), str(about.get("agentDescription") or ""), thread)


class _Tally:
    def __init__(self) -> None:
        self._turns: dict[object, Turn] = {}
        self._compactions: dict[object, Compaction] = {}

    def answered(self, record: dict[str, Any], data: dict[str, Any]) -> None:
        usage = data.get("usage")
        sent, read_, written, output = (
            count_in(usage, key) for key in ("inputTokens", "cacheReadTokens", "cacheWriteTokens", "outputTokens")
        )
        if not sent or not isinstance(usage, dict):
            return
        at, model = str(record.get("timestamp") or ""), str(usage.get("model") or "")
        turn = Turn(at, model, max(0, sent - read_ - written), written, min(read_, sent), output)
        self._turns[str(record.get("id") or "") or turn] = turn

    def compacted(self, record: dict[str, Any], data: dict[str, Any]) -> None:
        if not data.get("success"):
            return
        before, after = count_in(data, "preCompactionTokens"), count_in(data, "postCompactionTokens")
        at, trigger = str(record.get("timestamp") or ""), str(data.get("trigger") or "")
        self._compactions.setdefault(
            str(record.get("id") or at), Compaction(len(self._turns), at, trigger, before, after)
        )

    @property
    def thread(self) -> Thread:
        return Thread(tuple(self._turns.values()), tuple(self._compactions.values()))


def _data(record: dict[str, Any]) -> dict[str, Any]:
    data = record.get("data")
    return data if isinstance(data, dict) else {}
