"""A run as it goes on, folded from its log: pure values for whoever draws them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from agentops_kit.workflows.history.record import Event

ENDS = ("succeeded", "failed", "skipped", "cancelled", "cost_capped")
_STATES = {
    "step.started": "running",
    "step.queued": "queued",
    "step.retry": "running",
    "step.interrupted": "running",
    "step.waiting": "waiting",
    "step.kept": "succeeded",
    "gate.approved": "succeeded",
    "gate.rejected": "failed",
    **{f"step.{end}": end for end in ENDS},
}
_NOTED = ("error", "reason")
_CALM = frozenset({"succeeded", "skipped"})


@dataclass(frozen=True)
class Line:
    """A step as it stands; times are ISO 8601 in UTC."""

    step: str
    status: str = "queued"
    tries: int = 1
    said: str = ""
    began: str = ""
    ended: str = ""
    items: Mapping[str, int] = field(default_factory=dict)
    """Items of a map that have ended, by status."""
    open: int = 0
    """Items that have begun and not ended."""


class Board:
    """All steps that were heard of, in the order they were; as large as the workflow's file, however many items run."""

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self.lines: dict[str, Line] = {}
        for event in events:
            self.hear(event)

    def hear(self, event: Event) -> Line | None:
        """Take in an event and return the line it changed; None for one of the run itself."""
        state = _STATES.get(event.kind)
        if state is None or not event.step:
            return None
        line = self.lines.get(event.step, Line(event.step))
        line = _of_step(line, state, event) if event.item is None else _of_item(line, state, event)
        self.lines[event.step] = line
        return line

    def counts(self) -> dict[str, int]:
        """Return how many steps are in each state."""
        return dict(Counter(line.status for line in self.lines.values()))

    def shown(self, most: int) -> Sequence[Line]:
        """Return the lines worth showing: what runs, waits or went wrong, then what ended last; in their order."""
        order = list(self.lines.values())
        rest = [line for line in order if line.status in _CALM]
        latest = sorted(rest, key=lambda line: line.ended, reverse=True)
        chosen = {line.step for line in [*(line for line in order if line.status not in _CALM), *latest][:most]}
        return [line for line in order if line.step in chosen]


def _of_step(line: Line, state: str, event: Event) -> Line:
    payload = event.payload if isinstance(event.payload, dict) else {}
    said = next((str(payload[name]) for name in _NOTED if payload.get(name)), "" if state in ENDS else line.said)
    tries = int(payload.get("attempt", 0)) + 1 if event.kind == "step.retry" else line.tries
    return replace(
        line,
        status=state,
        tries=tries,
        said=said,
        began=line.began or event.at,
        ended=event.at if state in ENDS else "",
    )


def _of_item(line: Line, state: str, event: Event) -> Line:
    if state not in ENDS:
        begins = event.kind == "step.started"
        return replace(line, status="running", began=line.began or event.at, ended="", open=line.open + begins)
    items = {**line.items, state: line.items.get(state, 0) + 1}
    left = max(line.open - 1, 0)
    status = "running" if left else "failed" if items.get("failed") else "succeeded"
    return replace(line, status=status, ended="" if left else event.at, items=items, open=left)
