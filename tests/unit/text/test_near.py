from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.text import near


def test_close_names_are_offered_nearest_first() -> None:
    assert near.hint("plam", ["plane", "plan", "verify"], "no") == "Did you mean plan or plane?"
    assert near.hint("plam", ["plane", "plan"], "no", show=repr, most=1) == "Did you mean 'plan'?"


def test_without_a_close_name_the_other_sentence_stands() -> None:
    assert near.hint("zzz", ["plan"], "Known: plan.") == "Known: plan."
    assert near.hint("zzz", [], "") == ""


def test_a_lower_cutoff_reaches_further() -> None:
    assert near.hint("release", ["2026-release-notes-x"], "no") == "no"
    assert near.hint("release", ["2026-release-notes-x"], "no", cutoff=0.4) != "no"


@pytest.mark.parametrize(
    ("name", "says"), [("severty", "Did you mean `severity`?"), ("zzz", "Known keys: severity, laws.")]
)
def test_a_key_gets_the_nearest_or_all(name: str, says: str) -> None:
    assert near.key(name, iter(["severity", "laws"])) == says


@given(st.text(), st.lists(st.text()))
def test_there_is_always_one_answer(name: str, known: list[str]) -> None:
    found = near.hint(name, known, "otherwise")

    assert found == "otherwise" or found.startswith("Did you mean ")
    assert name not in known or found.startswith("Did you mean ")
