from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from agentops_kit.errors import InputInvalid
from agentops_kit.workflows import given, load

if TYPE_CHECKING:
    from pathlib import Path

FLOW = load.load(
    """
name: flow
inputs:
  topic: {description: what about}
  length: {default: short}
steps:
  - {name: a, llm: "Write about {{ inputs.topic }}, {{ inputs.length }}."}
""",
    "flow.yaml",
)
PHASED = load.load("name: p\nsteps:\n  - {name: r, command: research}\n  - {name: q, command: quick}\n", "p.yaml")


def test_pairs_are_texts_or_json() -> None:
    assert given.pairs(("a=1", "b:=1", "c=x=y", 'd:={"e": [1]}', "a=2", "f=")) == {
        "a": "2", "b": 1, "c": "x=y", "d": {"e": [1]}, "f": "",
    }  # fmt: skip


@pytest.mark.parametrize("said", ["a", "=1", " =1", ":=1", "a:=", "a:={"])
def test_what_is_no_pair_is_refused(said: str) -> None:
    with pytest.raises(InputInvalid, match=r"input|JSON"):
        given.pairs((said,))


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("i.yaml", "topic: bees\nn: 3\n", {"topic": "bees", "n": 3}),
        ("i.json", '{"topic": "bees"}', {"topic": "bees"}),
    ],
)
def test_inputs_come_from_a_file(tmp_path: Path, name: str, text: str, found: dict[str, Any]) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")

    assert given.from_file(tmp_path / name) == found


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("i.json", b"{", "cannot be read"),
        ("i.yaml", b"a: [", "cannot be read"),
        ("i.yaml", b"\xff", "cannot be read"),
        ("i.yaml", b"[1]", "no mapping"),
        ("i.yaml", b"1: 2", "no mapping"),
        ("i.yaml", b"d: 2026-11-21", "JSON has no word for"),
        ("i.yaml", b"d: .nan", "JSON has no word for"),
        ("i.yaml", b"a" * 10_000_001, "more than 10,000,000 bytes"),
    ],
)
def test_a_file_that_holds_no_inputs_is_refused(tmp_path: Path, name: str, data: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(data)

    with pytest.raises(InputInvalid, match=says):
        given.from_file(tmp_path / name)


def test_defaults_are_filled_in() -> None:
    assert given.completed(FLOW, {"topic": "bees"}, scripted=False) == ({"topic": "bees", "length": "short"}, ())


def test_a_missing_input_is_refused_with_the_way_to_give_it() -> None:
    with pytest.raises(InputInvalid, match=r"needs the input topic\. Give it with --input topic="):
        given.completed(FLOW, {}, scripted=False)
    with pytest.raises(InputInvalid, match="needs the input task"):
        given.completed(PHASED, {}, scripted=False)


def test_on_the_scripted_model_a_missing_input_is_its_own_name() -> None:
    values, notes = given.completed(FLOW, {}, scripted=True)

    assert values == {"topic": "topic", "length": "short"}
    assert notes == ("The input 'topic' is not given: its own name stands for it.",)


@pytest.mark.parametrize(("said", "says"), [("topics", "Did you mean 'topic'"), ("zzz", "It reads: topic, length")])
def test_an_input_nobody_reads_is_refused(said: str, says: str) -> None:
    with pytest.raises(InputInvalid, match=says):
        given.completed(FLOW, {"topic": "x", said: 1}, scripted=False)
    bare = load.load("name: b\nsteps:\n  - {name: a, llm: hi}\n", "b.yaml")
    with pytest.raises(InputInvalid, match="It reads none"):
        given.completed(bare, {said: 1}, scripted=True)


def test_phases_read_the_task_and_quick_its_check() -> None:
    assert given.readable(PHASED) == {"task": True, "check": False}
    own = load.load("name: o\nsteps:\n  - {name: e, explore: {explorer: code, task: the login}}\n", "o.yaml")
    assert given.readable(own) == {"task": False}
