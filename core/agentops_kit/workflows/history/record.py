"""A run as a value: everything the ledger holds of it, wherever it was read from."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from agentops_kit.workflows.spec import Json


class Key(NamedTuple):
    """Which row of a run is meant: a step, and one item of it when it is mapped (from 0)."""

    step: str
    item: int | None = None

    def __str__(self) -> str:
        """Return ``step`` or ``step[3]``."""
        return self.step if self.item is None else f"{self.step}[{self.item}]"


@dataclass(frozen=True)
class Call:
    """One call that left the process: what was asked and what came back, numbered within its try.

    Tries that were made before the run was retried have numbers below 0, -1 is the latest of them. ``failed``
    holds kind and message of a call that gave no answer.
    """

    key: Key
    attempt: int
    number: int
    kind: str
    request: Json
    answer: Json = None
    failed: tuple[str, str] | None = None


@dataclass(frozen=True)
class Done:
    """A step's (or item's) row; times are ISO 8601 in UTC, ``cost`` in US dollars, None when not known."""

    key: Key
    status: str
    kind: str = ""
    attempts: int = 0
    output: Json = None
    failure: str = ""
    """The kind of its failure, see ``steps.base.Failure``."""
    error: str = ""
    reason: str = ""
    """Why it was skipped, or what it waits for."""
    model: str = ""
    provider: str = ""
    usage: Mapping[str, int] = field(default_factory=dict)
    cost: Decimal | None = Decimal(0)
    started: str = ""
    finished: str = ""


class Event(NamedTuple):
    """A line of a run's log."""

    seq: int
    at: str
    kind: str
    step: str = ""
    item: int | None = None
    payload: Json = None


@dataclass(frozen=True)
class Record:
    """A run with its steps in file order, its calls in the order of step, item, try and number, and its log."""

    id: str
    workflow: str
    status: str
    digest: str = ""
    source: str = ""
    """The text of the workflow file."""
    file: str = ""
    sources: Mapping[str, str] = field(default_factory=dict)
    """The texts of the workflows it starts, by the name it calls them."""
    inputs: Mapping[str, Json] = field(default_factory=dict)
    outputs: Mapping[str, Json] = field(default_factory=dict)
    error: str = ""
    parent: str = ""
    fork_of: str = ""
    kept: tuple[str, ...] = ()
    """The steps of the workflow that a fork took over as they had ended."""
    replay_of: str = ""
    provider: str = ""
    model: str = ""
    assistant: str = ""
    tenant: str = ""
    phases: bool = False
    """Whether it acts on the workspace's own runs, see ``steps.base.Means``."""
    created: str = ""
    started: str = ""
    finished: str = ""
    cost: Decimal | None = Decimal(0)
    steps: tuple[Done, ...] = ()
    calls: tuple[Call, ...] = ()
    events: tuple[Event, ...] = ()

    def done(self, key: Key) -> Done | None:
        """Return a step's row."""
        return next((one for one in self.steps if one.key == key), None)


def below(step: str, item: int | None, inner: str) -> str:
    """Return how a sub-workflow's step is named in the record of the run that started it: ``outer[3]>inner``."""
    return f"{Key(step, item)}>{inner}"


def meant(keys: Sequence[Key], said: str) -> list[Key]:
    """Return which of a record's rows somebody means: by the whole name, without the item, or by the last part."""
    ways: tuple[Callable[[Key], str], ...] = (
        str,
        lambda key: key.step,
        lambda key: str(key).rpartition(">")[2],
        lambda key: key.step.rpartition(">")[2],
    )
    found = ([key for key in keys if way(key) == said] for way in ways)
    return next((some for some in found if some), [])


def text(value: Json) -> str:
    """Return JSON in its one spelling: equal values give equal texts, and each can be written as UTF-8."""
    return whole(json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")))


def whole(said: str) -> str:
    """Return a text that UTF-8 can write: half of a pair of surrogates, which JSON can name, becomes U+FFFD."""
    try:
        said.encode()
    except UnicodeEncodeError:
        return said.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return said


def shown(value: Json) -> str:
    """Return a value for people: a text as it is, everything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
