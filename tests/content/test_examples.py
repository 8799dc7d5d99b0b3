"""The sentences that lead to a piece are many, varied and its own; who wrote them wrote no held-out case like them.

The second author of held-out cases saw no example: what coincides was not copied, and rewording it would be tuning.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from agentops_kit.content.library import Library, shipped
from agentops_kit.content.profiles import resolve
from agentops_kit.text import words
from tests.support import route_cases

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from agentops_kit.content.library import Item

LIBRARY = Library(shipped())
RESOLVED = resolve(LIBRARY.names(), LIBRARY)
PIECES: tuple[Item[Any], ...] = (*RESOLVED.commands, *RESOLVED.personas, *RESOLVED.workflows)
SAYING = pytest.mark.parametrize("item", PIECES, ids=lambda item: item.where)
SHARED_WORDS = 4
FEWEST_CASES = 160


def spoken(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[\w'-]+", text.casefold()))


def runs_of(text: str) -> Iterator[tuple[str, ...]]:
    said = spoken(text)
    for start in range(len(said) - SHARED_WORDS + 1):
        yield said[start : start + SHARED_WORDS]


@SAYING
def test_a_piece_has_twelve_examples_and_four_near_misses(item: Item[Any]) -> None:
    assert len({" ".join(spoken(one)) for one in item.spec.examples}) >= 12
    assert len({" ".join(spoken(one.text)) for one in item.spec.near_misses}) >= 4


@SAYING
def test_examples_do_not_all_begin_alike(item: Item[Any]) -> None:
    openings = Counter(spoken(one)[0] for one in item.spec.examples)

    assert {word: n for word, n in openings.items() if n > max(2, len(item.spec.examples) // 6)} == {}


@SAYING
def test_examples_are_short_and_long_questions_and_orders(item: Item[Any]) -> None:
    lengths = sorted(len(spoken(one)) for one in item.spec.examples)

    assert lengths[0] <= 5
    assert lengths[-1] >= 20
    assert 0 < sum("?" in one for one in item.spec.examples) < len(item.spec.examples)


@SAYING
def test_examples_say_what_the_description_does_not(item: Item[Any]) -> None:
    described = set(words.query(f"{item.name} {item.spec.description}").terms)

    echoes = [one for one in item.spec.examples if set(words.query(one).terms) <= described]

    assert len(echoes) <= max(2, len(item.spec.examples) // 6)


def test_no_two_pieces_share_an_example() -> None:
    homes: dict[str, list[str]] = {}
    for item in PIECES:
        for example in item.spec.examples:
            homes.setdefault(" ".join(spoken(example)), []).append(item.where)

    assert {text: found for text, found in homes.items() if len(found) > 1} == {}


def test_a_near_miss_that_is_an_example_says_whose() -> None:
    owner = {" ".join(spoken(example)): item.name for item in PIECES for example in item.spec.examples}

    for item in PIECES:
        for miss in item.spec.near_misses:
            assert owner.get(" ".join(spoken(miss.text)), miss.belongs) == miss.belongs, (item.where, miss.text)


def test_no_held_out_case_shares_four_words_in_a_row_with_what_the_router_reads() -> None:
    read = {
        run: item.where
        for item in PIECES
        for text in (*item.spec.examples, *(miss.text for miss in item.spec.near_misses), item.spec.description)
        for run in runs_of(text)
    }

    shared = {case.task: read[run] for case in route_cases.cases("first") for run in runs_of(case.task) if run in read}

    assert shared == {}


def test_no_held_out_case_is_an_example_as_a_whole() -> None:
    known = {" ".join(spoken(example)) for item in PIECES for example in item.spec.examples}

    assert [case.task for case in route_cases.cases("first") if " ".join(spoken(case.task)) in known] == []


def test_the_held_out_cases_are_many_and_of_every_kind() -> None:
    kinds = Counter(case.kind for case in route_cases.cases())

    assert sum(kinds.values()) == len({case.task.casefold() for case in route_cases.cases()}) >= FEWEST_CASES
    assert set(kinds) == set(route_cases.KINDS)
    assert kinds["in"] >= sum(kinds.values()) * 0.4
    assert all(kinds[kind] >= 10 for kind in route_cases.KINDS if kind != "odd")


def test_the_held_out_cases_of_an_author_or_of_all_can_be_asked_for() -> None:
    first, second, third = (route_cases.cases(author) for author in ("first", "second", "third"))

    assert route_cases.cases() == (*first, *second, *third)
    assert set(route_cases.measured(("devops",), "second")) == {one for one in second if one.only in {"", "devops"}}
    assert len(route_cases.measured(("devops",))) == sum(
        len(route_cases.measured(("devops",), author)) for author in route_cases.FILES
    )


@pytest.mark.parametrize("author", route_cases.FILES)
def test_the_held_out_cases_are_balanced_over_the_pieces(author: str) -> None:
    everything = {one for profiles in route_cases.SETS.values() for one in route_cases.ids(profiles)}
    first = Counter(case.accept[0] for case in route_cases.cases(author) if case.kind != "ambiguous" and case.accept)
    accepted = Counter(
        one for case in route_cases.cases(author) for one in (*case.accept, *case.second, *case.otherwise)
    )

    assert set(accepted) == everything
    assert all(accepted[one] >= 2 for one in everything), sorted(accepted.items(), key=lambda pair: pair[1])[:5]
    assert max(first.values()) <= 10


@pytest.mark.parametrize("name", route_cases.SETS)
def test_every_set_of_profiles_has_cases_to_route_and_cases_to_ask_about(name: str) -> None:
    ids = route_cases.ids(route_cases.SETS[name])
    asked = [case.asks(ids) for case in route_cases.measured(route_cases.SETS[name])]

    assert sum(asked) >= 40
    assert len(asked) - sum(asked) >= 90


def test_the_held_out_cases_read_as_cases_of_the_router(tmp_path: Path) -> None:
    from agentops_kit.routing import evaluate

    there = route_cases.ids(route_cases.SETS["devops"])
    path = tmp_path / "cases.yaml"
    path.write_text(json.dumps(route_cases.labelled(there)), encoding="utf-8")

    read = evaluate.read(path)

    assert [case.task for case in read] == [case.task for case in route_cases.cases()]
    assert {one for case in read for one in case.accept} <= there
    assert sum(not case.accept for case in read) == sum(case.asks(there) for case in route_cases.cases())


def test_what_a_case_accepts_depends_on_what_is_there() -> None:
    case = route_cases.RouteCase("t", "two", ("drift",), ("rollout",), ("quick",))

    assert case.right({"drift", "rollout", "plan"}) == ("drift", "rollout")
    assert case.right({"quick", "plan"}) == ("quick",)
    assert case.right({"workflow:quick", "command:quick"}) == ("command:quick", "workflow:quick")
    assert case.asks({"plan"})
    assert not case.asks({"drift"})
    assert route_cases.RouteCase("t", "ambiguous", ("drift",)).asks({"drift"})
