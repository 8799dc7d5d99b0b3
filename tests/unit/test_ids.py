from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.ids import dated_id, slug

DAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("How does authentication work?", "authentication-work"),
        ("Add OAuth2 support", "add-oauth2-support"),
        ("Grüße an Łódź", "grue-odz"),
        ("the of and", "the-of-and"),
        ("漢字 🎉", "task"),
        ("", "task"),
        ("x" * 60, "x" * 40),
        ("one " + "y" * 39, "one"),
    ],
)
def test_a_slug_keeps_the_telling_words(text: str, expected: str) -> None:
    assert slug(text) == expected


@given(st.text())
def test_a_slug_is_a_short_file_name_and_its_own_slug(text: str) -> None:
    made = slug(text)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", made)
    assert len(made) <= 40
    assert slug(made) == made


@given(st.text(), st.integers(min_value=0, max_value=5))
def test_a_dated_id_is_new_and_begins_with_its_day(text: str, others: int) -> None:
    taken: set[str] = set()
    for _ in range(others):
        taken.add(dated_id(DAY, text, taken))
    made = dated_id(DAY, text, taken)
    assert made not in taken
    assert made.startswith("2026-11-21-")
    assert len(taken) == others


def test_a_taken_id_is_numbered_from_two() -> None:
    base = "2026-11-21-fix"
    assert dated_id(DAY, "fix", ()) == base
    assert dated_id(DAY, "fix", {base}) == f"{base}-2"
    assert dated_id(DAY, "fix", {base, f"{base}-2"}) == f"{base}-3"
