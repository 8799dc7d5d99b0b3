"""What a run would do: the order of its steps, who does each, and what it may cost at most. Nothing is run."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from agentops_kit.costs import prices, reserve
from agentops_kit.workflows import submission
from agentops_kit.workflows.frontier import Frontier, needed, targets
from agentops_kit.workflows.headless import bound, person
from agentops_kit.workflows.steps import choice, explore

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agentops_kit.costs.prices import Rate
    from agentops_kit.workflows.spec import Json, Step, Workflow
    from agentops_kit.workflows.submission import Submission

ANSWER = 4096
"""Tokens an answer is taken to have at most where a step names no ``max_tokens``."""

_SHOWN = 60
_SAID = (
    "prompt",
    "task",
    "arguments",
    "url",
    "code",
    "file",
    "module",
    "function",
    "tool",
    "ref",
    "over",
    "message",
    "on",
)
"""Settings that say what a step is about; the first it has is shown."""


@dataclass(frozen=True)
class Foreseen:
    """A step before it runs: ``wave`` from 1 is how many steps deep it stands, ``most`` in US dollars or unknown."""

    wave: int
    step: str
    kind: str
    does: str
    tries: int
    asks: bool
    most: Decimal | None


@dataclass(frozen=True)
class Forecast:
    """A whole run before it starts; ``most`` leaves out the steps in ``unpriced``."""

    steps: tuple[Foreseen, ...]
    cap: Decimal | None

    @property
    def most(self) -> Decimal:
        """The sum of what is known, in US dollars."""
        return sum((one.most for one in self.steps if one.most is not None), Decimal(0))

    @property
    def unpriced(self) -> tuple[str, ...]:
        """Steps whose price nobody knows: an assistant's, a map's, or a model without a price."""
        return tuple(one.step for one in self.steps if one.most is None)

    def as_json(self) -> dict[str, Any]:
        """Return it for a program."""
        steps = [{**vars(one), "most": None if one.most is None else float(one.most)} for one in self.steps]
        cap = None if self.cap is None else float(self.cap)
        return {"steps": steps, "most": float(self.most), "unpriced": list(self.unpriced), "cost_cap": cap}


def of(made: Submission) -> Forecast:
    """Return what a submission would do.

    A cost holds for answers of at most ``max_tokens`` (``ANSWER`` where none is said) in every try, each answer read
    whole by the steps that need it.
    """
    own = prices.read(made.means.workspace)
    steps = {step.id: step for step in made.workflow.steps}
    found = tuple(_foreseen(steps[name], wave, made, own) for wave, name in waves(made.workflow))
    cap = made.workflow.limits.cost_cap
    return Forecast(found, None if cap is None else Decimal(str(cap)))


def waves(workflow: Workflow) -> list[tuple[int, str]]:
    """Return every step with the wave it can start in when all before it succeed, all ways of a switch taken."""
    frontier = Frontier(workflow.steps)
    steps = {step.id: step for step in workflow.steps}
    order = {step.id: at for at, step in enumerate(workflow.steps)}
    found: list[tuple[int, str]] = []
    ready, wave = list(frontier.start().ready), 1
    while ready:
        found += [(wave, name) for name in sorted(ready, key=order.__getitem__)]
        then: list[str] = []
        for name in ready:
            if steps[name].kind == "switch":
                frontier.choose(name, targets(steps[name].settings))
            then += frontier.settle(name, "succeeded").ready
        ready, wave = then, wave + 1
    seen = {name for _, name in found}
    return found + [(0, step.id) for step in workflow.steps if step.id not in seen]


def _foreseen(step: Step, wave: int, made: Submission, own: Mapping[str, Rate]) -> Foreseen:
    asks = submission.asks(step, made.workflow, made.means)
    tries = step.policy.attempts
    most = _most(step, made, own) if asks else _unasked(step, made)
    return Foreseen(wave, step.id, step.kind, _does(step, made, asks=asks), tries, asks, most)


def _unasked(step: Step, made: Submission) -> Decimal | None:
    """Return zero for a step that asks nobody; None where others inside it may be asked."""
    return None if _assistant(step, made) or step.kind in {"map", "workflow"} else Decimal(0)


def _most(step: Step, made: Submission, own: Mapping[str, Rate]) -> Decimal | None:
    provider, model = choice.choose(step.settings, made.means)
    price = prices.ceiling(prices.Offer(provider, model), own)
    if price is None:
        return None
    before = {one.id: one for one in made.workflow.steps if one.id in needed(step.needs)}
    texts = [str(value) for name, value in step.settings.items() if name in {"system", *_SAID}]
    texts += [str(value) for value in made.inputs.values()]
    tokens = reserve.input_bound(texts) + sum(_answer(one.settings) for one in before.values())
    return reserve.bound(tokens, _answer(step.settings), price) * step.policy.attempts


def _answer(settings: Mapping[str, Json]) -> int:
    said = settings.get("max_tokens")
    return said if isinstance(said, int) and said > 0 else ANSWER


def _does(step: Step, made: Submission, *, asks: bool) -> str:
    named = step.settings.get("persona") or bound.command_of(step)
    about = next((str(step.settings[name]) for name in _SAID if step.settings.get(name)), "")
    if asks:
        provider, model = choice.choose(step.settings, made.means)
        who = f"{provider} {model}".strip() or "nobody yet (choose --provider)"
        return _line(f"asks {who}: {named or about}")
    if explore.alone(step, step.settings, made.means):
        return f"{explore.PERSONAS[str(named)]} explorer, without a model"
    if person.alone(step, step.settings, made.workflow, made.means):
        return f"a person does it ({named})"
    if _assistant(step, made):
        return _line(f"{_assistant(step, made)} as {named}")
    if bound.command_of(step):
        return f"agentops {named}"
    return "waits for a person" if step.kind == "gate" else _line(about)


def _assistant(step: Step, made: Submission) -> str:
    return choice.assistant(step.settings, made.means) if step.kind in submission.OF_ASSISTANTS else ""


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"
