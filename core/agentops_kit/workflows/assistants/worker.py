"""An assistant as a step: its client runs in a worktree of its own; what it changed becomes a commit on a branch."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack, asynccontextmanager
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from agentops_kit.costs import prices
from agentops_kit.errors import AgentOpsError
from agentops_kit.models import asked
from agentops_kit.models.base import Usage
from agentops_kit.workflows.assistants import environment, process, program
from agentops_kit.workflows.assistants.base import Account, Client, Task, load
from agentops_kit.workflows.assistants.worktree import Work, Worktree, clear
from agentops_kit.workflows.context import context
from agentops_kit.workflows.steps import recorded
from agentops_kit.workflows.steps.base import Outcome, StepFailed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from agentops_kit.memory.git import Repo
    from agentops_kit.workflows.spec import Json
    from agentops_kit.workflows.steps.base import Hold, Job
    from agentops_kit.workflows.steps.pieces import Piece

_SHOWN = 400


async def run(job: Job, assistant: str, piece: Piece, text: str) -> Outcome:
    """Have an assistant do a piece's work; raises ``StepFailed``.

    The output is ``{text, diff, branch, commit}``: the assistant's last words, a unified diff of all it changed ("" for
    nothing), and where that is kept.
    """
    task = _task(job, assistant, piece, text)
    request = {"assistant": assistant, "task": task.whole, "model": task.model, "tools": list(task.tools)}
    said = await job.calls.call("assistant", request, _Start(job, assistant, task))
    recorded.require(said, recorded.outcome(said, None))
    return recorded.outcome(said, {name: said[name] for name in ("text", "diff", "branch", "commit")})


def _task(job: Job, assistant: str, piece: Piece, text: str) -> Task:
    settings = job.settings
    whole = text
    if settings.get("context"):
        whole = context(text, tuple(job.outputs.items()), single=bool(settings.get("single")))
    own = piece.model if assistant == "claude" else ""  # personas name models by Claude's words
    model = str(settings.get("model") or job.means.model or own)
    return Task(whole, piece.text, model, piece.tools)


class _Start:
    """One run of a client, with the limits and the money of the workflow's run."""

    def __init__(self, job: Job, assistant: str, task: Task) -> None:
        self._job = job
        self._assistant = assistant
        self._task = task

    async def __call__(self) -> Json:
        """Return what it gave as JSON, a failure under ``failed``."""
        try:
            client = load(self._assistant)
            return await self._limited(client)
        except (StepFailed, AgentOpsError) as error:
            return recorded.failed(error) | {"cost": "0"}

    async def _limited(self, client: Client) -> dict[str, Any]:
        free = await self._job.limiter.slot(client.PROVIDER)
        try:
            hold, dollars = await _fund(self._job)
            return await self._paid(client, hold, dollars)
        finally:
            await free()

    async def _paid(self, client: Client, hold: Hold, dollars: Decimal | None) -> dict[str, Any]:
        spent: Decimal | None = None  # killed in the middle, it may have cost all it was allowed
        try:
            account, work = await self._worked(client, dollars)
            spent = _cost(self._job, client, self._task, account)
        except _NotStarted as error:
            spent = Decimal(0)
            return recorded.failure("invalid", str(error)) | {"cost": "0"}
        finally:
            await hold.settle(spent)
        said: dict[str, Any] = {
            "usage": asked.usage_json(account.usage),
            "cost": None if spent is None else str(spent),
            "model": self._task.model or ", ".join(account.by_model or ()),
            "provider": client.PROVIDER,
            "details": {"assistant": self._assistant},
        }
        if account.problem:
            words = f"{self._assistant}: {_short(account.problem)}"
            return said | recorded.failure(account.kind, words)
        return {**said, "text": account.text, **work._asdict()}

    async def _worked(self, client: Client, dollars: Decimal | None) -> tuple[Account, Work]:
        job = self._job
        whole = job.means.settings or {}
        name = f"{job.key.replace(':', '-')}-{job.attempt}"
        task = Task(self._task.text, self._task.system, self._task.model, self._task.tools, dollars)
        async with _worktree(job, name) as (tree, repo):
            around = environment.reduced(whole, client.VARIABLES)
            line = (program.find(client, whole), *client.arguments(task, repo.root))
            words = task.text if self._assistant == "claude" else task.whole
            try:
                ended = await process.run(line, repo.root, around, words, tree.mark)
            except OSError as error:
                message = f"{line[0]} cannot be started: {error.strerror}."
                raise _NotStarted(message) from error
            account = _account(client, ended)
            message = f"{job.workflow.name}: {job.step.id}\n\nDone by {self._assistant} in run {job.run}."
            return account, await asyncio.to_thread(tree.keep, repo, message)


class _NotStarted(Exception):
    """The client never ran."""


@asynccontextmanager
async def _worktree(job: Job, name: str) -> AsyncIterator[tuple[Worktree, Repo]]:
    """Give a worktree, made and removed in threads; what killed tries have left is removed first."""
    whole = job.means.settings or {}

    def make() -> tuple[Worktree, Repo]:
        from agentops_kit.memory.git import Repo

        home = Repo.open(job.means.workspace)
        clear(home, whole)
        tree = Worktree(home, name, whole)
        with ExitStack() as undone:
            undone.callback(tree.close)
            repo = tree.open()
            undone.pop_all()
        return tree, repo

    making = asyncio.ensure_future(asyncio.to_thread(make))
    try:
        made = await asyncio.shield(making)
    except asyncio.CancelledError:
        tree, _ = await making  # a thread cannot be stopped: wait for it, then undo
        await asyncio.to_thread(tree.close)
        raise
    try:
        yield made
    finally:
        await asyncio.shield(asyncio.to_thread(made[0].close))


async def _fund(job: Job) -> tuple[Hold, Decimal | None]:
    """Return the money held, and the limit to tell the client; under a cap a step has to say what it may spend."""
    if await job.purse.left() is None:
        return await job.purse.reserve(Decimal(0)), None
    said = job.settings.get("reserve")
    try:
        dollars = Decimal(str(said))
    except InvalidOperation:
        dollars = Decimal(-1)
    if not dollars.is_finite() or dollars <= 0:
        message = (
            "The run has a cost cap, and nobody knows beforehand what an assistant spends: "
            "give the step `reserve`, the US dollars it may use, or take the cap away."
        )
        raise StepFailed("cost_cap", message)
    return await job.purse.reserve(dollars), dollars


def _account(client: Client, ended: process.Ended) -> Account:
    try:
        account = client.account(ended.output)
    except ValueError:
        words = ended.words or ended.output
        return Account("", problem=f"exit status {ended.status}: {_short(words)}", kind="exit_status")
    if ended.status and not account.problem:
        return Account(
            account.text, account.usage, account.by_model, account.cost,
            f"exit status {ended.status}: {_short(ended.words)}", "exit_status",
        )  # fmt: skip
    return account


def _cost(job: Job, client: Client, task: Task, account: Account) -> Decimal | None:
    """Return what the client says it cost, else the price of its usage by model; None where one is not known."""
    if account.cost is not None:
        return account.cost
    by_model = account.by_model or ({task.model: account.usage} if account.usage != Usage() else {})
    own = prices.read(job.means.workspace)
    costs = [prices.cost(prices.Offer(client.PROVIDER, model), usage, own) for model, usage in by_model.items()]
    known = [cost for cost in costs if cost is not None]
    return sum(known, Decimal(0)) if costs and len(known) == len(costs) else None


def _short(text: str) -> str:
    folded = " ".join(text.split())
    return folded if len(folded) <= _SHOWN else f"{folded[: _SHOWN - 1]}…"
