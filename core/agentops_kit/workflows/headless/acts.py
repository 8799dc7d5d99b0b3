"""The commands research, plan, implement and quick without an assistant: acts on the workspace's own run.

What was done is recorded as a call, so that a replay does not do it again.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agentops_kit.errors import AgentOpsError
from agentops_kit.workflows.headless import answers, bound, work
from agentops_kit.workflows.steps import choice
from agentops_kit.workflows.steps.base import Outcome, StepFailed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from agentops_kit.workflows.headless.work import Facts
    from agentops_kit.workflows.spec import Json
    from agentops_kit.workflows.steps.base import Job

    Ask = Callable[[Job], Awaitable[Outcome]]


def takes(job: Job) -> bool:
    """Whether a command is an act on the workspace's own run."""
    return bound.command_of(job.step) in bound.ACTS and bound.acts(job)


async def run(job: Job, ask: Ask) -> Outcome:
    """Do the act; ``ask`` puts a job's prompt to its model or assistant and is called only where one is given."""
    return await _ACTS[bound.command_of(job.step)](job, ask)


def asks(job: Job) -> bool:
    """Whether a model or an assistant is given for a step."""
    return choice.anybody(job.settings, job.means)


async def recorded(job: Job, act: str, does: Callable[..., Any], *arguments: Json) -> Facts:
    """Return what an act on the workspace found or did, recorded under its name and arguments."""

    async def do() -> Json:
        return await asyncio.to_thread(_do, job, does, arguments)

    facts: Facts = await job.calls.call("phase", {"act": act, "arguments": list(arguments)}, do)
    return facts


def _do(job: Job, does: Callable[..., Any], arguments: tuple[Json, ...]) -> Json:
    from agentops_kit.phases.lifecycle import Desk

    try:
        return does(Desk.open(job.means.workspace), job, *arguments)
    except AgentOpsError as error:
        raise StepFailed("invalid", str(error)) from error


async def _research(job: Job, ask: Ask) -> Outcome:
    task = task_of(job)
    facts = await recorded(job, "research", work.research, task)
    if not asks(job):
        return Outcome(facts)
    asked = await ask(_asking(job, answers.to_answer(task, facts["text"])))
    filled = await recorded(job, "answer", work.answer, _text(asked.output))
    return replace(asked, output={**facts, **filled})


async def _plan(job: Job, ask: Ask) -> Outcome:
    facts = await recorded(job, "plan", work.plan)
    if not (asks(job) and facts["lacks"]):
        return Outcome(facts)
    asked = await ask(_asking(job, answers.to_plan(task_of(job), _with_outputs(job, facts["text"]))))
    return replace(asked, output=await recorded(job, "fill", work.fill, _text(asked.output)))


async def _implement(job: Job, ask: Ask) -> Outcome:
    del ask  # the personas before it were asked
    changed = await recorded(job, "change", work.change, list(answers.diffs(dict(job.outputs))))
    closed = await recorded(job, "close", work.close, [])
    return Outcome({**changed, **closed})


async def _quick(job: Job, ask: Ask) -> Outcome:
    task = task_of(job)
    await recorded(job, "quick", work.quick, task)
    asked = Outcome(None)
    if asks(job):
        asked = await ask(_asking(job, answers.to_change(task, task)))
    changed = await recorded(job, "change", work.change, list(answers.diffs(asked.output)))
    check = str(job.inputs.get("check") or "")
    closed = await recorded(job, "close", work.close, [check] if check else [])
    return replace(asked, output={**changed, **closed})


_ACTS: dict[str, Callable[[Job, Ask], Awaitable[Outcome]]] = {
    "research": _research,
    "plan": _plan,
    "implement": _implement,
    "quick": _quick,
}


def task_of(job: Job) -> str:
    """Return the task of a step: its own, else the run's."""
    said = job.settings.get("arguments") or job.settings.get("task") or job.inputs.get("task") or ""
    task = str(said).strip()
    if not task:
        raise StepFailed("invalid", 'The task is empty: give it with --input task="…".')
    return task


def _asking(job: Job, prompt: str) -> Job:
    return replace(job, settings={**job.settings, "prompt": prompt, "context": False})


def _with_outputs(job: Job, draft: str) -> str:
    said = [f"[{name}]\n{_text(output)}" for name, output in job.outputs.items() if output not in (None, "")]
    return "\n\n".join([draft, *said])


def _text(output: Json) -> str:
    import json

    if isinstance(output, dict) and isinstance(output.get("text"), str):
        return str(output["text"])
    return output if isinstance(output, str) else json.dumps(output, ensure_ascii=False)
