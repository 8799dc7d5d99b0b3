"""How well routing does on labelled tasks: accuracy, confusion, what confidence is worth, and how it is calibrated."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from agentops_kit.errors import InputInvalid
from agentops_kit.routing import index as compiled
from agentops_kit.routing import rank
from agentops_kit.routing.confidence import confidence
from agentops_kit.text import intervals

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from pathlib import Path

    from agentops_kit.routing.catalogue import Candidate
    from agentops_kit.routing.index import Index

FOLDS = 5
_PRECISION = 0.95
_BINS = 10


class Case(NamedTuple):
    """A task with the ids that are right for it; none are when it is out of scope."""

    task: str
    accept: tuple[str, ...]


class Routed(NamedTuple):
    """A case with what the router said, the three best first."""

    case: Case
    ids: tuple[str, ...]
    confidence: float

    @property
    def right(self) -> bool:
        """Whether the first answer is accepted."""
        return bool(self.ids) and self.ids[0] in self.case.accept


class Bin(NamedTuple):
    """Answers of about one confidence: its mean, the share that is right, with its interval."""

    confidence: float
    right: intervals.Mean


class Report(NamedTuple):
    """What the cases show; shares are of the cases in scope, ``apart`` is the AUROC of out-of-scope detection."""

    first: intervals.Mean
    three: intervals.Mean
    coverage: float
    threshold: float
    apart: float | None
    outside: int
    confused: tuple[tuple[str, str, int], ...]
    calibration: tuple[Bin, ...]
    error: float
    """Expected calibration error over all cases."""


def read(path: Path) -> tuple[Case, ...]:
    """Return the cases of a YAML or JSON list of ``task`` and ``accept``; ``InputInvalid`` says what is wrong."""
    import yaml

    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        message = f"{path} does not read: {' '.join(str(error).split())}."
        raise InputInvalid(message, remedy="Write a list of `task` and `accept`.") from error
    listed = values if isinstance(values, list) else None
    if not listed:
        message = f"{path} is not a list of cases."
        raise InputInvalid(message, remedy="Write a list of `task` and `accept`.")
    return tuple(_case(value, number, path) for number, value in enumerate(listed, 1))


def _case(value: Any, number: int, path: Path) -> Case:
    accept = value.get("accept", []) if isinstance(value, dict) else None
    accept = [accept] if isinstance(accept, str) else accept
    task = value.get("task") if isinstance(value, dict) else None
    if not isinstance(task, str) or not isinstance(accept, list) or not all(isinstance(one, str) for one in accept):
        message = f"{path}: case {number} has no `task`, or its `accept` is no list of ids."
        raise InputInvalid(message, remedy="Write `{task: …, accept: [id]}`; an empty list is out of scope.")
    return Case(task, tuple(accept))


def on(index: Index, cases: Iterable[Case]) -> tuple[Routed, ...]:
    """Route cases with a compiled index."""
    found = []
    for case in cases:
        task = rank.read(case.task)
        ranking = rank.rank(index, task)
        ids = tuple(index.ids[at] for at in ranking.order[:3])
        found.append(Routed(case, ids, confidence(ranking, task)))
    return tuple(found)


def held_out(
    candidates: Sequence[Candidate],
    folds: int = FOLDS,
    *,
    of: Collection[str] | None = None,
    with_encoder: bool = False,
) -> tuple[Routed, ...]:
    """Route every example with an index that was compiled without it and the others of its fold.

    With ``of`` only those of these ids; all other candidates keep theirs, and the weights that were learned of them.
    """
    routed = [one for one in candidates if of is None or one.id in of]
    others = [one for one in candidates if of is not None and one.id not in of]
    found: list[Routed] = []
    for fold in range(folds if routed else 0):
        kept = [one._replace(examples=_without(one.examples, fold, folds)) for one in routed]
        cases = [Case(text, (one.id,)) for one in routed for text in one.examples[fold::folds]]
        index = compiled.compiled([*others, *kept], with_learned=bool(others), with_encoder=with_encoder)
        found += on(index, cases)
    return tuple(found)


def _without(examples: Sequence[str], fold: int, folds: int) -> tuple[str, ...]:
    return tuple(text for at, text in enumerate(examples) if at % folds != fold)


def report(routed: Sequence[Routed]) -> Report:
    """Return what routed cases show."""
    inside = [one for one in routed if one.case.accept]
    outside = [one for one in routed if not one.case.accept]
    coverage, threshold = covered(inside)
    confused = Counter((one.case.accept[0], one.ids[0]) for one in inside if one.ids and not one.right)
    bins = _calibration(routed)
    return Report(
        intervals.mean([float(one.right) for one in inside]),
        intervals.mean([float(not set(one.ids).isdisjoint(one.case.accept)) for one in inside]),
        coverage,
        threshold,
        auroc([one.confidence for one in inside], [one.confidence for one in outside]),
        len(outside),
        tuple((wanted, said, times) for (wanted, said), times in confused.most_common()),
        bins,
        sum(one.right.number * abs(one.confidence - one.right.value) for one in bins) / max(1, len(routed)),
    )


def covered(routed: Sequence[Routed], precision: float = _PRECISION) -> tuple[float, float]:
    """Return the largest share of cases answered at a precision, and the confidence from which they are."""
    ordered = sorted(routed, key=lambda one: -one.confidence)
    right, best, threshold = 0, 0, 1.0
    for number, one in enumerate(ordered, 1):
        right += one.right
        last = number == len(ordered) or ordered[number].confidence < one.confidence
        if last and right / number >= precision:
            best, threshold = number, one.confidence
    return best / max(1, len(ordered)), threshold


def auroc(inside: Sequence[float], outside: Sequence[float]) -> float | None:
    """Return the probability that a case in scope is the surer of two, None without cases of both kinds."""
    if not inside or not outside:
        return None
    wins = sum((one > other) + 0.5 * (one == other) for one in inside for other in outside)
    return wins / (len(inside) * len(outside))


def _calibration(routed: Sequence[Routed]) -> tuple[Bin, ...]:
    bins: dict[int, list[Routed]] = {}
    for one in routed:
        bins.setdefault(min(int(one.confidence * _BINS), _BINS - 1), []).append(one)
    return tuple(
        Bin(sum(one.confidence for one in held) / len(held), intervals.mean([float(one.right) for one in held]))
        for _, held in sorted(bins.items())
    )
