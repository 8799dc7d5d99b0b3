"""Where two JSON values, or two runs, first differ: pure functions of what was recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agentops_kit.workflows.history.record import Call, Key, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agentops_kit.workflows.history.record import Done, Record
    from agentops_kit.workflows.spec import Json

ABSENT = "(absent)"
_SHOWN = 120


class Change(NamedTuple):
    """A field with two values: ``path`` is ``messages[0].text`` or empty for the whole."""

    path: str
    first: Json
    second: Json


class Difference(NamedTuple):
    """The place in a run where something differs: ``call`` counts from 1 within the step's last try, 0 is none."""

    step: str
    item: int | None
    call: int
    field: str
    first: Json
    second: Json

    def __str__(self) -> str:
        """Return one sentence."""
        call = f", call {self.call}" if self.call else ""
        where = f"step {Key(self.step, self.item)}{call}, {self.field}" if self.step else self.field
        return f"{where}: {_short(self.first)} ≠ {_short(self.second)}"


def first_change(first: Json, second: Json, path: str = "") -> Change | None:
    """Return the first place where two JSON values differ, keys in alphabetical order; None when they are equal."""
    if isinstance(first, dict) and isinstance(second, dict):
        return _in_mapping(first, second, path)
    if isinstance(first, list) and isinstance(second, list):
        return _in_list(first, second, path)
    return None if text(first) == text(second) else Change(path, first, second)


def _in_mapping(first: dict[str, Json], second: dict[str, Json], path: str) -> Change | None:
    for key in sorted({*first, *second}):
        inner = f"{path}.{key}" if path else key
        if key not in first or key not in second:
            return Change(inner, first.get(key, ABSENT), second.get(key, ABSENT))
        found = first_change(first[key], second[key], inner)
        if found:
            return found
    return None


def _in_list(first: list[Json], second: list[Json], path: str) -> Change | None:
    for at, (left, right) in enumerate(zip(first, second, strict=False)):
        found = first_change(left, right, f"{path}[{at}]")
        if found:
            return found
    if len(first) == len(second):
        return None
    at = min(len(first), len(second))
    return Change(f"{path}[{at}]", _at(first, at), _at(second, at))


def _at(values: list[Json], at: int) -> Json:
    return values[at] if at < len(values) else ABSENT


def in_call(recorded: Call, kind: str, request: Json) -> Change | None:
    """Return how a call asks otherwise than the recorded one."""
    if recorded.kind != kind:
        return Change("kind", recorded.kind, kind)
    found = first_change(recorded.request, request)
    return found._replace(path=f"request.{found.path}" if found.path else "request") if found else None


def differences(first: Record, second: Record, *, costs: bool = True) -> Iterator[Difference]:
    """Yield what differs between two runs, in the order their steps finished in the first; at most one a step.

    A step's calls are compared before its output, and its output before what it used, so the first
    difference is where it came from. Times are not compared.
    """
    changed = first_change(dict(first.inputs), dict(second.inputs), "inputs")
    if changed:
        yield Difference("", None, 0, changed.path, changed.first, changed.second)
    left, right = _by_key(first), _by_key(second)
    asked, again = calls(first), calls(second)
    for key in [*ordered(first), *(one for one in ordered(second) if one not in left)]:
        found = _between(left.get(key), right.get(key), asked.get(key, ()), again.get(key, ()), costs=costs)
        if found:
            yield found
    yield from _whole(first, second)


def ordered(record: Record) -> tuple[Key, ...]:
    """Return a run's rows in the order they ended: items before the step they belong to, ties in file order."""
    places = {one.key: at for at, one in enumerate(record.steps)}
    ends = {one.key: one.finished or "~" for one in record.steps}
    return tuple(sorted(places, key=lambda key: (ends[key], key.item is None, places[key])))


def calls(record: Record) -> dict[Key, tuple[Call, ...]]:
    """Return the calls of each row's last try."""
    found: dict[Key, list[Call]] = {}
    for one in record.calls:
        if one.attempt < 0:  # made before a retry
            continue
        mine = found.setdefault(one.key, [])
        if mine and mine[0].attempt < one.attempt:
            mine.clear()
        if not mine or mine[0].attempt == one.attempt:
            mine.append(one)
    return {key: tuple(mine) for key, mine in found.items()}


def _by_key(record: Record) -> dict[Key, Done]:
    return {one.key: one for one in record.steps}


def _between(
    first: Done | None, second: Done | None, asked: Sequence[Call], again: Sequence[Call], *, costs: bool
) -> Difference | None:
    if first is None or second is None:
        key = (first or second).key  # type: ignore[union-attr]
        before, after = (one.status if one else ABSENT for one in (first, second))
        return Difference(key.step, key.item, 0, "status", before, after)
    found = _in_calls(asked, again)
    if found:
        at, change = found
        return Difference(first.key.step, first.key.item, at, *change)
    for name in _compared(costs=costs):
        change_of = first_change(_plain(first, name), _plain(second, name), name)
        if change_of:
            return Difference(first.key.step, first.key.item, 0, *change_of)
    return None


def _compared(*, costs: bool) -> tuple[str, ...]:
    return ("status", "output", "error", "model", "provider", *(("usage", "cost") if costs else ()))


def _plain(row: Done, name: str) -> Json:
    value = getattr(row, name)
    if name == "cost":
        return None if value is None else f"{value.normalize():f}"
    return dict(value) if name == "usage" else value


def _in_calls(before: Sequence[Call], after: Sequence[Call]) -> tuple[int, Change] | None:
    for at, (left, right) in enumerate(zip(before, after, strict=False), 1):
        found = in_call(left, right.kind, right.request) or _in_answer(left, right)
        if found:
            return at, found
    if len(before) == len(after):
        return None
    at = min(len(before), len(after))
    kinds = [one[at].kind if at < len(one) else ABSENT for one in (before, after)]
    return at + 1, Change("kind", *kinds)


def _in_answer(left: Call, right: Call) -> Change | None:
    if left.failed or right.failed:
        return first_change(list(left.failed or ()), list(right.failed or ()), "failed")
    return first_change(left.answer, right.answer, "answer")


def _whole(first: Record, second: Record) -> Iterator[Difference]:
    for name, left, right in (
        ("status", first.status, second.status),
        ("outputs", dict(first.outputs), dict(second.outputs)),
        ("error", first.error, second.error),
    ):
        found = first_change(left, right, name)
        if found:
            yield Difference("", None, 0, *found)


def _short(value: Json) -> str:
    said = text(value) if value != ABSENT else ABSENT
    return said if len(said) <= _SHOWN else f"{said[:_SHOWN]}…"
