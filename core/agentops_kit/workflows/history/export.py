"""A run as a file: JSON Lines or one JSON document, and read back without a database.

The first line (or the document's top level) is the run, the others are its steps, calls and events.
Reading what was written gives an equal value.
"""

from __future__ import annotations

import json
from dataclasses import asdict, fields, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from agentops_kit.errors import InputInvalid
from agentops_kit.workflows.history.record import Call, Done, Event, Key, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from agentops_kit.workflows.spec import Json

SCHEMA = "agentops.execution/1"
_PARTS = ("steps", "calls", "events")


def lines(record: Record) -> Iterator[str]:
    """Yield the run as JSON Lines, without line ends."""
    yield _text({"schema": SCHEMA, "what": "run", **_run(record)})
    for part in _PARTS:
        for one in getattr(record, part):
            yield _text({"what": part, **_plain(one)})


def document(record: Record) -> str:
    """Return the run as one JSON document."""
    parts = {part: [_plain(one) for one in getattr(record, part)] for part in _PARTS}
    return json.dumps({"schema": SCHEMA, **_run(record), **parts}, ensure_ascii=False, indent=1) + "\n"


def read(text: str, where: str) -> Record:
    """Return the run in a file of either form; ``InputInvalid`` names the file, the line and what is wrong."""
    try:
        return _read(text)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        reason = " ".join((str(error) or type(error).__name__).split())
        message = f"{where} is not an exported run: {reason}."
        raise InputInvalid(message, remedy="Write one with: agentops runs export ID --output FILE.") from error


def _read(text: str) -> Record:
    try:
        whole = json.loads(text)
    except ValueError:
        whole = None
    if isinstance(whole, dict) and "what" not in whole:
        return _record(whole, {part: whole.get(part) or [] for part in _PARTS})
    head, parts = _of_lines(text)
    return _record(head, parts)


def _of_lines(text: str) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    parts: dict[str, list[dict[str, Any]]] = {part: [] for part in _PARTS}
    head: dict[str, Any] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        row = _row(line, number)
        what = row.pop("what", "")
        if what == "run":
            head = row
        elif what in parts:
            parts[what].append(row)
        else:
            message = f"line {number} says it is {what!r}"
            raise ValueError(message)
    return head, parts


def _row(line: str, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        message = f"line {number} is not JSON"
        raise ValueError(message) from error
    if not isinstance(row, dict):
        message = f"line {number} is not a mapping"
        raise TypeError(message)
    return row


def _run(record: Record) -> dict[str, Json]:
    return _plain(replace(record, steps=(), calls=(), events=()), leave=_PARTS)


def _plain(value: Any, leave: tuple[str, ...] = ()) -> dict[str, Json]:
    shown = value._asdict() if isinstance(value, Event) else asdict(value)
    if "key" in shown:
        step, item = shown.pop("key")
        shown = {"step": step, "item": item, **shown}
    return {name: _json(one) for name, one in shown.items() if name not in leave}


def _json(value: Any) -> Json:
    return f"{value:f}" if isinstance(value, Decimal) else dict(value) if isinstance(value, dict) else value


def _text(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _record(head: Mapping[str, Any], parts: Mapping[str, list[dict[str, Any]]]) -> Record:
    if head.get("schema") != SCHEMA:
        message = f"its schema is {head.get('schema')!r} instead of {SCHEMA!r}"
        raise ValueError(message)
    made: dict[str, Callable[[dict[str, Any]], Any]] = {"steps": _done, "calls": _call, "events": _event}
    known = {one.name for one in fields(Record)} - {*_PARTS, "cost"}
    values = {name: head[name] for name in known if name in head}
    values |= {part: tuple(made[part](row) for row in found) for part, found in parts.items()}
    values["kept"] = tuple(head.get("kept") or ())
    return Record(**values, cost=_dollars(head.get("cost")))


def _done(row: dict[str, Any]) -> Done:
    known = {one.name for one in fields(Done)} - {"key", "cost"}
    values = {name: row[name] for name in known if name in row}
    return Done(key=Key(row["step"], row["item"]), cost=_dollars(row.get("cost")), **values)


def _call(row: dict[str, Any]) -> Call:
    known = {one.name for one in fields(Call)} - {"key", "failed"}
    values = {name: row[name] for name in known if name in row}
    failed = row.get("failed")
    return Call(key=Key(row["step"], row["item"]), failed=(failed[0], failed[1]) if failed else None, **values)


def _event(row: dict[str, Any]) -> Event:
    return Event(**{name: row[name] for name in Event._fields if name in row})


def _dollars(said: Json) -> Decimal | None:
    return None if said is None else Decimal(said)
