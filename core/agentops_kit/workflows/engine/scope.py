"""Steps that are settled together: those of a run, of a sub-workflow, or of one item of a map."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from agentops_kit.workflows import template
from agentops_kit.workflows.frontier import Frontier, needed
from agentops_kit.workflows.ledger import schema

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agentops_kit.workflows.frontier import Change
    from agentops_kit.workflows.spec import Json, Step, Workflow


@dataclass(frozen=True)
class Plan:
    """What is the same for every item: the steps, and what each of them reads."""

    run: str
    workflow: Workflow
    inputs: Mapping[str, Json]
    steps: Mapping[str, Step]
    prefix: str = ""
    """What the ledger's names of these steps begin with."""
    first: int = 0
    """Where they stand in the order of the run's steps."""
    outer: str = ""
    """What their names begin with in the record of the whole run: where the sub-workflow stands they are of."""
    _reads: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _places: dict[str, int] = field(default_factory=dict)

    def reads(self, step: Step) -> tuple[str, ...]:
        """Return the steps whose outputs a step needs, in file order where they are of this plan."""
        known = self._reads.get(step.id)
        if known is None:
            plain = {name: value for name, value in step.settings.items() if name not in {"steps", "code"}}
            named = {*needed(step.needs), *template.reads(plain), *template.condition_reads(step.condition)}
            inner = step.settings.get("steps") or ()
            named |= {name for one in inner for name in template.reads(dict(one.settings))} - {one.id for one in inner}
            known = self._reads[step.id] = tuple(sorted(named, key=self.position))
        return known

    def position(self, step: str) -> int:
        """Return where a step stands in the file; those of other plans come first."""
        if not self._places:
            self._places.update({name: self.first + number for number, name in enumerate(self.steps)})
        return self._places.get(step, -1)


class Unit(NamedTuple):
    """A step that can start."""

    scope: Scope
    step: Step

    @property
    def place(self) -> tuple[str, str, int]:
        """Return run, step and item as the ledger names them."""
        return self.scope.plan.run, self.scope.key(self.step.id), self.scope.item


class Scope:
    """A plan at work; ``parent`` is the scope its map or sub-workflow step stands in."""

    def __init__(self, plan: Plan, item: int = schema.ALONE, value: Json = None, parent: Unit | None = None) -> None:
        """``item`` and ``value`` are the place and the element of a map's list."""
        self.plan = plan
        self.item = item
        self.value = value
        self.parent = parent
        self.frontier = Frontier(tuple(plan.steps.values()))
        self.errors: dict[str, str] = {}

    def key(self, step: str) -> str:
        """Return a step's name in the ledger."""
        return f"{self.plan.prefix}{step}"

    def inner(self, step: str) -> str:
        """Return what the ledger's names of the steps inside a map begin with."""
        return below_map(self.key(step), self.item)

    def start(self) -> Change:
        """Return the steps that need nothing."""
        return self.frontier.start()

    def settle(self, step: str, end: str) -> Change:
        """Take in how a step ended, with everything that follows from it."""
        return self.frontier.settle(step, end)

    @property
    def over(self) -> bool:
        """Say whether all its steps have ended."""
        return not self.frontier.left

    def succeeded(self) -> bool:
        """Say whether the whole of it did, once it is over."""
        return self.frontier.verdict() == "succeeded"

    def failures(self) -> dict[str, str]:
        """Return why steps failed, in file order: the order in which they did is chance."""
        return {name: self.errors[name] for name in sorted(self.errors, key=self.plan.position)}

    def last(self) -> tuple[str, ...]:
        """Return the steps nothing depends on, in file order."""
        return ends_of(tuple(self.plan.steps.values()))

    def seen(self, outputs: Mapping[str, Json]) -> dict[str, Any]:
        """Return what templates and conditions see."""
        seen: dict[str, Any] = {"inputs": self.plan.inputs, "outputs": outputs, "run": {"id": self.plan.run}}
        if self.item != schema.ALONE:
            seen |= {"item": self.value, "index": self.item}
        return seen


def below_map(key: str, item: int) -> str:
    """Return what the ledger's names of the steps inside a map begin with, by the map's own name and item."""
    place = "" if item == schema.ALONE else f"[{item}]"
    head, _, last = key.rpartition("/")
    return f"{head}{place}/{last}/" if head else f"{last}{place}/"


def ends_of(steps: Sequence[Step]) -> tuple[str, ...]:
    """Return the steps nothing depends on, in file order."""
    followed = {name for step in steps for name in needed(step.needs)}
    return tuple(step.id for step in steps if step.id not in followed)
