from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.text.rank import Tallier, bm25, bm25_postings, normalised, reciprocal_ranks
from agentops_kit.text.words import query


def test_a_rare_term_outweighs_a_common_one() -> None:
    tallier = Tallier(query("token file").terms)
    scores = bm25([tallier.tally(text) for text in ("file file here", "token there", "file again", "nothing")])
    assert scores[1] > scores[0] > scores[2] > scores[3] == 0


def test_the_shorter_of_two_documents_wins() -> None:
    tallier = Tallier(["token"])
    scores = bm25([tallier.tally("token"), tallier.tally("token " + "other " * 50)])
    assert scores[0] > scores[1]


def test_an_inverted_index_gives_the_scores_that_its_documents_give() -> None:
    texts = ("file file here", "token there", "file again", "nothing")
    tallies = [Tallier(["token", "file"]).tally(text) for text in texts]
    postings = {
        term: {at: tally.terms[term] for at, tally in enumerate(tallies) if term in tally.terms}
        for term in ("token", "file")
    }
    scores = bm25_postings(postings, [tally.length for tally in tallies], {"token": 1.0, "file": 1.0})
    assert scores == pytest.approx(bm25(tallies))
    assert bm25_postings(postings, [tally.length for tally in tallies], {"token": 1.0})[0] == 0


def test_what_has_no_score_has_no_rank() -> None:
    assert reciprocal_ranks([0.5, 0.0, 2.0, 0.5]) == [1 / 2, 0.0, 1.0, 1 / 3]


def test_no_documents_no_scores() -> None:
    assert bm25([]) == []


@given(values=st.lists(st.floats(0, 1e9)))
def test_the_largest_becomes_one(values: list[float]) -> None:
    scaled = normalised(values)
    assert max(scaled, default=0.0) in {0.0, 1.0}
    by_value = sorted(zip(values, scaled, strict=True))
    assert [after for _, after in by_value] == sorted(scaled)
