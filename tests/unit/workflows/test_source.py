"""Texts that are no YAML, or more than anybody wrote by hand."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.workflows.source import LARGEST, Unreadable, parse, read

if TYPE_CHECKING:
    from pathlib import Path


def refused(text: str | bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        parse(text, "w.yaml")
    return str(caught.value.problem)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: [1, 2\nb: 3\n", "w.yaml:2:2: this is not YAML: did not find expected ',' or ']' while parsing a flow"),
        ("a: b: c\n", "w.yaml:1:5: this is not YAML: mapping values are not allowed"),
        ("a: \t- b", "w.yaml:1:"),
        ("a: \x01", "control characters are not allowed"),
        ("", "the file is empty"),
        ("# only words\n", "the file is empty"),
        ("a: 1\n---\nb: 2\n", "w.yaml:2:1: a second YAML document starts here"),
        ("a: *b", "w.yaml:1:4: there is no anchor &b above"),
        ("a: &a [*a]", "w.yaml:1:8: the alias *a stands inside the value it names"),
        ("? [1]\n: 2", "w.yaml:1:3: a key is a list, a mapping or an alias"),
        ("[" * 70, "nested more than 64 deep"),
        ("x" * (LARGEST + 1), "the file is larger than 4 MiB"),
        (b"name: x\nb\xc3\xbc: \xff", "w.yaml:2:5: byte 0xff is not UTF-8. Save the file as UTF-8."),
    ],
)
def test_what_cannot_be_read_has_a_place(text: str | bytes, expected: str) -> None:
    assert expected in refused(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: 2\na: 3", "w.yaml:3:1: the key `a` stands twice, first in line 1."),
        ("a: !!python/object:os.system x", "the tag tag:yaml.org,2002:python/object:os.system is not known"),
        ("a: !mine [1]", "the tag !mine is not known here"),
        ("a: !!set {b}", "the tag tag:yaml.org,2002:set is not known here"),
        ("a: .inf", ".inf is not a number JSON has"),
        ("a: .nan", ".nan is not a number JSON has"),
        ("a: " + "9" * 5000, "is no number or yes/no"),
        ("a: !!int x", "'x' is no number or yes/no"),
        ("<<: 3\na: 1", "`<<` merges something that is not a mapping"),
    ],
)
def test_what_json_does_not_have_is_a_problem(text: str, expected: str) -> None:
    found = parse(text, "w.yaml")

    assert expected in str(found.problems[0])


def test_values_are_json_and_know_their_places() -> None:
    found = parse("a:\n  - x: 1\n    yes: [no, 2026-01-02, =]\n  - ~\n1: 1.5\n", "w.yaml")

    assert found.values == {"a": [{"x": 1, "yes": [False, "2026-01-02", "="]}, None], "1": 1.5}
    assert str(found.place(("a", 0, "yes"))) == "w.yaml:3:5"
    assert str(found.place(("a", 0, "yes", 1))) == "w.yaml:3:15"
    assert str(found.place(("a", 1, "not there"))) == "w.yaml:4:5"
    assert str(found.place(())) == "w.yaml:1:1"


def test_a_bomb_of_aliases_is_refused_before_it_grows() -> None:
    lines = ["a: &a [x,x,x,x,x,x,x,x,x]"]
    lines += [
        f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]" for old, new in zip("abcdefghijkl", "bcdefghijklm", strict=True)
    ]
    began = time.process_time()

    assert "with its aliases the file holds more than 1,000,000 values" in refused("\n".join(lines))
    assert time.process_time() - began < 1


def test_a_million_brackets_do_not_end_the_process() -> None:
    assert "nested more than 64 deep" in refused("[" * 1_000_000)


def test_ten_megabytes_are_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "big.yaml"
    path.write_bytes(b"a: " + b"x" * 10_000_000)
    began = time.process_time()

    assert "larger than 4 MiB" in refused(read(path))
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(("said", "expected"), [("none.yaml", "No such file"), (".", "Is a directory")])
def test_a_file_that_is_not_there(said: str, expected: str, tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=expected):
        read(tmp_path / said)


def test_without_libyaml_the_same_values_come_out(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a: &x {b: [1, 'two']}\nc: *x\n"
    fast = parse(text, "w")
    monkeypatch.delattr(yaml, "CSafeLoader")

    slow = parse(text, "w")

    assert (slow.values, slow.spots) == (fast.values, fast.spots)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_what_pyyaml_writes_comes_back(value: object) -> None:
    text = yaml.safe_dump(value, allow_unicode=True)
    try:
        expected = yaml.safe_load(text)
    except yaml.YAMLError:
        return

    assert parse(text, "w").values == expected
