"""A person's own pieces beside shipped ones, whose weights were learned when the kit was built."""

from __future__ import annotations

from functools import cache

import pytest

from agentops_kit.content.library import BASE, Library, shipped
from agentops_kit.content.profiles import resolve
from agentops_kit.routing import catalogue, index, overrides, rank
from agentops_kit.routing.catalogue import Candidate
from agentops_kit.routing.index import MOST_COMPARED, OWN_ROWS, Index
from agentops_kit.routing.lint import lint
from agentops_kit.routing.overrides import Override

OWN = Candidate(
    "tide-desk",
    "tide-desk",
    "Works out tide tables and mooring times for the harbour. Use when a ship has to berth.",
    examples=("when is high water at the north quay?", "can the ferry berth before noon", "how deep is the channel"),
)


@cache
def base() -> tuple[Candidate, ...]:
    return catalogue.of(resolve((BASE,), Library(shipped())))


@cache
def mixed() -> Index:
    return index.compiled([*base(), OWN])


@pytest.mark.parametrize(
    ("task", "wanted"),
    [
        ("find out whether the tanker can berth at high water on Friday", "tide-desk"),
        ("which quay has the deepest channel at low tide", "tide-desk"),
        ("turn the findings into a step by step plan I can approve", "plan"),
        ("find out how the import works before we plan anything", "research"),
    ],
)
def test_own_and_shipped_pieces_are_found_beside_each_other(task: str, wanted: str) -> None:
    ranking = rank.rank(mixed(), rank.read(task))

    assert mixed().ids[ranking.order[0]] == wanted
    assert ranking.outside is None


def test_among_shipped_pieces_the_learned_weights_decide() -> None:
    alone = index.compiled(base())
    task = rank.read("write down what we know so that the next one can go on")

    together = [mixed().ids[at] for at in rank.rank(mixed(), task).order]
    apart = rank.rank(alone, task)

    assert next(one for one in together if one != OWN.id) == alone.ids[apart.order[0]]


def test_what_a_person_added_to_a_shipped_piece_is_compared_one_by_one() -> None:
    added = "the harbour master wants our notes as a sea shanty"
    candidates = [one._replace(examples=(*one.examples, added)) if one.id == "plan" else one for one in base()]

    compiled = index.compiled([*candidates, OWN])

    first, last, _ = compiled.rows[compiled.ids.index("plan")]
    assert last - first == OWN_ROWS + MOST_COMPARED
    assert compiled.ids[rank.rank(compiled, rank.read(added)).order[0]] == "plan"


def test_a_decision_against_what_the_weights_are_sure_of_holds_beside_own_pieces() -> None:
    task = "bump the year in the footer"
    said = mixed().ids[rank.rank(mixed(), rank.read(task)).order[0]]

    decided = index.compiled(overrides.learned([*base(), OWN], [Override(task, "plan", "1", said)]))

    assert said == "quick"
    assert decided.ids[rank.rank(decided, rank.read(task)).order[0]] == "plan"


def test_lint_looks_at_the_examples_of_own_pieces_only() -> None:
    lost = "turn the findings into a step by step plan I can approve"
    own = OWN._replace(examples=(*OWN.examples, lost), near_misses=("what is for lunch",) * 4)

    found = [one for one in lint([*base(), own]) if one.where == own.id or one.rule == "goes-elsewhere"]

    assert {one.where for one in found} == {own.id}
    assert any(one.rule == "goes-elsewhere" and "goes to plan" in one.message for one in found)


def test_lint_has_nothing_to_say_of_what_is_shipped() -> None:
    assert lint(base()) == ()
