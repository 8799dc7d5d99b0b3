"""Routes that get in each other's way: each finding says what, where, and how to mend it."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from agentops_kit.content.lint import MOST_DESCRIPTION, Finding
from agentops_kit.content.route_settings import DEFAULT_ROUTING
from agentops_kit.routing import evaluate, kin, table
from agentops_kit.routing.index import learned_columns, vector

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agentops_kit.routing.catalogue import Candidate
    from agentops_kit.routing.evaluate import Routed

FEWEST_EXAMPLES, FEWEST_NEAR_MISSES = 12, 4
_ALIKE = 0.85
_MANY = 48
"""Examples of a candidate from which single ones that go elsewhere are no news unless the router is sure of it."""
_ASTRAY = 0.5
"""Share of a candidate's examples that go to one other from which the two count as confusable."""


def lint(candidates: Sequence[Candidate]) -> tuple[Finding, ...]:
    """Return every finding, in the order of files.

    The examples of a person's own pieces are routed; those of pieces that are as they were shipped are not.
    """
    routed = evaluate.held_out(candidates, of=_own(candidates))
    found = [*_sentences(candidates), *_descriptions(candidates), *_alike(candidates), *_shared(candidates)]
    return tuple(sorted([*found, *_astray(candidates, routed)]))


def _own(candidates: Sequence[Candidate]) -> set[str]:
    """Return the ids that no weights were learned of."""
    columns = learned_columns(candidates) or [-1] * len(candidates)
    return {one.id for one, column in zip(candidates, columns, strict=True) if column < 0}


def _where(one: Candidate) -> str:
    return one.where or one.id


def _sentences(candidates: Sequence[Candidate]) -> Iterator[Finding]:
    for one in candidates:
        for what, held, fewest in (
            ("examples", one.examples, FEWEST_EXAMPLES),
            ("near misses", one.near_misses, FEWEST_NEAR_MISSES),
        ):
            if len(held) < fewest:
                message = f"{one.id} has {len(held)} {what}."
                yield Finding(_where(one), 1, "few-sentences", message, f"Give at least {fewest} a user would type.")


def _descriptions(candidates: Sequence[Candidate]) -> Iterator[Finding]:
    from agentops_kit.tokens.count import count

    for one in candidates:
        tokens = count(one.description)
        if tokens > MOST_DESCRIPTION:
            message = f"the description has {tokens} tokens, more than {MOST_DESCRIPTION}."
            yield Finding(_where(one), 1, "long-description", message, "Say what it is for, not how it works.")
        if one.kind == "persona" and "use " not in one.description.lower():
            message = f"the description of {one.id} does not say when to use it."
            yield Finding(_where(one), 1, "no-trigger", message, 'Write "what. Use when …".')


def _alike(candidates: Sequence[Candidate]) -> Iterator[Finding]:
    known = table.shipped()
    said = [(one, vector(one.description, known)) for one in candidates if one.description]
    for (one, here), (other, there) in combinations(said, 2):
        likeness = table.dot(here, there)
        if likeness >= _ALIKE:
            message = f"the descriptions of {one.id} and {other.id} say nearly the same ({likeness:.2f})."
            yield Finding(_where(one), 1, "confusable", message, "Say in each what the other does not do.")


def _shared(candidates: Sequence[Candidate]) -> Iterator[Finding]:
    owners: dict[str, str] = {}
    for one in candidates:
        for text in one.examples:
            folded = " ".join(text.casefold().split())
            owner = owners.setdefault(folded, one.id)
            if owner != one.id:
                message = f"{text!r} is an example of {owner} and of {one.id}."
                yield Finding(_where(one), 1, "shared-example", message, "Keep it where it belongs.")


def _astray(candidates: Sequence[Candidate], routed: Sequence[Routed]) -> Iterator[Finding]:
    """Yield examples that go elsewhere when they are left out, and pairs that take many from each other.

    A command and its twin are one answer. Of many examples, only those count that the router would be sure of.
    """
    twins = kin.of(candidates).twins
    for one, twin in zip(candidates, twins, strict=True):
        own = [held for held in routed if held.case.accept == (one.id,)]
        other_half = candidates[twin].id if twin >= 0 else one.id
        wrong = [held for held in own if held.ids and held.ids[0] not in {one.id, other_half}]
        least = DEFAULT_ROUTING.suggest if len(own) > _MANY else 0.0
        for held in wrong:
            if held.confidence >= least:
                message = f"{held.case.task[:80]!r} goes to {held.ids[0]}."
                mend = f"Add examples that say it another way, or make it a near miss of {held.ids[0]}."
                yield Finding(_where(one), 1, "goes-elsewhere", message, mend)
        yield from _taken(one, own, wrong)


def _taken(one: Candidate, own: Sequence[Routed], wrong: Sequence[Routed]) -> Iterator[Finding]:
    for other in sorted({held.ids[0] for held in wrong}):
        taken = sum(held.ids[0] == other for held in wrong)
        if taken > 1 and taken >= _ASTRAY * len(own):
            message = f"{taken} of {len(own)} examples of {one.id} go to {other}."
            yield Finding(_where(one), 1, "confusable", message, "Unite the two, or say in each what sets it apart.")
