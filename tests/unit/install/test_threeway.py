from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.install.snapshot import digest
from agentops_kit.install.threeway import LABELS, Edited, judge, like, marked, merges
from agentops_kit.memory.git import Repo

if TYPE_CHECKING:
    from pathlib import Path

    from agentops_kit.install.threeway import Choice

LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "d\n", "\n"]), max_size=8).map("".join).map(str.encode)


def edited(mine: bytes, now: bytes, before: bytes = b"") -> Edited:
    return Edited("x.md", mine, now, digest(before))


def clean(mine: bytes, base: bytes, now: bytes) -> tuple[int, bytes]:
    return 0, mine + b"+" + base + b"+" + now


def clashing(mine: bytes, base: bytes, now: bytes) -> tuple[int, bytes]:
    return 2, b"<" + mine + base + now + b">"


def no_text(mine: bytes, base: bytes, now: bytes) -> None:
    return None


def test_what_merges_cleanly_is_merged() -> None:
    merge = judge(edited(b"m", b"n"), b"b", None, clean)

    assert (merge.outcome, merge.data) == ("merged", b"m+b+n")


@pytest.mark.parametrize(
    ("merge", "base", "outcome", "says"),
    [
        (clashing, b"b", "conflict", "2 places"),
        (no_text, b"b", "conflict", "no text"),
        (clean, None, "unknown", "not in this clone"),
    ],
)
def test_what_cannot_be_merged_keeps_the_users_bytes(
    merge: object, base: bytes | None, outcome: str, says: str
) -> None:
    found = judge(edited(b"m", b"n"), base, None, merge)  # type: ignore[arg-type]

    assert (found.outcome, found.data) == (outcome, b"m")
    assert says in found.reason


@pytest.mark.parametrize(
    ("choice", "outcome", "data"), [("keep", "kept", b"m"), ("take", "merged", b"n"), ("mark", "merged", b"<mbn>")]
)
def test_a_person_settles_it(choice: Choice, outcome: str, data: bytes) -> None:
    found = judge(edited(b"m", b"n"), b"b", choice, clashing)

    assert (found.outcome, found.data) == (outcome, data)


def test_markers_are_no_help_in_what_is_no_text() -> None:
    assert judge(edited(b"m", b"n"), b"b", "mark", no_text).outcome == "conflict"


@pytest.mark.parametrize(
    ("mine", "text", "expected"),
    [(b"a\r\nb\r\n", b"c\n", b"c\r\n"), (b"a\r\nb\n", b"c\n", b"c\n"), (b"a", b"c\n", b"c\n"), (b"", b"c\n", b"c\n")],
)
def test_line_ends_follow_the_users_text(mine: bytes, text: bytes, expected: bytes) -> None:
    assert like(mine, text) == expected


@given(mine=LINES, base=LINES, now=LINES, choice=st.sampled_from([None, "keep", "take", "mark"]))
def test_no_line_of_the_users_is_ever_lost_unasked(mine: bytes, base: bytes, now: bytes, choice: Choice | None) -> None:
    def merge(one: bytes, _: bytes, other: bytes) -> tuple[int, bytes]:
        return (0, one) if one == other else (1, b"<" + one + b"=" + other + b">")

    found = judge(edited(mine, now), base, choice, merge)

    assert mine in found.data or choice == "take"
    assert found.data == mine or found.outcome == "merged"


def test_git_merges_and_marks(repo_dir: Path) -> None:
    repo = Repo.open(repo_dir)
    base, mine, now = b"1\n2\n3\n4\n5\n", b"1 mine\n2\n3\n4\n5\n", b"1\n2\n3\n4\n5 now\n"
    clash = edited(b"1\n2\n3\n4\n5 mine\n", now, base)

    found = merges(repo, [edited(mine, now, base)], {digest(base): base}, {})
    conflict = merges(repo, [clash], {digest(base): base}, {"x.md": "mark"})

    assert found["x.md"].data == b"1 mine\n2\n3\n4\n5 now\n"
    assert marked(conflict["x.md"].data)
    assert LABELS[1].encode() not in found["x.md"].data
    assert repo.merge_texts(b"\0", b"a", b"b", LABELS) is None
