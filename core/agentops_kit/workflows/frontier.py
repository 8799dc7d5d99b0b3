"""Which steps are ready once others have ended: incremental, in time that grows with the edges and no faster.

How a step ends for those after it:

- *held*: it succeeded, or failed and is optional.
- *failed*: it failed, or was skipped because something it needs failed.
- *not taken*: its condition did not hold, a switch chose another way, or nothing before it was taken.

A list of needs wants every one held; those not taken drop out of it as long as one was taken. ``any`` and
k-of-n count only what is held, and give up as soon as too few are left.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from agentops_kit.workflows.spec import After, Quorum

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from agentops_kit.workflows.spec import Json, Need, Step

End = Literal["succeeded", "failed", "skipped"]
"""What the engine says of a step it ran; ``skipped`` when its condition did not hold."""
_Mark = Literal["held", "failed", "not taken"]
UNTAKEN = "its condition does not hold"


class Change(NamedTuple):
    """What an end brings about: steps that can start now, and steps that never will, each with the reason."""

    ready: tuple[str, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()


class _Ended(NamedTuple):
    """How a step ended, and what a person reads about it; ``ran`` is False when it was skipped."""

    mark: _Mark
    why: str
    succeeded: bool = False
    ran: bool = True


@dataclass
class _Count:
    """A need while its parts come in; ``parent`` is the count it is a part of, None for a step's whole need."""

    step: str
    wanted: int
    size: int
    parent: _Count | None = None
    held: int = 0
    failed: int = 0
    untaken: int = 0
    settled: bool = False
    whys: list[str] = field(default_factory=list)


class _Leaf(NamedTuple):
    after: After
    need: _Count


class Frontier:
    """A run's front: tell it how steps end, it says which come next. The ends may come in any order."""

    def __init__(self, steps: Sequence[Step]) -> None:
        """Take a workflow's steps, whose needs name steps among them and form no loop."""
        self._optional = {step.id for step in steps if step.policy.optional}
        self._order = {step.id: number for number, step in enumerate(steps)}
        self._targets = {step.id: targets(step.settings) for step in steps if step.kind == "switch"}
        self._leaves: dict[str, list[_Leaf]] = {}
        self._ends = _ends(steps)
        self._free = tuple(step.id for step in steps if step.needs is None)
        self._ended: dict[str, _Ended] = {}
        self._chosen: dict[str, frozenset[str]] = {}
        for step in steps:
            if step.needs is not None:
                self._compile(step.needs, step.id, None)

    def start(self) -> Change:
        """Return the steps that need nothing."""
        return Change(self._free)

    def choose(self, switch: str, chosen: Iterable[str]) -> None:
        """Say which steps a switch chose; before it is settled."""
        self._chosen[switch] = frozenset(chosen)

    def settle(self, step: str, end: End | str) -> Change:
        """Take in how a step ended; again, it changes nothing. An end other than the three counts as failed."""
        if step in self._ended:
            return Change()
        return self._spread(step, self._as_ended(step, end))

    def verdict(self) -> Literal["succeeded", "failed"]:
        """Return how a run ended whose steps all have: it failed when an end of it failed.

        An end is a step that no required step comes after. A failure further up counts when it reaches one: an
        ``any`` with another arm, a step that waited for the failure, or an optional need stop it on its way.
        """
        reached = any(name in self._ended and self._ended[name].mark == "failed" for name in self._ends)
        return "failed" if reached else "succeeded"

    @property
    def left(self) -> int:
        """How many steps have not ended."""
        return len(self._order) - len(self._ended)

    def ends(self) -> dict[str, str]:
        """Return how each step ended so far.

        ``succeeded``, ``failed``, ``skipped`` (not taken) or ``blocked`` (skipped because of a failure).
        """
        return {name: _named(how) for name, how in self._ended.items()}

    def _as_ended(self, step: str, end: str) -> _Ended:
        if end == "succeeded":
            return _Ended("held", f"{step} succeeded", succeeded=True)
        if end == "skipped":
            return _Ended("not taken", f"{step} was skipped because {UNTAKEN}", ran=False)
        return _Ended("held" if step in self._optional else "failed", f"{step} failed")

    def _compile(self, need: Need, step: str, parent: _Count | None) -> None:
        whole = Quorum(1, (need,)) if isinstance(need, After) and parent is None else need
        if isinstance(whole, After):
            assert parent is not None  # noqa: S101 - a lone need was wrapped above
            self._leaves.setdefault(whole.step, []).append(_Leaf(whole, parent))
            return
        count = _Count(step, whole.count, len(whole.of), parent)
        for part in whole.of:
            self._compile(part, step, count)

    def _spread(self, step: str, ended: _Ended) -> Change:
        ready: list[str] = []
        skipped: list[tuple[str, str]] = []
        waiting = deque([(step, ended)])
        while waiting:
            name, how = waiting.popleft()
            self._ended[name] = how
            for leaf in self._leaves.pop(name, ()):
                mark, why = self._of_leaf(leaf, name, how)
                whole = _counted(leaf.need, mark, why)
                if whole is None or whole[0].step in self._ended:
                    continue
                count, verdict = whole
                if verdict == "held":
                    ready.append(count.step)
                    continue
                reason = _reason(count)
                skipped.append((count.step, reason))
                optional = verdict == "failed" and count.step in self._optional
                passed_on: _Mark = "held" if optional else verdict
                waiting.append((count.step, _Ended(passed_on, _passed_on(count.step, reason), ran=False)))
        ready.sort(key=self._order.__getitem__)
        return Change(tuple(ready), tuple(skipped))

    def _of_leaf(self, leaf: _Leaf, name: str, how: _Ended) -> tuple[_Mark, str]:
        """Return what a step's end means for one that comes after it in that way."""
        when, dependent = leaf.after.when, leaf.need.step
        if name in self._chosen and dependent in self._targets.get(name, ()) and dependent not in self._chosen[name]:
            return "not taken", f"{name} chose {', '.join(sorted(self._chosen[name])) or 'none of its cases'}"
        if when == "settled" or (when == "passed" and how.mark == "not taken"):
            return "held", how.why
        if when == "failed":
            return _of_failure(name, how)
        return how.mark, how.why


def _named(how: _Ended) -> str:
    if how.succeeded:
        return "succeeded"
    if how.mark == "not taken":
        return "skipped"
    return "failed" if how.ran else "blocked"


def _of_failure(name: str, how: _Ended) -> tuple[_Mark, str]:
    failed = not how.succeeded and how.mark != "not taken"
    return ("held", how.why) if failed else ("not taken", f"{name} did not fail")


def _counted(count: _Count, mark: _Mark, why: str) -> tuple[_Count, _Mark] | None:
    """Count a part; return the step's whole need with its mark once that is decided."""
    while not count.settled:
        if mark == "held":
            count.held += 1
        else:
            count.whys.append(why)
            count.failed += mark == "failed"
            count.untaken += mark == "not taken"
        decided = _decided(count)
        if decided is None:
            return None
        count.settled = True
        if count.parent is None:
            return count, decided
        mark, why = decided, "; ".join(count.whys)
        count = count.parent
    return None


def _decided(count: _Count) -> _Mark | None:
    if count.wanted == count.size:
        if count.failed:
            return "failed"
        if count.held + count.untaken < count.size:
            return None
        return "held" if count.held else "not taken"
    if count.held >= count.wanted:
        return "held"
    if count.size - count.failed - count.untaken >= count.wanted:
        return None
    if count.failed:
        return "failed"
    # what is still running may fail, and then it was the failure that decided: wait for it
    return "not taken" if count.held + count.untaken == count.size else None


def _reason(count: _Count) -> str:
    whys = "; ".join(dict.fromkeys(count.whys))
    if 1 <= count.wanted < count.size:
        return f"it needs {count.wanted} of {count.size}, and {whys}"
    return whys


def _passed_on(step: str, reason: str) -> str:
    root = reason.rsplit(" because ", 1)[-1]
    return f"{step} was skipped because {root}"


def targets(settings: Mapping[str, Json]) -> frozenset[str]:
    """Return the steps among which a switch with these settings chooses; none for other steps."""
    chosen = [step for steps in (settings.get("cases") or {}).values() for step in steps]
    return frozenset((*chosen, *(settings.get("default") or ())))


def _ends(steps: Sequence[Step]) -> tuple[str, ...]:
    followed = {name for step in steps if not step.policy.optional for name in needed(step.needs)}
    return tuple(step.id for step in steps if step.id not in followed and not step.policy.optional)


def needed(need: Need | None) -> tuple[str, ...]:
    """Return the steps a need names, in order, each once."""
    if need is None:
        return ()
    if isinstance(need, After):
        return (need.step,)
    return tuple(dict.fromkeys(name for part in need.of for name in needed(part)))
