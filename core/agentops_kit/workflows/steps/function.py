"""Calls a Python function the user named, in a process of its own, so that a limit of time ends it."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from agentops_kit.workflows.steps import reach, recorded, standin
from agentops_kit.workflows.steps.base import Outcome, StepFailed

if TYPE_CHECKING:
    from agentops_kit.workflows.spec import Json
    from agentops_kit.workflows.steps.base import Job

_CALLEE = "agentops_kit.workflows.steps.callee"


async def run(job: Job) -> Outcome:
    """Call the function with the arguments as keywords; its JSON answer is the output. Raises ``StepFailed``."""
    name = str(job.settings.get("function") or "")
    arguments = job.settings.get("arguments") or {}
    known = reach.functions(job.means.workspace)
    if name not in known:
        if standin.plays(job):
            return Outcome(await standin.answer(job, "function", {"name": name, "arguments": arguments}))
        message = f"There is no function {name!r}; name it below `runtime.functions` in .agentops/config.yaml."
        raise StepFailed("refused", message)
    target = known[name]

    async def act() -> Json:
        return await _call(job, target, arguments)

    request = {"name": name, "target": target, "arguments": arguments, "key": job.key}
    answer = await job.calls.call("function", request, act)
    recorded.require(answer)
    return Outcome(answer["value"])


async def _call(job: Job, target: str, arguments: Json) -> Json:
    from agentops_kit.sandbox import spawn

    given = json.dumps({"target": target, "arguments": arguments, "key": job.key}).encode()
    done = await spawn.run((sys.executable, "-m", _CALLEE), given, folder=job.means.workspace, python=True)
    if done.status != 0:
        message = f"The function {target} failed: {done.last_words() or f'exit status {done.status}'}."
        return recorded.failure("exit_status", message)
    try:
        return {"value": json.loads(done.out)}
    except ValueError:
        message = f"The function {target} answered what is no JSON: {done.out[:60]!r}."
        return recorded.failure("invalid", message)
