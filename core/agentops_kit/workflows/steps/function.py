"""Calls a Python function the user named, in a process of its own, so that a limit of time ends it."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from agentops_kit.workflows.steps import reach, recorded, standin
from agentops_kit.workflows.steps.base import Outcome

if TYPE_CHECKING:
    from agentops_kit.workflows.spec import Json
    from agentops_kit.workflows.steps.base import Job

_CALLEE = "agentops_kit.workflows.steps.callee"


async def run(job: Job) -> Outcome:
    """Call the function with the arguments as keywords; its JSON answer is the output. Raises ``StepFailed``."""
    name = str(job.settings.get("function") or "")
    arguments = job.settings.get("arguments") or {}
    request = {"name": name, "arguments": arguments}
    target = reach.functions(job.means.workspace).get(name)
    if target is None and standin.plays(job):
        return Outcome(await standin.answer(job, "function", request))

    async def act() -> Json:
        if target is None:
            message = f"There is no function {name!r}; name it below `runtime.functions` in .agentops/config.yaml."
            return recorded.failure("refused", message)
        return await _call(job, target, arguments)

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
