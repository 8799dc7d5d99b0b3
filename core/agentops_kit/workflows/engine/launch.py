"""DBOS, and the only module that knows it: segments of runs are its workflows, submitted durably and done once.

A segment's id is ``<run>/<epoch>``. What a run has done is in the ledger, so a segment keeps nothing in DBOS but
that it began and ended; those rows are deleted once it is over.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from agentops_kit.workflows.engine.submit import VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence

    import sqlalchemy as sa

QUEUE = "agentops-runs"
_NAME = "agentops"
_WORKFLOW = "agentops.segment"
RUNS = 16
"""Runs at a time in one worker; DBOS keeps the number with the queue, so it is the same for all."""

_MOST_PENDING = 2000
_KEPT = 20
"""Segments of a run that are looked for when it is deleted: those of processes that were killed, and the last."""

_POLL = 0.25
"""Seconds between two looks of DBOS's threads; also how long an orderly end waits for them."""


class Host(Protocol):
    """Who does segments in this process."""

    async def segment(self, run: str, epoch: int) -> str:
        """Do one and return the status the run has then."""
        ...


class _Plain:
    """DBOS's values as JSON: its own way is pickle, which whoever can write to the database could abuse."""

    def serialize(self, data: Any) -> str:
        return json.dumps(data, default=str)  # DBOS hands over exceptions, too

    def deserialize(self, serialized_data: str) -> Any:
        return json.loads(serialized_data)

    def name(self) -> str:
        return "agentops_json"


class Launched:
    """DBOS running in this process; there is one at a time."""

    current: ClassVar[Launched | None] = None

    def __init__(self, engine: sa.Engine, host: Host) -> None:
        """Use ``launch``."""
        self.engine = engine
        self.host = host

    async def do(self, run: str, epoch: int) -> str:
        """Do a segment here and now."""
        from dbos import DBOS, SetWorkflowID

        with SetWorkflowID(name(run, epoch)):
            handle = await DBOS.start_workflow_async(_segment(), run, epoch)
        return str(await handle.get_result(polling_interval_sec=_POLL))

    async def forget(self, run: str, epoch: int) -> None:
        """Delete what DBOS keeps of a run's latest segments: what they did is in the ledger."""
        from dbos import DBOS

        await DBOS.delete_workflows_async([name(run, one) for one in range(max(1, epoch - _KEPT), epoch + 1)])

    async def take_runs(self) -> None:
        """Make the queue of runs, which this process was launched to listen to."""
        from dbos import DBOS

        await DBOS.register_queue_async(
            QUEUE, worker_concurrency=RUNS, polling_interval_sec=_POLL, on_conflict="always_update"
        )

    def stop(self, seconds: int = 0) -> None:
        """End DBOS's threads, in an orderly way; segments at work have so many seconds to end."""
        from dbos import DBOS

        DBOS.destroy(workflow_completion_timeout_sec=seconds)
        Launched.current = None


def name(run: str, epoch: int) -> str:
    """Return a segment's id."""
    return f"{run}/{epoch}"


_registered: list[Any] = []


def _segment() -> Any:
    """Return the workflow, registered with DBOS the first time."""
    if not _registered:
        from dbos import DBOS

        async def segment(run: str, epoch: int) -> str:
            launched = Launched.current
            if launched is None:  # pragma: no cover - DBOS does nothing once it was stopped
                return "lost"
            return await launched.host.segment(run, epoch)

        _registered.append(DBOS.workflow(name=_WORKFLOW)(segment))
    return _registered[0]


def launch(
    engine: sa.Engine, host: Host, executor: str, *, version: str = VERSION, takes_runs: bool = False
) -> Launched:
    """Start DBOS over the ledger's database; when it ``takes_runs`` it listens to the queue of runs too."""
    from dbos import DBOS

    current = Launched.current
    if current is not None:
        if current.engine is engine:
            return current
        current.stop()
    logging.getLogger("dbos").setLevel(logging.CRITICAL)
    _segment()
    DBOS(config=_settings(engine, executor, version))
    DBOS.listen_queues([QUEUE] if takes_runs else [])
    DBOS.launch()
    Launched.current = Launched(engine, host)
    return Launched.current


def _settings(engine: sa.Engine, executor: str, version: str) -> Any:
    return {
        "name": _NAME,
        "system_database_url": engine.url.render_as_string(hide_password=False),
        "system_database_engine": engine,
        "application_version": version,
        "executor_id": executor,
        "serializer": _serializer(),
        "log_level": "CRITICAL",
        "notification_listener_polling_interval_sec": _POLL,
    }


def _serializer() -> Any:
    from dbos import Serializer

    return type("Plain", (_Plain, Serializer), {})()


class Outside:
    """DBOS as a process sees it that does no segments itself."""

    def __init__(self, engine: sa.Engine) -> None:
        """Its tables have to be there: a worker, or a run on this machine, makes them."""
        from dbos import DBOSClient

        self._client = DBOSClient(
            system_database_url=engine.url.render_as_string(hide_password=False),
            system_database_engine=engine,
            serializer=_serializer(),
            application_name=_NAME,
        )

    def enqueue(self, run: str, epoch: int, version: str) -> None:
        """Offer a segment to the workers; again, it changes nothing."""
        self._client.enqueue(
            {
                "queue_name": QUEUE,
                "workflow_name": _WORKFLOW,
                "workflow_id": name(run, epoch),
                "app_version": version,
            },
            run,
            epoch,
        )

    def pending(self) -> list[tuple[str, int, str]]:
        """Return the segments that processes have taken: run, number and process."""
        found = self._client.list_workflows(
            status="PENDING", name=_WORKFLOW, load_input=False, load_output=False, limit=_MOST_PENDING
        )
        taken = ((*each.workflow_id.rpartition("/"), each.executor_id or "") for each in found)
        return [(run, int(epoch), executor) for run, _, epoch, executor in taken]

    def forget(self, segments: Sequence[str]) -> None:
        """Delete segments that are over, or that nobody may do any more."""
        for one in segments:
            self._client.delete_workflow(one)

    def close(self) -> None:
        """Let go of it."""
        self._client.destroy()


def prepare(engine: sa.Engine) -> None:
    """Make DBOS's tables when they are not there, as its own migration does."""
    from dbos import DBOS

    DBOS.migrate(engine.url.render_as_string(hide_password=False))
