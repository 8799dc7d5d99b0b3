"""Looks before a run begins, and before any call, whether those whom its steps ask can be asked at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.errors import AgentOpsError, InputInvalid
from agentops_kit.models.base import connect
from agentops_kit.workflows.spec import Step
from agentops_kit.workflows.steps import asking, choice, pieces, prompts
from agentops_kit.workflows.steps.base import StepFailed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from agentops_kit.workflows.spec import Json, Workflow
    from agentops_kit.workflows.steps.base import Means

_ASSISTED = ("persona", "command")


def every(workflow: Workflow) -> Iterator[Step]:
    """Give all steps of a workflow, those inside maps too."""

    def below(steps: Iterable[Step]) -> Iterator[Step]:
        for step in steps:
            yield step
            body = step.settings.get("steps")
            if isinstance(body, (tuple, list)):
                yield from below(one for one in body if isinstance(one, Step))

    return below(workflow.steps)


def look(steps: Iterable[Step], means: Means) -> None:
    """Refuse with ``InputInvalid`` what cannot be asked: ``steps`` are those that go to a model or an assistant.

    What is looked at: the provider, its key and package, that a model is named, the stored prompt, persona or command,
    and for an assistant its program and the repository. Settings that are templates are left for the run.
    """
    connected: set[str] = set()
    for step in steps:
        try:
            _look(step, means, connected)
        except AgentOpsError as error:
            message = f"{step.place}: step {step.id}: {error.message}"
            raise InputInvalid(message, remedy=error.remedy) from error


def _look(step: Step, means: Means, connected: set[str]) -> None:
    assistant = choice.assistant(step.settings, means)
    if assistant and step.kind in _ASSISTED:
        _require_assistant(assistant, means)
        _require_piece(step, means)
        return
    chosen = choice.choose(step.settings, means)
    try:
        asking.require(chosen)
    except StepFailed as error:
        raise InputInvalid(error.message) from error
    if chosen.provider not in connected:
        connect(chosen.provider, asking.settings_of(means))
        connected.add(chosen.provider)
    if means.provider != "scripted":
        _require_piece(step, means)


def _require_piece(step: Step, means: Means) -> None:
    """Refuse a stored prompt, persona or command that is not there."""
    reference = step.settings.get("prompt_ref")
    if step.kind == "llm" and _is_plain(reference):
        prompts.find(means.workspace, str(reference))
    name = step.settings.get(step.kind)
    if step.kind == "persona" and _is_plain(name):
        pieces.read(means.workspace, means.settings or {}, "persona", str(name))
    if step.kind == "command" and _is_plain(name) and not step.settings.get("prompt"):
        pieces.read(means.workspace, means.settings or {}, "command", str(name))


def _require_assistant(name: str, means: Means) -> None:
    from agentops_kit.memory.git import Repo
    from agentops_kit.workflows.assistants.base import load
    from agentops_kit.workflows.assistants.program import find

    find(load(name), means.settings or {})
    Repo.open(means.workspace).require_head()


def _is_plain(said: Json) -> bool:
    return isinstance(said, str) and bool(said) and "{{" not in said
