"""Makes one value of many: by a rule with a name, or by asking a model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from agentops_kit.workflows.steps import standin
from agentops_kit.workflows.steps.base import Outcome, StepFailed

if TYPE_CHECKING:
    from agentops_kit.workflows.spec import Json
    from agentops_kit.workflows.steps.base import Job


async def run(job: Job) -> Outcome:
    """Reduce ``over`` (the outputs the step needs, when it names none); raises ``StepFailed``."""
    settings = job.settings
    values = parts(settings["over"] if settings.get("over") is not None else list(job.outputs.values()))
    if settings.get("prompt"):
        return await _asked(job, values)
    name = str(settings.get("reducer") or "collect")
    if name not in REDUCERS and standin.plays(job):
        return Outcome(await standin.answer(job, "function", {"name": name, "arguments": values}))
    if name not in REDUCERS:
        raise StepFailed("invalid", f"There is no reducer {name!r}; use one of: {', '.join(REDUCERS)}, or a prompt.")
    return Outcome(REDUCERS[name](values))


def parts(value: Json) -> list[Json]:
    """Return what is reduced as a list: a mapping's values, a list's items, or the one value there is."""
    if isinstance(value, Mapping):
        return list(value.values())
    return list(value) if isinstance(value, (list, tuple)) else [value]


async def _asked(job: Job, values: Sequence[Json]) -> Outcome:
    from agentops_kit.workflows.steps import asking, prompt

    told = "\n\n".join(f"[{number}]\n{_text(value)}" for number, value in enumerate(values, 1))
    return await asking.ask(job, prompt.wish(job, f"{job.settings['prompt']}\n\n{told}"))


def _text(value: Json) -> str:
    import json

    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _concat(values: Sequence[Json]) -> Json:
    if values and all(isinstance(value, list) for value in values):
        return [item for value in values for item in value]
    return "\n".join(_text(value) for value in values if value is not None)


def _merge(values: Sequence[Json]) -> Json:
    """Return one mapping of all; a later one wins."""
    whole: dict[str, Any] = {}
    for value in values:
        if not isinstance(value, Mapping):
            raise StepFailed("invalid", f"`merge` takes mappings, and one value is {_text(value)[:60]!r}.")
        whole |= value
    return whole


def _numbers(values: Sequence[Json]) -> list[Decimal]:
    try:
        return [Decimal(str(value)) for value in values]
    except InvalidOperation as error:
        bad = next(value for value in values if not _is_number(value))
        raise StepFailed("invalid", f"The reducer takes numbers, and one value is {_text(bad)[:60]!r}.") from error


def _is_number(value: Json) -> bool:
    try:
        Decimal(str(value))
    except InvalidOperation:
        return False
    return True


def _plain(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)


def _extreme(choose: Callable[[list[Decimal]], Decimal]) -> Callable[[Sequence[Json]], Json]:
    def reduced(values: Sequence[Json]) -> Json:
        return _plain(choose(_numbers(values))) if values else None

    return reduced


def _vote(values: Sequence[Json]) -> Json:
    """Return the value most of them are; of several the one that came first."""
    counts = Counter(_text(value) for value in values)
    return max(values, key=lambda value: counts[_text(value)], default=None)


REDUCERS: Mapping[str, Callable[[Sequence[Json]], Json]] = {
    "collect": list,
    "concat": _concat,
    "merge": _merge,
    "sum": lambda values: _plain(sum(_numbers(values), Decimal(0))),
    "count": len,
    "min": _extreme(min),
    "max": _extreme(max),
    "first": lambda values: next((value for value in values if value is not None), None),
    "vote": _vote,
}
"""Each rule by name; ``collect`` keeps the list."""
