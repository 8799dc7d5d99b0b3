"""Lines of ours in a text of the user's: put in between two marks, and taken out again exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from agentops_kit.errors import InstallRefused
from agentops_kit.install.record import Outcome, Record
from agentops_kit.install.snapshot import digest

if TYPE_CHECKING:
    from agentops_kit.ports import Wish

_MARKS = {"toml": (b"# agentops", b"# /agentops")}
_OF_MARKDOWN = (b"<!-- agentops -->", b"<!-- /agentops -->")


class Span(NamedTuple):
    """Where a block stands, in bytes: with its marks and the empty line before it, and what is between the marks."""

    start: int
    end: int
    inner: int
    closed: int


def update(current: bytes | None, wish: Wish, record: Record | None) -> Outcome:
    """Return the text with our lines in it, in their place if they have one; lines in it that the user edited stay.

    Raises ``InstallRefused`` for what is no text, for TOML that our tables cannot be added to, and for a text of
    the user's between our marks.
    """
    if current is None:
        return _appended(None, wish)
    span = find(current, wish.path)
    block, shown = _lines(wish.block, current), current[span.inner : span.closed] if span else None
    if shown == block and record is not None:
        return Outcome(current, record)
    if record is not None and digest(current) == record.after:
        return _appended(unmerge(current, record), wish)
    if span is None or shown is None:
        return _appended(current, wish)
    if record is None:
        _require_ours(shown, block, wish.path)
    if record is not None and shown not in {_lines(one, current) for one in record.own}:
        return Outcome(current, record, (f"Our lines in {wish.path} were edited by you and stay.",))
    return _replaced(current, wish, span, record)


def unmerge(current: bytes, record: Record) -> bytes | None:
    """Return the text without ours: byte for byte as before, or with the user's later edits; None for no file."""
    if digest(current) == record.after:
        ((at, length),) = record.insertions
        before = current[:at] + current[at + length :]
        return None if record.created else before
    span = find(current, record.path)
    if span is None:
        return current
    ours = {line for text in record.own for line in _lines(text, current).splitlines()}
    kept = [
        line for line in current[span.inner : span.closed].splitlines(keepends=True) if line.rstrip(b"\r\n") not in ours
    ]
    left = current[: span.start] + b"".join(kept) + current[span.end :]
    return None if record.created and not left.strip() else left


def registered(current: bytes, wish: Wish) -> bool:
    """Say whether a block of ours is in the text."""
    return find(current, wish.path) is not None


def marked(wish: Wish) -> str:
    """Return our lines between their marks, as they stand in a text."""
    opening, closing = _marks(wish.path)
    return f"{opening.decode()}\n{wish.block}{closing.decode()}\n"


def find(text: bytes, path: str) -> Span | None:
    """Return where our block stands, None when it is not whole."""
    opening, closing = _marks(path)
    start = _line(text, opening, 0)
    closed = _line(text, closing, start) if start is not None else None
    if start is None or closed is None:
        return None
    inner = start + len(opening) + len(_newline(text[start:]))
    end = closed + len(closing)
    end += len(_newline(text[end : end + 2])) if text[end : end + 2].startswith((b"\n", b"\r\n")) else 0
    newline = _newline(text)
    empty = text[:start].endswith(newline * 2) or text[:start] == newline
    return Span(start - len(newline) if empty else start, end, inner, closed)


def _marks(path: str) -> tuple[bytes, bytes]:
    return _MARKS.get(path.rpartition(".")[2], _OF_MARKDOWN)


def _line(text: bytes, mark: bytes, after: int) -> int | None:
    """Return where a line that is only the mark begins."""
    at = text.find(mark, after)
    while at >= 0:
        behind = text[at + len(mark) : at + len(mark) + 2]
        if text[at - 1 : at] in {b"", b"\n"} and (not behind or behind.startswith((b"\n", b"\r\n"))):
            return at
        at = text.find(mark, at + 1)
    return None


def _newline(text: bytes) -> bytes:
    return b"\r\n" if b"\r\n" in text else b"\n"


def _lines(block: str, beside: bytes) -> bytes:
    return block.encode().replace(b"\n", _newline(beside))


def _appended(current: bytes | None, wish: Wish) -> Outcome:
    text, newline = current or b"", _newline(current or b"")
    opening, closing = _marks(wish.path)
    lead = b"" if not text else newline if text.endswith(b"\n") else newline * 2
    added = lead + opening + newline + _lines(wish.block, text) + closing + newline
    return _outcome(current, text + added, wish, (len(text), len(added)))


def _replaced(current: bytes, wish: Wish, span: Span, record: Record | None) -> Outcome:
    block = _lines(wish.block, current)
    merged = current[: span.inner] + block + current[span.closed :]
    grown = len(merged) - len(current)
    before = current[: span.start] + current[span.end :]
    place = (span.start, span.end - span.start + grown)
    return _outcome(before if before.strip() or not (record and record.created) else None, merged, wish, place)


def _outcome(before: bytes | None, merged: bytes, wish: Wish, place: tuple[int, int]) -> Outcome:
    _require_text(merged, wish.path)
    if wish.path.endswith(".toml"):
        _require_added(before or b"", merged, wish)
    record = Record(
        path=wish.path,
        created=before is None,
        before="" if before is None else digest(before),
        after=digest(merged),
        insertions=(place,),
        made=(),
        commands=(),
        form="block",
        own=(wish.block,),
    )
    return Outcome(merged, record)


def _require_ours(shown: bytes, block: bytes, where: str) -> None:
    """Take over what a clone brought; refuse lines of which not one is ours, for they would be lost."""
    if shown.strip() and not set(shown.splitlines()) & set(block.splitlines()):
        opening, closing = (mark.decode() for mark in _marks(where))
        message = f"{where} has lines between `{opening}` and `{closing}` that are not known to be ours."
        raise InstallRefused(message, remedy="Take the two marks out, and the lines if they are ours, then try again.")


def _require_text(data: bytes, where: str) -> None:
    if b"\0" in data:
        message = f"{where} is no text in UTF-8 or a like encoding."
        raise InstallRefused(message, remedy="Save it as UTF-8, then try again.")


def _require_added(before: bytes, merged: bytes, wish: Wish) -> None:
    """Refuse unless our tables are the only difference: each list has ours behind the user's."""
    was, now, ours = (_toml(data, wish.path) for data in (before, merged, wish.block.encode()))
    for section, lists in ours.items():
        held = was.setdefault(section, {})
        if isinstance(held, dict):
            held |= {key: [*held.get(key, []), *added] for key, added in lists.items()}
    if was != now:
        message = f"{wish.path} cannot be edited safely."
        raise InstallRefused(message, remedy="Report this file's shape to us; nothing was changed.")


def _toml(data: bytes, where: str) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        message = f"{where} with our lines at its end would be no TOML: {error}."
        mend = "Write its hooks as tables (`[[hooks.PreToolUse]]`), and mend what is named, then try again."
        raise InstallRefused(message, remedy=mend) from error
