"""What ``agentops budget`` says of a session: its window and where that is known from, its band, its course."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from agentops_kit.errors import InputInvalid
from agentops_kit.tokens import models
from agentops_kit.tokens.budget import DEFAULT_WINDOW, Use, band, ceiling
from agentops_kit.tokens.chart import Mark
from agentops_kit.tokens.forecast import Forecast, forecast
from agentops_kit.tokens.window import count_in, read_session

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from agentops_kit.tokens.session import Session, Thread

Basis = Literal["given", "result", "status line", "transcript", "configuration", "table", "assumed"]


@dataclass(frozen=True, slots=True)
class Window:
    """A model's window in tokens and how it is known; ``note`` completes "window of N tokens, "."""

    tokens: int
    basis: Basis
    note: str

    @property
    def known(self) -> bool:
        """Whether the assistant or the person said it; a table and a default only assume."""
        return self.basis not in {"configuration", "table", "assumed"}


@dataclass(frozen=True, slots=True)
class Begun:
    """A phase of a run and when it began, ISO 8601."""

    phase: str
    at: str


@dataclass(frozen=True, slots=True)
class Report:
    """A session against its limit; ``use`` is None before the first answer."""

    session: Session
    window: Window
    limit: float
    cap: int | None
    use: Use | None
    band: str
    ceiling: int
    forecast: Forecast
    marks: tuple[Mark, ...]


def window_of(session: Session, *, given: int | None, result: Path | None, state_dir: str, default: int) -> Window:
    """Return the window from the best source there is; ``InputInvalid`` for a result that names none."""
    if given:
        return Window(given, "given", "as given")
    if result is not None:
        return Window(_in_result(result, session.main.model), "result", f"from {result.name}")
    saved = count_in(read_session(state_dir, session.id), "window")
    if saved:
        return Window(saved, "status line", "from the status line")
    if session.window:
        return Window(session.window, "transcript", "from the transcript")
    if default != DEFAULT_WINDOW:  # a person wrote it; the hooks go by it too
        return Window(default, "configuration", "assumed: limits.window")
    entry = models.known(session.main.model)
    if entry is not None:
        how = "reported by" if entry.basis == "reported" else "in the table of"
        note = f"assumed for {session.main.model}: {how} {entry.seen_in} on {models.DATE}"
        return Window(entry.window, "table", note)
    return Window(default, "assumed", f"assumed: {session.main.model or 'the model'} is in no table")


def _in_result(path: Path, model: str) -> int:
    """Return the window in a client's result JSON, or in its stream of events, for the session's model."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise InputInvalid(f"{path} cannot be read: {error.strerror}.", remedy="Name the file again.") from error
    windows = {
        name: size for use in _uses(text) for name, values in use.items() if (size := count_in(values, "contextWindow"))
    }
    near = [name for name in windows if name == model or name.startswith(f"{model}[")] or list(windows)
    if not near or len({windows[name] for name in near}) > 1:
        what = f"names {len(windows)} models, none of them {model}" if windows else "has no modelUsage.contextWindow"
        raise InputInvalid(f"{path} {what}.", remedy="Give the output of `claude -p --output-format json`.")
    return windows[near[0]]


def _uses(text: str) -> Iterator[dict[str, Any]]:
    """Yield what each result in the text says of the models it used: the whole text is one, or each of its lines."""
    for piece in (text, *text.splitlines()):
        try:
            found = json.loads(piece)
        except (ValueError, RecursionError):
            continue
        for one in found if isinstance(found, list) else [found]:
            use = one.get("modelUsage") if isinstance(one, dict) else None
            if isinstance(use, dict):
                yield use


def report(session: Session, window: Window, *, limit: float, cap: int | None, begun: Sequence[Begun] = ()) -> Report:
    """Return a session's use, band, forecast and the marks of its chart."""
    now = session.main.now
    use = Use(now, window.tokens, window.known) if now is not None else None
    top = ceiling(window.tokens, limit, cap)
    told = forecast([turn.tokens for turn in session.main.since_compaction], top)
    return Report(
        session=session,
        window=window,
        limit=limit,
        cap=cap,
        use=use,
        band=band(use, limit, cap) if use else "unknown",
        ceiling=top,
        forecast=told,
        marks=marks(session.main, begun),
    )


def marks(thread: Thread, begun: Sequence[Begun]) -> tuple[Mark, ...]:
    """Return where phases began within the thread and where it was compacted, in order.

    A phase that began before the first answer and was left before it is not drawn.
    """
    times = [_sortable(turn.at) for turn in thread.turns]
    drawn: list[Mark] = []
    for phase in sorted(begun, key=lambda one: _sortable(one.at)):
        at = sum(1 for time in times if time and time < _sortable(phase.at))
        drawn = [mark for mark in drawn if mark.turn != at]  # a phase without an answer
        if at < len(times):
            drawn.append(Mark(at, phase.phase[:1].upper(), phase.phase))
    drawn += [
        Mark(one.turn, "×", f"compaction ({one.trigger})" if one.trigger else "compaction")
        for one in thread.compactions
    ]
    return tuple(sorted(drawn, key=lambda mark: (mark.turn, mark.sign)))


def _sortable(at: str) -> str:
    """Return a time so that text order is time order: UTC to the second, empty when it is none."""
    from datetime import UTC, datetime

    try:
        when = datetime.fromisoformat(at)
    except ValueError:
        return ""
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC).isoformat(timespec="seconds")


def by_phase(thread: Thread, begun: Sequence[Begun]) -> dict[str, dict[str, int]]:
    """Return for each phase how many answers fell in it, how full the context got, and what the model wrote."""
    table: dict[str, dict[str, int]] = {}
    order = sorted((_sortable(one.at), one.phase) for one in begun)
    for turn in thread.turns:
        at = _sortable(turn.at)
        phase = next((name for start, name in reversed(order) if at and start <= at), "before")
        row = table.setdefault(phase, {"turns": 0, "peak": 0, "output": 0})
        row["turns"] += 1
        row["peak"] = max(row["peak"], turn.tokens)
        row["output"] += turn.output
    return table
