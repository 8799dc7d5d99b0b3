from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.routing import index, mention, rank
from agentops_kit.routing.confidence import confidence
from tests.unit.routing.candidates import ALL, DESIGN

INDEX = index.compiled(ALL)


def first(text: str) -> str:
    return INDEX.ids[rank.rank(INDEX, rank.read(text)).order[0]]


def sure(text: str) -> float:
    task = rank.read(text)
    return confidence(rank.rank(INDEX, task), task)


@pytest.mark.parametrize(
    ("task", "wanted"),
    [
        ("restore the PostgreSQL backup of yesterday", "database-admin"),
        ("which typeface and palette fit our logo?", "brand-guardian"),
        ("a dangling pointer in our C++ parser", "cpp-pro"),
        ("turn what we found into a plan", "plan"),
        ("replcation lags behind on the databse", "database-admin"),
    ],
)
def test_a_task_goes_where_its_words_point(task: str, wanted: str) -> None:
    assert first(task) == wanted


@pytest.mark.parametrize(
    "task",
    [
        "ask the database-admin about the logo",
        "@database-admin which colours fit the logo?",
        "Let `database-admin` look at our typography",
    ],
)
def test_who_is_named_is_meant(task: str) -> None:
    assert first(task) == "database-admin"
    assert sure(task) >= 0.9


@pytest.mark.parametrize("task", ["let's plan the backup of the database", "backup plans for replication"])
def test_a_name_that_is_a_common_word_has_to_be_called(task: str) -> None:
    assert first(task) == "database-admin"


def test_a_call_of_a_common_word_counts() -> None:
    assert mention.places(INDEX.ids, "/plan the backup") == [3]
    assert mention.places(INDEX.ids, "the plan command for backups") == [3]
    assert mention.places(INDEX.ids, "see docs/plan.md for backups") == []


@pytest.mark.parametrize("task", ["", "   ", "!?;", "the of and"])
def test_a_task_without_a_word_is_sure_of_nothing(task: str) -> None:
    assert sure(task) == 0.0


def test_what_is_far_away_is_less_sure_than_what_is_near() -> None:
    assert sure("how tall is the tallest giraffe in the zoo") < sure("restore the PostgreSQL backup of yesterday")


def test_a_near_miss_goes_elsewhere() -> None:
    task = "repaint the logo in other colours"
    learned = index.compiled([one._replace(near_misses=(task,)) if one is DESIGN else one for one in ALL])

    before = rank.rank(INDEX, rank.read(task))
    after = rank.rank(learned, rank.read(task))

    assert before.order[0] == 1
    assert after.order[0] != 1


def test_a_long_text_costs_no_more_than_its_beginning() -> None:
    text = "restore the PostgreSQL backup. " + "lorem ipsum " * 5_000

    assert first(text) == "database-admin"
    assert len(rank.read(text).text) == 6_000


@given(st.text(max_size=300))
def test_any_text_ranks_everything_and_is_sure_of_a_probability(text: str) -> None:
    found = rank.rank(INDEX, rank.read(text))

    assert sorted(found.order) == [0, 1, 2, 3]
    assert list(found.scores) == sorted(found.scores, reverse=True)
    assert 0.0 <= sure(text) <= 1.0


def test_extra_moves_a_candidate_up() -> None:
    task = rank.read("the backup of the logo")

    plain, moved = rank.rank(INDEX, task), rank.rank(INDEX, task, {"plan": 50.0})

    assert plain.order[0] != 3
    assert moved.order[0] == 3


@pytest.mark.parametrize("task", ["plan", "Plan!", " `plan` ", "database-admin"])
def test_nothing_but_a_name_is_a_call(task: str) -> None:
    assert first(task) == task.strip(" `!").lower()
    assert sure(task) >= 0.9


def test_where_there_is_nobody_else_a_lead_says_nothing() -> None:
    alone, task = index.compiled([DESIGN]), rank.read("how tall is the tallest giraffe in the zoo")

    ranking = rank.rank(alone, task)

    assert ranking.share == 0.5
    assert confidence(ranking, task) < 0.5
