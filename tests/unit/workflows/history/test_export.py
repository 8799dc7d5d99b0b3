from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentops_kit.errors import InputInvalid
from agentops_kit.workflows.history import export
from agentops_kit.workflows.history.record import Call, Done, Event, Key, Record

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=5,
)
KEYS = st.builds(Key, st.text(min_size=1), st.none() | st.integers(0, 9))
MONEY = st.none() | st.decimals(0, 9, places=9)
RECORDS = st.builds(
    Record,
    id=st.text(min_size=1),
    workflow=st.text(),
    status=st.sampled_from(["succeeded", "failed"]),
    source=st.text(),
    inputs=st.dictionaries(st.text(), JSON, max_size=2),
    outputs=st.dictionaries(st.text(), JSON, max_size=2),
    phases=st.booleans(),
    cost=MONEY,
    steps=st.lists(
        st.builds(Done, key=KEYS, status=st.just("succeeded"), output=JSON, usage=st.just({"input": 1}), cost=MONEY),
        max_size=2,
    ).map(tuple),
    calls=st.lists(
        st.builds(
            Call,
            key=KEYS,
            attempt=st.integers(1, 3),
            number=st.integers(1, 3),
            kind=st.text(),
            request=JSON,
            answer=JSON,
            failed=st.none() | st.tuples(st.text(), st.text()),
        ),
        max_size=2,
    ).map(tuple),
    events=st.lists(
        st.builds(Event, seq=st.integers(), at=st.text(), kind=st.text(), step=st.text(), item=st.none(), payload=JSON),
        max_size=2,
    ).map(tuple),
)


@settings(max_examples=25)
@given(RECORDS)
def test_both_forms_read_back_as_the_same_value(record: Record) -> None:
    assert export.read("".join(f"{line}\n" for line in export.lines(record)), "r.jsonl") == record
    assert export.read(export.document(record), "r.json") == record


def test_a_run_without_steps_is_one_line() -> None:
    record = Record("r", "f", "failed", cost=Decimal("0.000000001"))

    (line,) = export.lines(record)

    assert json.loads(line)["cost"] == "0.000000001"
    assert export.read(line, "r.jsonl") == record


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "its schema is None"),
        ("{}", "its schema is None"),
        ("[1]", "line 1 is not a mapping"),
        (
            '{"what":"run","schema":"agentops.execution/1","id":"a","workflow":"b","status":"c"}\nnot',
            "line 2 is not JSON",
        ),
        ('{"what":"moon"}', "line 1 says it is 'moon'"),
        ('{"schema":"agentops.execution/1"}', "missing 3 required"),
        ('{"schema":"agentops.execution/1","id":"a","workflow":"b","status":"c","steps":[{}]}', "'step'"),
        ("[" * 100_000, "not an exported run"),
    ],
)
def test_what_is_no_export_is_refused_with_its_place(text: str, says: str) -> None:
    with pytest.raises(InputInvalid, match=r"x\.jsonl is not an exported run") as refused:
        export.read(text, "x.jsonl")
    assert says in refused.value.message


def test_fields_of_newer_versions_are_left_out() -> None:
    record = Record("r", "f", "failed", steps=(Done(Key("a"), "failed"),), events=(Event(1, "t", "k"),))
    document: Any = json.loads(export.document(record))
    for one in (document, document["steps"][0], document["events"][0]):
        one["newer"] = 1

    assert export.read(json.dumps(document), "r.json") == record
