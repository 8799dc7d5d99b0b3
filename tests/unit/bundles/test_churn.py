from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.bundles.churn import Change, churn
from agentops_kit.ids import CommitId
from agentops_kit.memory.diffs import Hunk


def hunk(first: int, length: int, new_first: int, new_length: int) -> Hunk:
    return Hunk(CommitId("a" * 40), "a.py", "a.py", first, length, new_first, new_length, "", (), ())


def change(*hunks: Hunk, fit: float = 0.0, place: int = 0) -> Change:
    return Change(hunks, fit, place)


def test_a_file_without_changes_has_none() -> None:
    assert churn(3, ()).times == (0.0, 0.0, 0.0)


def test_replaced_lines_count_and_are_followed_into_what_they_replaced() -> None:
    found = churn(5, [change(hunk(2, 1, 2, 2), fit=0.5), change(hunk(2, 1, 2, 1))])
    assert found.times == (0.0, 2.0, 1.0, 0.0, 0.0)  # line 3 was only added
    assert found.fits == (0.0, 0.5, 0.5, 0.0, 0.0)


def test_lines_behind_a_hunk_keep_their_place_in_the_older_version() -> None:
    found = churn(6, [change(hunk(1, 0, 2, 3)), change(hunk(2, 1, 2, 1))])
    assert found.times == (0.0, 1.0, 1.0, 1.0, 1.0, 0.0)  # what is line 5 now was line 2 before


def test_a_deletion_counts_for_the_line_it_stands_behind() -> None:
    assert churn(3, [change(hunk(2, 4, 1, 0))]).times == (1.0, 0.0, 0.0)


def test_later_changes_weigh_less_the_older_they_are() -> None:
    now = churn(1, [change(hunk(1, 1, 1, 1), place=0)]).lately[0]
    then = churn(1, [change(hunk(1, 1, 1, 1), place=120)]).lately[0]
    assert now == 1.0
    assert 0 < then < 0.2


SPANS = st.tuples(st.integers(1, 30), st.integers(0, 5), st.integers(0, 5))


@given(lines=st.integers(1, 30), spans=st.lists(st.lists(SPANS, max_size=4), max_size=5))
def test_whatever_the_hunks_say_every_line_has_a_count(lines: int, spans: list[list[tuple[int, int, int]]]) -> None:
    changes = [change(*(hunk(first, old, first, new) for first, old, new in held)) for held in spans]
    found = churn(lines, changes)
    assert len(found.times) == len(found.fits) == len(found.lately) == lines
    assert all(value >= 0 for value in found.times)
