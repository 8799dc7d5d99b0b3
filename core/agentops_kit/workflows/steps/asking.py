"""Asks a model for a step: recorded, within the limits, with the money set aside before the call."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from agentops_kit.costs import prices, reserve
from agentops_kit.errors import AgentOpsError
from agentops_kit.models import asked, pool, recorder
from agentops_kit.models.base import ModelFailed, Question, Usage
from agentops_kit.models.scripted import SCRIPT
from agentops_kit.workflows.steps import choice, prompt, recorded
from agentops_kit.workflows.steps.base import Outcome, StepFailed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    from agentops_kit.costs.prices import Ceiling, Offer, Rate
    from agentops_kit.models.base import Answer, Model
    from agentops_kit.workflows.spec import Json
    from agentops_kit.workflows.steps.base import Hold, Job, Means
    from agentops_kit.workflows.steps.choice import Choice
    from agentops_kit.workflows.steps.prompt import Wish

USUAL_ANSWER = 4096
"""The answer's length in tokens that is paid for under a cap when a step names none."""
_RACES = 8
"""How often a hold is tried again with what is left, when others take of the purse at the same time."""


Limit = Literal["step", "usual", "purse"]
"""What limits an answer's length: the step's own wish, the length usual under a cap, or what the purse allows."""


class Funded(NamedTuple):
    """A call that is paid for: the money held, the ``max_tokens`` to send, and what chose that number."""

    hold: Hold
    max_tokens: int | None
    limit: Limit = "step"


class _Prices(NamedTuple):
    """Who answers, under the names by which a price may be known, and the prices of one's own."""

    offers: tuple[Offer, ...]
    own: Mapping[str, Rate]

    def ceiling(self) -> Ceiling | None:
        return next((found for one in self.offers if (found := prices.ceiling(one, self.own)) is not None), None)

    def cost(self, model: str, usage: Usage) -> Decimal | None:
        """Return what a call cost: by the name the service gives its model, else by one we know it under."""
        named = (self.offers[0]._replace(model=model),) if model else ()
        known = (prices.cost(one, usage, self.own) for one in (*named, *self.offers))
        return next((found for found in known if found is not None), None)


async def ask(job: Job, wish: Wish) -> Outcome:
    """Return the model's answer as the step's outcome; raises ``StepFailed``.

    The last of several tries goes to the fallback model; so does a call that the cap does not allow, when the
    workflow's policy is to downgrade.
    """
    first, *cheaper = _choices(job)
    said = await _said(job, wish, first)
    for chosen in cheaper:
        if said.get("failed", {}).get("kind") != "cost_cap":
            break
        said = await _said(job, wish, chosen)
    return _outcome(said, wish)


async def _said(job: Job, wish: Wish, chosen: Choice) -> dict[str, Any]:
    """Return one recorded exchange, made now or played from the record of a replay."""
    require(chosen)
    question = _question(job, wish, chosen)
    request = {"provider": chosen.provider, **asked.as_json(question)}
    said: dict[str, Any] = await job.calls.call("model", request, _Call(job, question, chosen.provider))
    return said


def _choices(job: Job) -> list[Choice]:
    """Return whom to ask, in order; a second one only for a call the cap forbids."""
    first = choice.choose(job.settings, job.means)
    fallback = job.step.policy.fallback_model
    if not fallback:
        return [first]
    second = choice.choose(job.settings, job.means, model=fallback)
    if job.last and job.attempt > 1:
        return [second]
    return [first, second] if job.workflow.limits.on_cap == "downgrade" else [first]


def require(chosen: Choice) -> None:
    """Refuse a choice that lacks somebody to ask, with ``StepFailed`` of kind ``invalid``."""
    if not chosen.provider:
        message = (
            "No provider is chosen: use --provider (scripted asks nobody), set AGENTOPS_PROVIDER, or set what a "
            "provider needs: AZURE_GPT5_KEY, AZURE_GPT5_ENDPOINT and AZURE_GPT5_VERSION, OPENAI_API_KEY, or "
            "ANTHROPIC_API_KEY."
        )
        raise StepFailed("invalid", message)
    if not chosen.model and chosen.provider != "azure":
        message = "The step names no model: give it `model`, or use --model or AGENTOPS_MODEL."
        raise StepFailed("invalid", message)


def _question(job: Job, wish: Wish, chosen: Choice) -> Question:
    return Question(
        chosen.model,
        wish.messages,
        wish.temperature,
        wish.max_tokens,
        job.step.policy.timeout,
        job.key,
        wish.schema,
        job.attempt,
    )


def _outcome(said: Mapping[str, Any], wish: Wish) -> Outcome:
    """Return what a recorded exchange gave; raises its failure, or one for JSON that is not what was asked for."""
    recorded.require(said, recorded.outcome(said, None) if "usage" in said else None)
    outcome = recorded.outcome(said, said["text"])
    if said["details"].get("finish") == "length":
        _require_whole(said.get("limit", "step"), outcome)
    try:
        return replace(outcome, output=prompt.parsed(said["text"], wish.schema))
    except ValueError as error:
        cut = " It was cut off at max_tokens." if said["details"].get("finish") == "length" else ""
        message = f"The answer is not the JSON that was asked for, {error}.{cut}"
        raise StepFailed("unclassified", message, outcome=outcome) from error


def _require_whole(limit: Limit, outcome: Outcome) -> None:
    """Refuse an answer that was cut off, unless the step itself wanted it no longer."""
    if limit == "purse":
        message = "The cost cap left too little for a whole answer, and this one is cut off."
        raise StepFailed("cost_cap", message, outcome=outcome)
    if limit == "usual":
        message = (
            f"The answer is cut off at {USUAL_ANSWER} tokens, the most under a cost cap for a step without "
            "`max_tokens`: give the step one."
        )
        raise StepFailed("invalid", message, outcome=outcome)


class _Call:
    """One call: waits for its turn, sets money aside, asks, and settles what it cost."""

    def __init__(self, job: Job, question: Question, provider: str) -> None:
        self._job = job
        self._question = question
        self._provider = provider

    async def __call__(self) -> Json:
        """Return the exchange as JSON: the answer, or the failure under ``failed``."""
        free = await self._job.limiter.slot(self._provider)
        try:
            said = await self._asked()
        except (StepFailed, AgentOpsError) as error:
            said = recorded.failed(error)
        finally:
            await free()
        file = self._job.means.record
        if file is not None:
            recorder.note(file, self._job.key, self._job.attempt, asked.as_json(self._question), said)
        return said

    async def _asked(self) -> dict[str, Any]:
        own = prices.read(self._job.means.workspace)
        async with pool.lease(self._provider, settings_of(self._job.means)) as model:
            table = _Prices(_offers(model, self._question.model), own)
            funded = await fund(self._job, self._question, table.ceiling())
            question = replace(self._question, max_tokens=funded.max_tokens)
            said = await _settled(funded.hold, model.ask(question), table)
        return said if funded.limit == "step" else {**said, "limit": funded.limit}


def _offers(model: Model, name: str) -> tuple[Offer, ...]:
    return tuple(prices.Offer(model.provider, one, model.address) for one in model.known_as(name))


def settings_of(means: Means) -> dict[str, str]:
    """Return the environment a provider is connected with; a script of the run stands for one of the environment."""
    script = {} if means.script is None else {SCRIPT: str(means.script)}
    return {**(means.settings or {}), **script}


async def fund(job: Job, question: Question, price: Ceiling | None) -> Funded:
    """Set aside the most a call may cost; under a cap the answer is as long as the purse allows, and no longer.

    Raises ``StepFailed`` of kind ``cost_cap`` when the purse does not allow a call, or nobody knows its price.
    """
    if await job.purse.left() is None:
        return Funded(await job.purse.reserve(Decimal(0)), question.max_tokens)
    if price is None:
        message = (
            f"The run has a cost cap, and nobody knows the price of {question.model}: "
            f"write it into {prices.FILE}, or take the cap away."
        )
        raise StepFailed("cost_cap", message)
    return await _within_cap(job, question, price)


async def _within_cap(job: Job, question: Question, price: Ceiling) -> Funded:
    tokens_in = reserve.input_bound([message.text for message in question.messages])
    wanted = question.max_tokens or USUAL_ANSWER
    for _ in range(_RACES):
        left = await job.purse.left()
        planned = None if left is None else reserve.plan(left, tokens_in, wanted, price)
        if planned is None:
            break
        try:
            hold = await job.purse.reserve(planned.hold)
        except StepFailed as error:
            if error.kind != "cost_cap":
                raise
            continue  # somebody took of it since we looked
        limit: Limit = "purse" if planned.shrunk else "usual" if question.max_tokens is None else "step"
        return Funded(hold, planned.max_tokens, limit)
    message = f"The cost cap leaves too little to ask {question.model}."
    raise StepFailed("cost_cap", message)


async def _settled(hold: Hold, answering: Awaitable[Answer], table: _Prices) -> dict[str, Any]:
    """Await the answer and spend what it cost; a call of which nobody knows what it cost spends what was held."""
    spent: Decimal | None = None  # a request that was cut off in the middle may be billed all the same
    try:
        answer = await answering
        spent = table.cost(answer.model, answer.usage)
        return {**asked.answer_json(answer), "cost": None if spent is None else str(spent)}
    except ModelFailed as error:
        failed = {"kind": error.kind, "message": error.message, "retry_after": error.retry_after}
        if error.usage is None:
            return {"failed": failed, "usage": {}, "cost": None}
        spent = Decimal(0) if error.usage == Usage() else table.cost("", error.usage)
        cost = None if spent is None else str(spent)
        return {"failed": failed, "usage": asked.usage_json(error.usage), "cost": cost}
    finally:
        await hold.settle(spent)
