from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.text.stem import stem


def test_words_of_one_root_meet() -> None:
    assert stem("authenticate") == stem("authentication")
    assert stem("route") != stem("root")


@given(word=st.text())
def test_a_stem_is_hardly_longer_than_its_word(word: str) -> None:
    assert len(stem(word.lower())) <= len(word.lower()) + 1  # Snowball gives an ``e`` back to some stems
