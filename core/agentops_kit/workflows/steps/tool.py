"""Runs a tool: one that reads the workspace, or a program the user named."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from agentops_kit.workflows.steps import granted, reach, recorded, standin
from agentops_kit.workflows.steps.base import Outcome

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

    from agentops_kit.workflows.spec import Json
    from agentops_kit.workflows.steps.base import Job

MOST_BYTES = 1_000_000
"""The largest file that is read, in bytes."""
MOST_FILES = 2_000


async def run(job: Job) -> Outcome:
    """Run ``tool`` with ``arguments``; its JSON, or else its text, is the output. Raises ``StepFailed``."""
    name = str(job.settings.get("tool") or "")
    arguments = job.settings.get("arguments") or {}
    request = {"name": name, "arguments": arguments}
    words = reach.tools(job.means.workspace).get(name)
    if words is None and name not in BUILT_IN and standin.plays(job):
        return Outcome(await standin.answer(job, "tool", request))

    async def act() -> Json:
        if words is not None:
            return await _program(job, words, arguments)
        if name in BUILT_IN:
            return await BUILT_IN[name](job.means.workspace, arguments)
        message = f"There is no tool {name!r}; built in are {', '.join(BUILT_IN)}, and others are named below"
        return recorded.failure("refused", f"{message} `runtime.tools` in .agentops/config.yaml.")

    answer = await job.calls.call("tool", request, act)
    recorded.require(answer)
    return Outcome(answer["value"])


async def _program(job: Job, words: tuple[str, ...], arguments: Json) -> Json:
    from agentops_kit.sandbox import spawn

    given = json.dumps({"arguments": arguments, "key": job.key}).encode()
    try:
        done = await spawn.run(words, given, folder=job.means.workspace)
    except OSError as error:
        return recorded.failure("refused", f"The program {words[0]} cannot be run: {error.strerror}.")
    if done.status != 0:
        return recorded.failure("exit_status", f"{words[0]} ended with {done.status}: {done.last_words()}")
    return recorded.printed(done.out.decode(errors="replace"))


async def _read_file(workspace: Path, arguments: Mapping[str, Json]) -> Json:
    """Return a text of the workspace; ``path`` is relative and leads nowhere else."""
    place = granted.inside(workspace, str(arguments.get("path") or ""))
    if place is None or not place.is_file():
        return recorded.failure("invalid", f"There is no file {arguments.get('path')!r} in the workspace.")
    if place.stat().st_size > MOST_BYTES:
        return recorded.failure("invalid", f"{arguments['path']} is larger than {MOST_BYTES:,} bytes.")
    return {"value": place.read_text(encoding="utf-8", errors="replace")}


async def _list_files(workspace: Path, arguments: Mapping[str, Json]) -> Json:
    """Return the paths of HEAD that match ``pattern``, sorted."""
    from fnmatch import fnmatch

    from agentops_kit.errors import WorkspaceUnusable
    from agentops_kit.memory.git import Repo

    pattern = str(arguments.get("pattern") or "*")
    try:
        paths = [entry.path for entry in Repo.open(workspace).entries()]
    except WorkspaceUnusable as error:
        return recorded.failed(error)
    return {"value": [path for path in paths if fnmatch(path, pattern)][:MOST_FILES]}


BUILT_IN: Mapping[str, Callable[[Path, Mapping[str, Json]], Awaitable[Json]]] = {
    "files.read": _read_file,
    "files.list": _list_files,
}
