"""A slash command without its client: its text goes to a model, or to an assistant in a worktree of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.workflows.headless import acts
from agentops_kit.workflows.steps import asking, choice, pieces, prompt

if TYPE_CHECKING:
    from agentops_kit.workflows.steps.base import Job, Outcome


async def run(job: Job) -> Outcome:
    """Do what the command says; raises ``StepFailed``."""
    if acts.takes(job):
        return await acts.run(job, _ask)
    return await _ask(job)


async def _ask(job: Job) -> Outcome:
    """Put the command's text, or the prompt an act made of it, to whoever answers."""
    name = str(job.settings.get("command") or "")
    arguments = str(job.settings.get("arguments") or job.settings.get("task") or job.inputs.get("task") or "")
    own = str(job.settings.get("prompt") or "")
    piece = pieces.Piece(name, own) if own else pieces.command(job, name, arguments)
    assistant = choice.assistant(job.settings, job.means)
    if assistant:
        from agentops_kit.workflows.assistants import worker

        return await worker.run(job, assistant, pieces.Piece(name, "", piece.tools, piece.model), piece.text)
    return await asking.ask(job, prompt.wish(job, piece.text))
