"""Runs a WebAssembly program of the user's under wasmtime, with nothing it was not given."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentops_kit import extras
from agentops_kit.sandbox import spawn, wasi, wasi_guest
from agentops_kit.workflows.steps import granted, recorded, standin
from agentops_kit.workflows.steps.base import Outcome, StepFailed

if TYPE_CHECKING:
    from agentops_kit.workflows.spec import Json
    from agentops_kit.workflows.steps.base import Job


async def run(job: Job) -> Outcome:
    """Run ``module`` (a WASI command) with ``arguments`` and ``inputs`` as JSON on standard input.

    What it prints is the output, parsed when it is JSON. Raises ``StepFailed``.
    """
    settings = job.settings
    named = str(settings.get("module") or "")
    place = granted.inside(job.means.workspace, named)
    if place is None or not place.is_file():
        if standin.plays(job):
            return Outcome(await standin.answer(job, "wasm", {"module": named, "inputs": settings.get("inputs")}))
        raise StepFailed("refused", f"There is no module {named!r} in the workspace.")
    grants = granted.of(settings, job.means.workspace, job.step.policy.timeout)
    request = {
        "program": str(place),
        "arguments": [str(one) for one in settings.get("arguments") or []],
        "inputs": settings.get("inputs") or {},
        "read": [str(path) for path in grants.read],
        "write": [str(path) for path in grants.write],
        "memory": grants.memory_mb * 1_000_000,
        "seconds": grants.seconds,
        "output": grants.output_bytes,
    }

    async def act() -> Json:
        return await _ran(request)

    asked = {"module": named, "arguments": request["arguments"], "inputs": request["inputs"]}
    answer = await job.calls.call("wasm", asked, act)
    recorded.require(answer)
    return Outcome(answer["value"])


async def _ran(request: dict[str, Any]) -> Json:
    if not wasi.has_runtime():
        return recorded.failure("invalid", f"wasmtime is not installed. {extras.remedy('sandbox')}")
    words = (sys.executable, "-P", "-m", wasi_guest.__name__)
    done = await spawn.run(words, json.dumps(request).encode(), folder=Path("/"))
    if done.status == wasi_guest.STOPPED:
        return recorded.failure("timeout", "The module took too long.")
    if done.status != 0:
        return recorded.failure(
            "exit_status", f"The module failed: {done.last_words() or f'exit status {done.status}'}"
        )
    return recorded.printed(done.out.decode(errors="replace").removesuffix("\n"))
