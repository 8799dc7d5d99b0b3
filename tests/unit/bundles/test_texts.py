from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.bundles import texts
from agentops_kit.text.rank import Tallier
from agentops_kit.text.words import parts

WORDS = st.sampled_from(
    ["getToken", "token", "tokens_2", "認証トークン", "OAuth2Client", "Ünïcode", "a", "x" * 120, "\udc80"]
)
TEXTS = st.lists(st.one_of(st.text(), st.lists(WORDS, max_size=6).map(" ".join)), max_size=6)


@given(held=TEXTS, more=st.text(max_size=3))
def test_tallies_are_those_of_a_tallier(held: list[str], more: str) -> None:
    terms = [*(term for word in ("getToken", "認証トークン", "OAuth2Client") for term in parts(word)), more, ""]
    tallier = Tallier(terms)

    assert list(texts.index(held).tallies(terms)) == [tallier.tally(text) for text in held]


@given(held=TEXTS)
def test_an_index_is_read_as_it_was_written(held: list[str]) -> None:
    found = texts.index(held)

    assert texts.load(texts.dump(found)) == found
