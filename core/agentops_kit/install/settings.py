"""An assistant's settings file: ours goes in by insertion only, and comes out again exactly."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from agentops_kit.errors import InstallRefused
from agentops_kit.install import block
from agentops_kit.install.jsonc import Box, Document, Edit, apply
from agentops_kit.install.record import Outcome, Record
from agentops_kit.install.snapshot import digest
from agentops_kit.ports import Wish

__all__ = ["Outcome", "Record", "Wish", "merge", "plain", "registered", "skipped", "unmerge", "update"]

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agentops_kit.install.jsonc import Part

_HOOKS = "hooks"


def update(current: bytes | None, wish: Wish, record: Record | None) -> Outcome:
    """Return the settings with ours in them, whatever an earlier install and the user did since.

    Raises ``InstallRefused`` with line and column for broken JSON, and for hooks of another shape.
    """
    if wish.block:
        return block.update(current, wish, record)
    if record is None or current is None:
        return merge(current, wish)
    if digest(current) != record.after and _holds(_document(current, wish.path).value, wish.values):
        return Outcome(current, record)
    return merge(unmerge(current, record), wish)


def merge(current: bytes | None, wish: Wish) -> Outcome:
    """Return the settings with ours appended; nothing of the user's changes place or bytes."""
    text = _text(current or b"", wish.path)
    alone = not text.strip("\ufeff \t\r\n")
    if alone:
        edits, made, notes = _alone(text, wish)
        expected = dict(wish.values)
    else:
        document = Document(text, wish.path)
        edits, made, notes = _additions(document, wish)
        expected = _expected(document.value, wish.values)
    merged = apply(text, edits)
    # The parser that knows comments is slow to load, and what we write ourselves has none.
    if (json.loads(merged.lstrip("\ufeff")) if alone else Document(merged, wish.path).value) != expected:
        message = f"{wish.path} cannot be edited safely."
        raise InstallRefused(message, remedy="Report this file's shape to us; nothing was changed.")
    record = Record(
        path=wish.path,
        created=current is None,
        before="" if current is None else digest(current),
        after=digest(merged.encode()),
        insertions=_insertions(text, edits),
        made=made,
        commands=wish.commands,
        own=_own(wish, made),
    )
    return Outcome(merged.encode(), record, notes)


def unmerge(current: bytes, record: Record) -> bytes | None:
    """Return the settings without ours: byte for byte as before, or with the user's later edits; None for no file."""
    if record.form == "block":
        return block.unmerge(current, record)
    if digest(current) == record.after:
        if record.created:
            return None
        before = _without(current, record.insertions)
        if digest(before) == record.before:
            return before
    document = _document(current, record.path)
    text = apply(document.text, _removals(document, record))
    if record.created and not "".join(text.split()).strip("{}"):
        return None
    return text.encode()


def registered(current: bytes, wish: Wish) -> bool:
    """Say whether every hook of ours is in the settings, or our block in the text."""
    return block.registered(current, wish) if wish.block else _holds(_document(current, wish.path).value, wish.values)


def plain(current: bytes) -> bool:
    """Say whether the file is JSON without comments or trailing commas."""
    try:
        json.loads(current.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return False
    return True


def skipped(current: bytes, wish: Wish) -> bool:
    """Say whether the assistant skips the whole file, because it is not plain JSON."""
    return wish.plain and not plain(current)


def _own(wish: Wish, made: Sequence[str]) -> tuple[str, ...]:
    """Return what we set beside hooks that carry a command of ours: those are known by it, this by its value."""
    said = {key: value for key, value in wish.values.items() if key in made and not _has_command(value)}
    said.pop(_HOOKS, None)
    return (json.dumps(said, sort_keys=True),) if said else ()


def _has_command(value: Any) -> bool:
    return isinstance(value, dict) and "command" in value


def _text(data: bytes, where: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"{where} is not UTF-8 at byte {error.start}."
        raise InstallRefused(message, remedy="Save it as UTF-8, then try again.") from error


def _document(data: bytes, where: str) -> Document:
    return Document(_text(data, where), where)


# -- going in ------------------------------------------------------------------------------------

_Additions = tuple[list[Edit], tuple[str, ...], tuple[str, ...]]
"""Insertions, the keys they make, sentences for the person."""


def _alone(text: str, wish: Wish) -> _Additions:
    whole = json.dumps(wish.values, indent=2, ensure_ascii=False) + "\n"
    return [Edit(len(text), len(text), whole)], tuple(wish.values), ()


def _additions(document: Document, wish: Wish) -> _Additions:
    root = _box(document, document.root, wish.path, "the file", dict)
    here = {part.key: part for part in root.parts}
    fresh = [(key, value) for key, value in wish.values.items() if key not in here]
    made = [key for key, _ in fresh]
    edits = document.append(root, fresh)
    if _HOOKS in here:
        inner, events = _events(document, here[_HOOKS], wish)
        edits += inner
        made += events
    theirs = [key for key in wish.values if key in here and key != _HOOKS]
    foreign = [key for key in theirs if document.plain(here[key].node) != wish.values[key]]
    return edits, tuple(made), tuple(f"{key} in {wish.path} is yours and stays." for key in foreign)


def _events(document: Document, hooks: Part, wish: Wish) -> tuple[list[Edit], list[str]]:
    box = _box(document, hooks.node, wish.path, _HOOKS, dict)
    here = {part.key: part for part in box.parts}
    wanted = wish.values[_HOOKS]
    fresh = [(event, groups) for event, groups in wanted.items() if event not in here]
    edits = document.append(box, fresh)
    for event in wanted:
        if event in here:
            array = _box(document, here[event].node, wish.path, f"{_HOOKS}.{event}", list)
            present = document.plain(here[event].node)
            edits += document.append(array, [("", group) for group in wanted[event] if group not in present])
    return edits, [f"{_HOOKS}.{event}" for event, _ in fresh]


def _box(document: Document, node: Any, where: str, name: str, kind: type) -> Box:
    box = document.box(node)
    if box is None or not isinstance(document.plain(node), kind):
        shape = "an object" if kind is dict else "a list"
        message = f"{where}: {name} is not {shape}, so a hook cannot be added."
        raise InstallRefused(message, remedy=f"Make {name} {shape}, then try again.")
    return box


def _expected(before: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    hooks = dict(before.get(_HOOKS, {}))
    for event, groups in wanted[_HOOKS].items():
        present = hooks.get(event, [])
        hooks[event] = [*present, *(group for group in groups if group not in present)]
    return {**wanted, **before, _HOOKS: hooks}


def _holds(value: Any, wanted: Mapping[str, Any]) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get(_HOOKS), dict):
        return False
    events = value[_HOOKS]
    return all(
        isinstance(events.get(event), list) and group in events[event]
        for event, groups in wanted[_HOOKS].items()
        for group in groups
    ) and all(key in value for key in wanted)


def _insertions(text: str, edits: Sequence[Edit]) -> tuple[tuple[int, int], ...]:
    places, grown = [], 0
    for edit in sorted(edits, key=lambda one: one.start):
        length = len(edit.text.encode())
        places.append((len(text[: edit.start].encode()) + grown, length))
        grown += length
    return tuple(places)


# -- coming out ----------------------------------------------------------------------------------


def _without(data: bytes, insertions: Sequence[tuple[int, int]]) -> bytes:
    for at, length in reversed(insertions):
        data = data[:at] + data[at + length :]
    return data


def _removals(document: Document, record: Record) -> list[Edit]:
    root = document.box(document.root)
    if root is None:
        return []
    edits: list[Edit] = []
    gone = []
    set_by_us = [item for text in record.own for item in json.loads(text).items()]
    for part in root.parts:
        if part.key == _HOOKS:
            inner, empty = _pruned(document, part, record)
            edits += [] if empty else inner
            gone += [part] if empty else []
        elif _is_ours(document.plain(part.node), record) or (part.key, document.plain(part.node)) in set_by_us:
            gone.append(part)
    return edits + document.cut(root, gone)


def _pruned(document: Document, hooks: Part, record: Record) -> tuple[list[Edit], bool]:
    """Return the edits inside ``hooks``, and whether all of it goes."""
    box = document.box(hooks.node)
    if box is None:
        return [], False
    edits: list[Edit] = []
    gone = []
    for event in box.parts:
        inner, empty = _pruned_event(document, event, record)
        edits += [] if empty else inner
        gone += [event] if empty else []
    edits += document.cut(box, gone)
    return edits, _HOOKS in record.made and _is_blank(document, box, edits)


def _pruned_event(document: Document, event: Part, record: Record) -> tuple[list[Edit], bool]:
    box = document.box(event.node)
    if box is None:
        return [], False
    edits: list[Edit] = []
    gone = []
    for group in box.parts:
        inner, empty = _pruned_group(document, group, record)
        edits += inner
        gone += [group] if empty else []
    edits += document.cut(box, gone)
    made = _HOOKS in record.made or f"{_HOOKS}.{event.key}" in record.made
    return edits, made and bool(gone) and _is_blank(document, box, edits)


def _pruned_group(document: Document, group: Part, record: Record) -> tuple[list[Edit], bool]:
    members = document.box(group.node)
    entries = next((part for part in members.parts if part.key == _HOOKS), None) if members else None
    box = document.box(entries.node) if entries else None
    if box is None:
        return [], False
    ours = [part for part in box.parts if _is_ours(document.plain(part.node), record)]
    if ours and len(ours) == len(box.parts):
        return [], True
    return document.cut(box, ours), False


def _is_ours(value: Any, record: Record) -> bool:
    return isinstance(value, dict) and value.get("command") in record.commands


def _is_blank(document: Document, box: Box, edits: Sequence[Edit]) -> bool:
    inner = [edit for edit in edits if box.opened < edit.start and edit.end <= box.closed]
    moved = [Edit(edit.start - box.opened - 1, edit.end - box.opened - 1, edit.text) for edit in inner]
    return not apply(document.text[box.opened + 1 : box.closed], moved).strip()
