"""Steps that look into the workspace's HEAD without a model: code, documents and history."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from agentops_kit.errors import AgentOpsError
from agentops_kit.workflows.steps import choice
from agentops_kit.workflows.steps.base import Outcome, StepFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from agentops_kit.bundles.findings import Findings
    from agentops_kit.bundles.index import Index
    from agentops_kit.ids import CommitId
    from agentops_kit.memory.git import Repo
    from agentops_kit.text.words import Query
    from agentops_kit.workflows.spec import Json, Step
    from agentops_kit.workflows.steps.base import Job, Means

PERSONAS = {"code-explorer": "code", "doc-explorer": "documents", "history-explorer": "history"}
"""Personas whose work can be done without a model, and the explorer that does it."""

BUDGET = 3_000
"""Tokens of a step's findings unless it says otherwise."""

_HEADINGS = {"code": "Where", "documents": "Documents", "history": "History"}


def takes(job: Job) -> bool:
    """Whether a persona's step is done here."""
    return alone(job.step, job.settings, job.means)


def alone(step: Step, settings: Mapping[str, Json], means: Means) -> bool:
    """Whether a step is an explorer's persona, and neither a provider nor an assistant is given."""
    if step.kind != "persona" or settings.get("persona") not in PERSONAS:
        return False
    return not choice.anybody(settings, means)


async def run(job: Job) -> Outcome:
    """Return what the explorer finds for the task: ``explorer``, ``commit``, ``sources`` and markdown ``text``."""
    explorer = str(job.settings.get("explorer") or PERSONAS.get(str(job.settings.get("persona")), "code"))
    if explorer not in _FINDERS:
        message = f"There is no explorer {explorer!r}; use one of: {', '.join(_FINDERS)}."
        raise StepFailed("invalid", message)
    task = str(job.settings.get("task") or job.inputs.get("task") or "").strip()
    if not task:
        raise StepFailed("invalid", 'The task is empty: give it with --input task="…".')
    budget = int(job.settings.get("budget") or BUDGET)
    request = {"explorer": explorer, "task": task, "budget": budget}

    async def act() -> Json:
        return await asyncio.to_thread(_explored, job, explorer, task, budget)

    return Outcome(await job.calls.call("explore", request, act))


def _explored(job: Job, explorer: str, task: str, budget: int) -> dict[str, Any]:
    from agentops_kit.bundles.document import Bundle
    from agentops_kit.bundles.render import render
    from agentops_kit.ids import BundleId
    from agentops_kit.memory.git import Repo

    try:
        repo = Repo.open(job.means.workspace)
        commit = repo.require_head()
        head = Bundle(BundleId("findings"), "research", task, commit, "")
        bundle = render(_found(repo, commit, task, _FINDERS[explorer]), head, budget)
    except AgentOpsError as error:
        raise StepFailed("invalid", str(error)) from error
    return {
        "explorer": explorer,
        "commit": commit,
        "sources": [one.path for one in bundle.sources],
        "text": _section(bundle.body, _HEADINGS[explorer]),
    }


def _section(body: str, title: str) -> str:
    from agentops_kit.bundles.sections import split

    return next((one.below.strip() for one in split(body, 2) if one.title == title), "")


def _found(repo: Repo, commit: CommitId, task: str, finding: Callable[[Index, Query], Findings]) -> Findings:
    from agentops_kit.bundles import index
    from agentops_kit.text.words import query

    wanted = query(task)
    return index.use(repo, commit, lambda held: finding(held, wanted))


def _code(held: Index, wanted: Query) -> Findings:
    from agentops_kit.bundles import code, signals
    from agentops_kit.bundles.findings import Findings

    picks, passages = code.explore(held, wanted, signals.read(held, wanted), lambda: None)
    return Findings(picks, passages)


def _documents(held: Index, wanted: Query) -> Findings:
    from agentops_kit.bundles import docs
    from agentops_kit.bundles.findings import Findings

    return Findings(sections=docs.explore(docs.likely(held, wanted), wanted))


def _history(held: Index, wanted: Query) -> Findings:
    from agentops_kit.bundles import history, signals
    from agentops_kit.bundles.findings import Findings

    return Findings(commits=history.explore(signals.read(held, wanted).past))


_FINDERS: dict[str, Callable[[Index, Query], Findings]] = {"code": _code, "documents": _documents, "history": _history}
