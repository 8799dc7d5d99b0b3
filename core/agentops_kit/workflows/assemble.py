"""From a dialect's drafts to steps that can run: what they read becomes needs, loops and doubles become problems."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, reduce
from graphlib import CycleError, TopologicalSorter
from operator import and_, or_
from typing import TYPE_CHECKING

from agentops_kit.workflows.frontier import needed, targets
from agentops_kit.workflows.needs import every
from agentops_kit.workflows.spec import After, Policy, Step
from agentops_kit.workflows.template import condition_reads, reads

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from agentops_kit.workflows.log import Log
    from agentops_kit.workflows.source import Path_
    from agentops_kit.workflows.spec import Json, Kind, Need

_MOST_LOOPS = 5
PLAIN = Policy()


@dataclass(frozen=True)
class Draft:
    """A step whose names are resolved and whose loops nobody has looked for."""

    id: str
    kind: Kind
    settings: Mapping[str, Json]
    path: Path_
    needs: Need | None = None
    needs_path: Path_ = ()
    condition: str = ""
    policy: Policy = PLAIN
    phase: str = ""

    @cached_property
    def read(self) -> frozenset[str]:
        """The steps whose outputs its settings and its condition read; for a map, those its body reads outside too."""
        inside: tuple[Step, ...] = self.settings.get("steps", ()) if self.kind == "map" else ()
        own = {key: value for key, value in self.settings.items() if key != "steps" or self.kind != "map"}
        below = {name for step in inside for name in (*reads(dict(step.settings)), *condition_reads(step.condition))}
        return (reads(own) | below) - {step.id for step in inside} | condition_reads(self.condition)


def after_switches(drafts: Sequence[Draft]) -> list[Draft]:
    """Let every step that a switch may choose come after it."""
    chosen: dict[str, list[Need]] = {}
    for draft in drafts:
        if draft.kind == "switch":
            for target in sorted(targets(draft.settings)):
                chosen.setdefault(target, []).append(After(draft.id))
    return [
        replace(draft, needs=every(beside(draft.needs, chosen[draft.id]))) if draft.id in chosen else draft
        for draft in drafts
    ]


def beside(need: Need | None, more: Iterable[Need]) -> list[Need]:
    """Return a need and more needs, without those for a step that it names already."""
    own = [] if need is None else [need]
    known = set(needed(need))
    return [*own, *(one for one in more if not (isinstance(one, After) and one.step in known))]


def doubles(found: Iterable[tuple[str, Path_]], what: str, log: Log) -> None:
    """Write down names that stand twice; ``found`` has each with its place."""
    first: dict[str, Path_] = {}
    for name, path in found:
        if name in first:
            line = log.place(first[name]).line
            log.problem(path, f"the {what} `{name}` stands twice, first in line {line}.", "Give one another name.")
        first.setdefault(name, path)


def steps(drafts: Sequence[Draft], log: Log) -> tuple[Step, ...]:
    """Return the steps in the file's order; problems name loops and steps that need themselves."""
    once = {draft.id: draft for draft in reversed(drafts)}
    alone = [_without_itself(draft, log) for draft in drafts if once[draft.id] is draft]
    if _loops({draft.id: needed(draft.needs) for draft in alone}, alone, log):
        return ()
    wired = _wired(alone)
    if _loops({draft.id: needed(draft.needs) for draft in wired}, wired, log):
        return ()
    return tuple(_step(draft, log) for draft in wired)


def _step(draft: Draft, log: Log) -> Step:
    place = log.place(draft.path)
    return Step(draft.id, draft.kind, draft.settings, place, draft.needs, draft.condition, draft.policy, draft.phase)


def _without_itself(draft: Draft, log: Log) -> Draft:
    if draft.id in needed(draft.needs):
        mend = "Take its own name out of what it waits for."
        log.problem(draft.needs_path or draft.path, f"the step `{draft.id}` waits for itself.", mend)
        return replace(draft, needs=None)
    if draft.id in draft.read:
        log.problem(draft.path, f"the step `{draft.id}` reads its own output.", "Read another step's output.")
        return replace(draft, needs=None, settings={}, condition="")
    return draft


def _wired(drafts: Sequence[Draft]) -> list[Draft]:
    """Return the drafts with a need for every step they read: it has to end first."""
    numbers = {draft.id: number for number, draft in enumerate(drafts)}
    lacking = {draft.id: (draft.read & numbers.keys()) - set(needed(draft.needs)) for draft in drafts}
    if not any(lacking.values()):
        return list(drafts)
    before, certain = _before(drafts)

    def wired(draft: Draft) -> Draft:
        more: list[Need] = []
        for name in sorted(lacking[draft.id], key=numbers.__getitem__):
            bit = 1 << numbers[name]
            if certain[draft.id] & bit:
                continue
            # one that comes before anyway may have failed on a way that was not needed: only its end is awaited
            more.append(After(name, "settled" if before[draft.id] & bit else "succeeded"))
        own = [] if draft.needs is None else [draft.needs]
        return replace(draft, needs=every((*own, *more)))

    return [wired(draft) if lacking[draft.id] else draft for draft in drafts]


def _before(drafts: Sequence[Draft]) -> tuple[dict[str, int], dict[str, int]]:
    """Return, for each step, a bit for every step that comes before it, and for those that have ended by then."""
    numbers = {draft.id: number for number, draft in enumerate(drafts)}
    optional = {draft.id for draft in drafts if draft.policy.optional}
    of = {draft.id: draft for draft in drafts}
    before: dict[str, int] = {}
    certain: dict[str, int] = {}

    def ended(need: Need) -> int:
        if isinstance(need, After):
            # an optional step, or one whose end alone counts, may be skipped while what it needs still runs
            early = need.when in {"settled", "failed"} or need.step in optional
            return 1 << numbers[need.step] | (0 if early else certain[need.step])
        parts = [ended(part) for part in need.of]
        return reduce(or_ if need.count == len(parts) else and_, parts)

    for name in TopologicalSorter({draft.id: needed(draft.needs) for draft in drafts}).static_order():
        need = of[name].needs
        certain[name] = 0 if need is None else ended(need)
        before[name] = reduce(or_, (before[one] | 1 << numbers[one] for one in needed(need)), 0)
    return before, certain


def _loops(graph: Mapping[str, tuple[str, ...]], drafts: Sequence[Draft], log: Log) -> bool:
    """Write down the loops of a graph of predecessors, a few of them when there are many."""
    order = {draft.id: number for number, draft in enumerate(drafts)}
    left = {name: set(before) for name, before in graph.items()}
    found = 0
    while found < _MOST_LOOPS:
        try:
            TopologicalSorter(left).prepare()
        except CycleError as error:
            loop = _from_first(error.args[1][:-1], order)
            found += 1
            path = next((one.needs_path or one.path for one in drafts if one.id == loop[0]), ())
            way = " → ".join((*loop, loop[0]))
            log.problem(path, f"steps wait for each other in a loop: {way}.", "Take one of these needs out.")
            left[loop[0]].discard(loop[-1])
        else:
            break
    return found > 0


def _from_first(loop: Sequence[str], order: Mapping[str, int]) -> list[str]:
    first = min(range(len(loop)), key=lambda number: order.get(loop[number], 0))
    return [*loop[first:], *loop[:first]]
