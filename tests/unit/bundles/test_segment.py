from __future__ import annotations

from array import array

from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.bundles.segment import MOST_TIMES, Source, bucket_of, build, count_words, numbers_in
from agentops_kit.text.words import fold, identifiers, parts

TEXTS = st.text(st.sampled_from(list("aZ_09 \n\té漢字“”²\x01\x1c.$(){}=")) | st.characters(codec="utf-8"), max_size=80)


@given(TEXTS)
def test_words_are_those_that_identifiers_finds(text: str) -> None:
    counted = {word.decode(): times for word, times in count_words(text).items()}

    assert counted == {word: identifiers(text).count(word) for word in identifiers(text)}


@given(st.sets(st.from_regex(r"\w{1,12}", fullmatch=True) | TEXTS.filter(str.isidentifier)))
def test_folding_many_is_folding_each(words: set[str]) -> None:
    asked = sorted(words)

    assert list(fold(asked).items()) == [(word, parts(word)) for word in asked]


def test_a_term_leads_to_the_words_that_hold_it() -> None:
    segment = build(
        [Source("a.py", "python", "def get_user(): pass\n"), Source("b.md", "doc", "A user, the user's.\n")]
    )
    bucket = segment.buckets[bucket_of(b"user", len(segment.buckets))]
    offsets = array("I")
    offsets.frombytes(segment.offsets)
    postings = array("I")
    postings.frombytes(segment.postings)

    found = [
        (one >> 16, one >> 10 & 63, one & MOST_TIMES)
        for number in numbers_in(bucket, b"user")
        for one in postings[offsets[number] // 4 : offsets[number + 1] // 4]
    ]

    assert sorted(found) == [(0, 1, 1), (1, 0, 2)]
    assert numbers_in(bucket, b"use") == []


def test_facts_count_lines_words_and_names() -> None:
    (facts,) = build([Source("a.py", "python", "import os\nclass A:\n    def get_user(self): ...\n")]).facts

    assert (facts.lines, facts.length, facts.names, facts.imports) == (4, 7, 2, ("os",))


def test_counts_stop_at_their_largest_value() -> None:
    segment = build([Source("a.txt", "", "word " * 5000)])
    postings = array("I")
    postings.frombytes(segment.postings)

    assert list(postings) == [MOST_TIMES]
    assert segment.facts[0].length == 5000


def test_encoded_data_is_no_word() -> None:
    assert build([Source("a.txt", "", "f" * 200)]).postings == b""


def test_nothing_makes_an_empty_segment() -> None:
    assert build([]).facts == ()
