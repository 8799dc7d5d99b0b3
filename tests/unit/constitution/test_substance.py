"""The labelled section texts, and the figures they give; see tests/support/section_texts.yaml."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.constitution.parse import parse
from agentops_kit.constitution.sections import check
from agentops_kit.constitution.substance import ENOUGH, lacks, lexicon, says_nothing, score
from tests.support.section_texts import Text, figures, held_out, texts

if TYPE_CHECKING:
    from collections.abc import Sequence

WORDS = st.lists(st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=10), max_size=40)


def test_the_set_is_large_and_covers_each_section_both_ways() -> None:
    kinds = {(one.section, one.good) for one in texts()}

    assert len(texts()) >= 200
    assert len(kinds) == 8
    assert len({one.text for one in texts()}) >= len(texts()) - 3  # some texts stand under two sections


@pytest.mark.parametrize(("chosen", "least"), [(texts, 0.97), (held_out, 0.97)])
def test_the_figures_hold(chosen: object, least: float) -> None:
    sample: Sequence[Text] = chosen()  # type: ignore[operator]
    found = figures(sample)

    print(found)  # noqa: T201 - the figures, under -s
    assert found.precision >= least
    assert found.recall >= least


@pytest.mark.parametrize(
    "text",
    ["We learned some stuff.", "N/A", "", "   ", "...", "learned learned learned learned", "TODO", "[fill: the cause]"],
)
def test_filler_fails(text: str) -> None:
    assert lacks(text)


def test_short_but_concrete_passes() -> None:
    assert lacks("Retry budget must be per host: a global one starved eu-1.") == ""


def test_length_alone_does_not_pass() -> None:
    hollow = "We made various improvements to the code so that everything works better for everyone. "

    assert lacks(hollow * 30)
    assert lacks(
        hollow + "It is very important to do things properly and we learned a lot of valuable lessons overall."
    )


@given(st.sampled_from(sorted(lexicon().hollow | lexicon().plain)), st.integers(1, 400))
def test_a_word_that_carries_nothing_carries_nothing_many_times(word: str, times: int) -> None:
    assert lacks(" ".join([word] * times))


@given(WORDS)
def test_a_copy_of_the_subject_never_passes(words: list[str]) -> None:
    subject = " ".join(words)

    assert lacks(subject, subject) or not any(len(one) > 1 for one in words)


@given(WORDS, WORDS)
def test_the_score_does_not_depend_on_the_order_of_sentences(one: list[str], other: list[str]) -> None:
    first, second = " ".join(one), " ".join(other)

    assert score(f"{first}.\n\n{second}.")[0] == score(f"{second}.\n\n{first}.")[0]


def test_the_sum_is_the_one_that_is_written_down() -> None:
    found = score("Because `parse` failed 12 times, various workers stopped.")

    assert found == (3, 1, 1, 1, 1, 0)
    assert found.total == 3 + 1.5 + 1 + 0.5 - 0.5
    assert found.total >= ENOUGH


@pytest.mark.parametrize(("subject", "nothing"), [("various fixes", True), ("update", True), ("fix typo", False)])
def test_a_subject_that_fits_any_commit_says_nothing(subject: str, nothing: bool) -> None:
    assert says_nothing(subject) is nothing


def test_two_sections_with_the_same_text_are_one_too_few() -> None:
    same = "Uploads above 2 GiB stopped at 99 %."
    message = parse(
        f"fix: stream uploads\n\nContext: {same}\nSolution: {same}\n"
        "Learning: nginx buffers bodies unless told not to.\nImpact: uploads of any size finish.\n"
    )

    (found,) = check(message)

    assert "copy of Context" in found.message
