from __future__ import annotations

from typing import Any

import pytest

from agentops_kit.content.shape import (
    Anything,
    Checker,
    Choice,
    Either,
    Flag,
    Lack,
    Many,
    Named,
    Number,
    Record,
    Shape,
    Table,
    Text,
    show,
)

CHECK = Checker({"self": Record({"name": Text(), "inner": Named("self")}, ("name",))})
DATE = Text(r"^\d+$", "digits", most=3)


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        (Anything(), None),
        (Flag(), False),
        (Text(), "a"),
        (DATE, "123"),
        (Number(), -1.5),
        (Number(whole=True), 3.0),
        (Number(least=0, most=2), 2),
        (Choice(("a", "b")), "b"),
        (Many(Flag()), []),
        (Table(Number()), {"x": 1}),
        (Either((Text(), Many(Text()))), ["a"]),
        (Either((Either((Number(), Flag())), Text())), True),
        (Record({"a": Text()}, own="x-"), {"x-b": 1}),
        (Record({}, open=True), {"any": 1}),
        (Named("self"), {"name": "a", "inner": {"name": "b"}}),
    ],
)
def test_what_fits(shape: Shape, value: Any) -> None:
    assert not list(CHECK.check(shape, value))


@pytest.mark.parametrize(
    ("shape", "value", "expected"),
    [
        (Flag(), 1, "the file is 1|Write yes or no."),
        (Text(), None, "the file is empty|Write a text."),
        (Text(), "", "the file is empty|Write a text, or take the key out."),
        (DATE, "1234", "the file has 4 characters|Keep it to 3."),
        (DATE, "x", "the file is 'x'|Write digits."),
        (Number(whole=True), 1.5, "the file is 1.5|Write a whole number."),
        (Number(whole=True), float("inf"), "the file is inf|Write a whole number."),
        (Number(), True, "the file is yes|Write a number."),
        (Number(above=0), 0, "the file is 0|Write a number above 0."),
        (Number(least=1, most=2), 3, "the file is 3|Write a number from 1 to 2."),
        (Choice(("stop", "skip")), "stpo", "the file is 'stpo'|Did you mean `stop`?"),
        (Choice(("stop", "skip")), "zzz", "the file is 'zzz'|It is stop, skip."),
        (Choice(("stop", "skip")), 3, "the file is 3|Write one of stop, skip."),
        (Many(Flag(), 1), [], "the file is empty|Add at least one."),
        (Many(Flag()), {}, "the file is a mapping|Write a list."),
        (Table(Flag()), [1], "the file is a list|Write a mapping."),
        (Table(Flag()), [], "the file is an empty list|Write a mapping."),
        (Either((Text(), Number())), None, "the file is empty|Write a text or a number."),
        (Record({"a": Text()}, ("a",)), {}, "the file lacks `a`|Add `a:`."),
        (Record({"a": Text()}), {"b": 1}, "`b` is not a known key|Known keys: a."),
        (Record({"a": Text(), "b": Text()}, one_of=("a", "b")), {}, "the file lacks `a` or `b`|Add `a` or `b`."),
        (
            Record({"a": Text(), "b": Text()}, one_of=("a", "b")), {"a": "x",
            "b": "y"}, "`b` stands beside `a`|Keep one of them.",
        ),
        (Record({"a": Text()}), {True: 1}, "`True` is a key that YAML does not read as a text|Put it in quotes."),
        (Named("self"), {"name": "a", "inner": {"name": 1}}, "`inner.name` is 1|Write a text."),
        (Many(Text()), ["a", 2], "`[2]` is 2|Write a text."),
    ],
)  # fmt: skip
def test_what_lacks_something(shape: Shape, value: Any, expected: str) -> None:
    (lack,) = CHECK.check(shape, value)

    assert f"{lack}|{lack.mend}" == expected


def test_records_are_told_apart_by_their_marks() -> None:
    either = Either((Record({"a": Text()}, mark=("a",)), Record({"b": Text()}, mark=("b",), says='"b: x"')))

    (wrong,) = CHECK.check(either, {"b": 1})
    (none,) = CHECK.check(either, {"c": 1})

    assert wrong.path == ("b",)
    assert none == Lack((), "is a mapping", 'Write a mapping or "b: x".')


def test_values_are_shown_short() -> None:
    assert show("x" * 99) == f"'{'x' * 38}…"
    assert show(value=False) == "no"
