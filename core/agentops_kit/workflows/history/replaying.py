"""Doing a recorded run again in a database of its own, answered by its record, and comparing the two."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from agentops_kit.errors import WorkflowInvalid
from agentops_kit.workflows.engine import submit
from agentops_kit.workflows.history import held
from agentops_kit.workflows.history.diff import Difference, differences
from agentops_kit.workflows.history.replay import Recorded
from agentops_kit.workflows.steps.base import Means

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agentops_kit.workflows.engine.engine import Engine
    from agentops_kit.workflows.engine.submit import Request
    from agentops_kit.workflows.history.record import Record

_WHOLE = frozenset({"succeeded", "failed"})
"""Runs whose record goes to their end; of others the replay goes on where the record stops."""

_ENDED = frozenset({"succeeded", "failed", "skipped", "cost_capped"})


@dataclass(frozen=True)
class Replayed:
    """A replay and what differs from the record, first things first."""

    record: Record
    differences: tuple[Difference, ...]

    @property
    def same(self) -> bool:
        """Whether the replay gave what the record holds, byte for byte."""
        return not self.differences


def replay(record: Record, environ: Mapping[str, str]) -> Replayed:
    """Return a run done again from its record: no model, tool or file is asked, and nothing is left behind."""
    from agentops_kit.workflows.engine.engine import Engine

    with TemporaryDirectory(prefix="agentops-replay-") as folder, Engine.open(Path(folder) / "replay.db") as engine:
        return within(engine, record, environ)


def within(engine: Engine, record: Record, environ: Mapping[str, str]) -> Replayed:
    """Return a run done again from its record as a new run of a database, under its own id where that is free."""
    from agentops_kit.workflows.ledger import read

    recorded = Recorded(record.calls)
    name = "" if read.run(engine.ledger.engine, record.id) else record.id  # templates can read the run's id
    run = engine.submit(_request(record, environ, name))
    engine.drive(run, replay=recorded.calls_for)
    again = held.load(engine.ledger.engine, run, calls=False)
    return Replayed(again, tuple(_found(record, again, recorded)))


def _request(record: Record, environ: Mapping[str, str], name: str) -> Request:
    from agentops_kit.workflows.engine.submit import Request
    from agentops_kit.workflows.load import load

    try:
        workflow = load(record.source, record.file)
    except WorkflowInvalid as error:
        message = f"The workflow in the record of {record.id} is refused. {error.message}"
        raise WorkflowInvalid(message, problems=error.problems, remedy=error.remedy) from error
    means = Means(
        Path.cwd(),
        record.provider,
        record.model,
        record.assistant,
        record.tenant,
        settings=environ,
        phases=record.phases,
    )
    return Request(
        workflow=workflow,
        source=record.source,
        means=means,
        inputs=record.inputs,
        sources=dict(record.sources),
        replay_of=record.id,
        id=name,
        past=record,
        kept=frozenset(record.kept),
    )


def _found(record: Record, again: Record, recorded: Recorded) -> list[Difference]:
    """Return what differs, with the call that asked otherwise in place of what came of it."""
    asked = {(one.step, one.item): one for one in recorded.diverged}
    ended = tuple(one for one in record.steps if one.status in _ENDED)
    known = replace(record, steps=ended, calls=())
    names = {one.key for one in ended}
    if not _is_whole(record):
        steps = tuple(one for one in again.steps if one.key in names)
        again = replace(again, steps=steps, status=record.status, outputs=record.outputs, error=record.error)
    return [asked.get((one.step, one.item), one) for one in differences(known, again)]


def _is_whole(record: Record) -> bool:
    """Say whether a run came to its own end: its time was not up, nobody stopped it, and no cap did."""
    stopped = submit.is_late(record.error) or any(one.status == "cancelled" for one in record.steps)
    return record.status in _WHOLE and not stopped
