"""From a wish on the command line to a run that can be submitted: everything is refused here before a row is made."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from agentops_kit.errors import AgentOpsError, InputInvalid
from agentops_kit.workflows import given
from agentops_kit.workflows.headless import bound, person
from agentops_kit.workflows.steps import choice, explore
from agentops_kit.workflows.steps.base import Means

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agentops_kit.workflows.engine.submit import Request
    from agentops_kit.workflows.spec import Json, Step, Workflow

ASSISTANTS = ("claude", "codex", "gemini")
"""The assistants that can run a persona or a command by themselves."""

_ASKING = frozenset({"llm", "persona", "command"})
OF_ASSISTANTS = frozenset({"persona", "command"})
"""Kinds of step that an assistant can do."""


@dataclass(frozen=True)
class Wish:
    """What somebody asks for: a workflow's file or name, and how it shall run."""

    what: str
    workspace: Path = field(default_factory=Path)
    inputs: Mapping[str, Json] = field(default_factory=dict)
    provider: str = ""
    model: str = ""
    assistant: str = ""
    tenant: str = ""
    max_parallel: int | None = None
    record: Path | None = None
    script: Path | None = None


@dataclass(frozen=True)
class Submission:
    """A run that can start; ``notes`` are sentences a person should read first."""

    workflow: Workflow
    source: str
    file: str
    inputs: Mapping[str, Json]
    means: Means
    notes: tuple[str, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    """The texts of the workflows it starts, by the names it calls them."""


def prepare(wish: Wish, environ: Mapping[str, str], *, dry: bool = False) -> Submission:
    """Return the run a wish comes to; ``dry`` asks nobody whether they are set up.

    Raises ``WorkflowInvalid`` for a file that is refused and ``InputInvalid`` for an unknown name, an input that is
    missing or not read, and a step that nobody is there to answer.
    """
    from agentops_kit.workflows import find, load

    _require_places(wish)
    path = find.find(wish.what, wish.workspace, environ)
    workflow = load.load(path)
    if wish.max_parallel is not None:
        workflow = replace(workflow, limits=replace(workflow.limits, max_parallel=wish.max_parallel))
    means = _means(wish, workflow, environ)
    inputs, notes = given.completed(workflow, wish.inputs, scripted=means.provider == "scripted")
    if not dry:
        require_answers(workflow, means)
    sources = _below(path, workflow, wish.workspace, lenient=means.provider == "scripted")
    return Submission(workflow, path.read_text(encoding="utf-8"), str(path), inputs, means, notes, sources)


def request(made: Submission, key: str = "", *, queue: bool = False, build: str = "") -> Request:
    """Return a submission as the engine takes it; ``queue`` leaves it to a worker, of ``build`` when that is given."""
    from agentops_kit.workflows.engine.submit import VERSION, Request

    return Request(
        workflow=made.workflow,
        source=made.source,
        means=made.means,
        inputs=made.inputs,
        key=key,
        limits=made.workflow.limits,
        place="queue" if queue else "local",
        version=build or VERSION,
        sources=dict(made.sources),
    )


def _require_places(wish: Wish) -> None:
    """Refuse a workspace that is not there, and a record that could not be written: it is begun only after a call."""
    if not wish.workspace.is_dir():
        message = f"The workspace {wish.workspace} is not there."
        raise InputInvalid(message, remedy="Name a folder with --workspace.")
    if wish.record is None:
        return
    target = wish.record if wish.record.exists() else wish.record.absolute().parent
    if not target.exists() or not os.access(target, os.W_OK):
        message = f"The record {wish.record} cannot be written."
        raise InputInvalid(message, remedy="Name a file in a folder that exists and is yours with --record.")


def _below(path: Path, workflow: Workflow, workspace: Path, *, lenient: bool) -> dict[str, str]:
    """Return the texts of all workflows that this one starts by name, and those that they start.

    On the scripted model one that is not there is answered like any other unknown thing; otherwise it is refused, and
    so is a workflow that starts itself.
    """
    from agentops_kit.workflows import find, includes, load

    if not lenient:
        found = includes.report(path, workspace)
        if found.problems:
            raise load.refusal(found.problems, str(path))
    texts: dict[str, str] = {}
    heap = [workflow]
    while heap:
        for _, ref in includes.started(heap.pop().steps):
            if ref in texts:
                continue
            try:
                file = find.find(ref, workspace)
            except InputInvalid:
                continue
            texts[ref] = file.read_text(encoding="utf-8")
            heap.append(load.load(file))
    return texts


def _means(wish: Wish, workflow: Workflow, environ: Mapping[str, str]) -> Means:
    if wish.assistant and wish.assistant not in ASSISTANTS:
        message = f"There is no assistant {wish.assistant!r} that runs steps."
        raise InputInvalid(message, remedy=f"Use one of: {', '.join(ASSISTANTS)}.")
    root, acts = workspace(wish.workspace)
    return Means(
        workspace=root,
        provider=wish.provider or workflow.provider or environ.get(choice.PROVIDER, ""),
        model=wish.model or workflow.model,
        assistant=wish.assistant,
        tenant=wish.tenant,
        script=wish.script and wish.script.absolute(),
        record=wish.record and wish.record.absolute(),
        settings=environ,
        phases=acts and bound.opens_a_run(workflow),
    )


def workspace(start: Path) -> tuple[Path, bool]:
    """Return the folder steps read, and whether it is a repository with a commit."""
    from agentops_kit.memory.git import Repo

    try:
        repo = Repo.open(start)
    except AgentOpsError:
        return start.absolute(), False
    return repo.root, repo.head() is not None


def require_answers(workflow: Workflow, means: Means) -> None:
    """Raise ``InputInvalid`` when a step goes to a model or assistant that is not chosen, or not set up here."""
    from agentops_kit.workflows.steps import ready

    ready.look((step for step in ready.every(workflow) if goes_out(step, workflow, means)), means)


def goes_out(step: Step, workflow: Workflow, means: Means) -> bool:
    """Whether a step is put to a model or an assistant, and not to an explorer, to a person, or to the kit itself."""
    if step.kind not in _ASKING:
        return False
    if explore.alone(step, step.settings, means) or person.alone(step, step.settings, workflow, means):
        return False
    acts = means.phases and bound.command_of(step) in bound.ACTS
    return not acts or choice.anybody(step.settings, means)


def asks(step: Step, workflow: Workflow, means: Means) -> bool:
    """Whether a step puts a question to a model itself."""
    by_assistant = step.kind in OF_ASSISTANTS and bool(choice.assistant(step.settings, means))
    return goes_out(step, workflow, means) and not by_assistant
