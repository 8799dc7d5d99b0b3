"""Runs code in a sandbox: what it prints is the output, parsed when it is JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentops_kit.errors import InputInvalid
from agentops_kit.sandbox import choose
from agentops_kit.sandbox.base import Program, SandboxMissing
from agentops_kit.workflows.steps import granted, reach, recorded, standin
from agentops_kit.workflows.steps.base import Outcome, StepFailed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from agentops_kit.sandbox.base import Ran
    from agentops_kit.workflows.spec import Json
    from agentops_kit.workflows.steps.base import Failure, Job

_LONGEST_SAID = 500
_NO_SANDBOX = "The tier process is no sandbox; grant it with `runtime: {processes: true}` in .agentops/config.yaml."


async def run(job: Job) -> Outcome:
    """Run ``code`` or ``file`` with ``inputs``; raises ``StepFailed`` where a limit stops it or it fails."""
    settings = job.settings
    if settings.get("file") and _file(job) is None and standin.plays(job):
        return Outcome(await standin.answer(job, "script", {"file": settings["file"], "inputs": _inputs(job)}))
    program = Program(
        _code(job), "sh" if settings.get("language") in {"sh", "bash", "shell"} else "python", _inputs(job)
    )
    tier = str(settings.get("tier") or "auto")
    grants = granted.of(settings, job.means.workspace, job.step.policy.timeout)

    async def act() -> Json:
        if tier == "process" and not reach.settings(job.means.workspace).processes:
            return recorded.failure("refused", _NO_SANDBOX)
        try:
            used, ran = await choose.run(program, grants, tier)
        except SandboxMissing as error:
            if standin.plays(job):
                return {"value": None, "tier": ""}
            return recorded.failed(error)
        except InputInvalid as error:
            return recorded.failed(error)
        return _answer(ran) | {"tier": used}

    request = {"code": program.code, "language": program.language, "inputs": program.inputs}
    answer = await job.calls.call("script", request, act)
    recorded.require(answer)
    if not answer["tier"]:  # a scripted run where no sandbox is installed
        return Outcome(await standin.answer(job, "script", request))
    return Outcome(answer["value"], details={"tier": answer["tier"]})


def _inputs(job: Job) -> Mapping[str, Json]:
    """Return what the step names, or else what it needs: the run's inputs and the outputs before it."""
    named = job.settings.get("inputs")
    return dict(named) if named else {**job.inputs, **job.outputs}


def _code(job: Job) -> str:
    code, file = job.settings.get("code"), job.settings.get("file")
    if code:
        return str(code)
    place = _file(job)
    if place is None:
        raise StepFailed(
            "invalid", f"There is no script {file!r} in the workspace." if file else "The script is empty."
        )
    return place.read_text(encoding="utf-8", errors="replace")


def _file(job: Job) -> Path | None:
    place = granted.inside(job.means.workspace, str(job.settings.get("file") or ""))
    return place if place is not None and place.is_file() else None


def _answer(ran: Ran) -> dict[str, Any]:
    if ran.reason:
        kind: Failure = "timeout" if ran.reason == "time" else "invalid"
        said = {"time": "took too long", "memory": "needed too much memory", "output": "printed too much"}
        return recorded.failure(kind, f"The script {said.get(ran.reason, 'cannot run in this tier')}.")
    if ran.status != 0:
        last = (ran.err.strip().splitlines() or [f"exit status {ran.status}"])[-1][:_LONGEST_SAID]
        return recorded.failure("exit_status", f"The script failed: {last}")
    return recorded.printed(ran.out.removesuffix("\n"))
