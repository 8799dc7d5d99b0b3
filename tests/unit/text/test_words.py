from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.text.words import parts, query


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("write_text", "writeText"),
        ("OAuthClient", "oauth"),
        ("HTTPServer", "http"),
        ("parse", "parsing"),
        ("cache", "cached"),
        ("class", "classes"),
        ("entry", "entries"),
        ("stop", "stopped"),
    ],
)
def test_words_that_mean_the_same_share_a_term(left: str, right: str) -> None:
    assert set(parts(left)) & set(parts(right))


@pytest.mark.parametrize(("left", "right"), [("is", "i"), ("use", "us"), ("test", "tesseract")])
def test_words_that_differ_stay_apart(left: str, right: str) -> None:
    assert not set(parts(left)) & set(parts(right))


def test_text_without_spaces_becomes_pairs_of_characters() -> None:
    assert parts("認証方法") == ("認証", "証方", "方法")
    assert set(parts("認証OAuthの")) >= {"認証", "oauth"}


@given(word=st.text())
def test_any_word_has_finite_lower_case_terms(word: str) -> None:
    assert all(term == term.lower() for term in parts(word) if term.isascii())


def test_a_task_names_identifiers_and_paths() -> None:
    read = query("Why does `Repo.open` fail in src/app/git.py when read_blobs() or blobId is None?")
    assert {"Repo", "open", "read_blobs", "blobId"} <= read.identifiers
    assert "src/app/git.py" in read.paths
    assert "none" not in {word.lower() for word in read.identifiers}
    assert not read.about_tests


def test_filler_does_not_count_and_terms_are_bounded() -> None:
    assert query("the of and what is it").terms == ()
    assert len(query(" ".join(f"word{number}x" for number in range(5000))).terms) == 300


def test_a_task_about_tests_is_noticed() -> None:
    assert query("Make the tests faster").about_tests
    assert not query("Make it faster\n\n* Add tests").about_tests


def test_the_first_line_counts_most_and_names_below_it_more_than_words() -> None:
    weight_of = query("Refresh early\n\nThe token of `read_blobs` expired").weight_of
    assert weight_of["refresh"] == 1.0
    assert weight_of["refresh"] > weight_of["blob"] > weight_of["token"]


def test_an_endless_word_takes_no_time() -> None:
    read = query("a_" * 100_000 + " fix `" + "x" * 100_000 + "` in src/" + "y/" * 100_000 + " and a.py")
    assert read.paths == ("a.py",)
