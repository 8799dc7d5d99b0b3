from __future__ import annotations

from agentops_kit.routing.postings import NO_POSTINGS, bm25, cosine


def test_a_rare_term_counts_more_than_a_common_one() -> None:
    found, rarity = bm25([{"common": 1.0, "rare": 1.0}, {"common": 1.0}, {"common": 1.0, "other": 3.0}])

    assert rarity["rare"] > rarity["common"]
    assert found.score({"rare": 1.0}, 3)[0] > found.score({"common": 1.0}, 3)[0] > 0
    assert found.score({"unknown": 1.0}, 3) == [0.0, 0.0, 0.0]
    assert found.held_by("rare", 0)
    assert not found.held_by("rare", 1)


def test_cosine_says_who_is_alike_whatever_the_length() -> None:
    found = cosine([{"a": 1, "b": 1}, {"a": 5, "b": 5}, {"c": 1}])

    first, second, third = found.score({"a": 1.0}, 3)
    assert abs(first - second) < 1e-6
    assert third == 0.0


def test_no_postings_score_nothing() -> None:
    assert NO_POSTINGS.score({"a": 1.0}, 2) == [0.0, 0.0]
    assert not NO_POSTINGS.held_by("a", 0)
