from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.workflows.expression import LONGEST, NotAnExpression, Reference, Unresolved, evaluate, parse, quoted

SCOPE = {"a": {"size": "s", "n": 3, "list": [1, 2], "text": "0.7", "none": None}}


def value_of(reference: Reference) -> Any:
    value: Any = SCOPE.get(reference.name)
    for part in reference.path[1:]:
        value = value.get(part) if isinstance(value, dict) else value[part]
    return value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.output.size == 's'", True),
        ('a.output.size in ["s", "m"] and not false', True),
        ("a.output.n > 2 && a.output.n <= 3", True),
        ("a.output.n < 1 || a.output.n >= 3", True),
        ("!(a.output.n == 3)", False),
        ("a.output.n != -3", True),
        ("a.output.text > 0.5", True),
        ("0.5 < a.output.text", True),
        ("a.output.size == 1", False),
        ("1 < a.output.n < 4", True),
        ("1 < a.output.n < 3", False),
        ("len(a.output.list) == 2", True),
        ("len(a.output.n) == 0", True),
        ("lower('ABC') == 'abc'", True),
        ("a.output.none is null", True),
        ("a.output.none is not null", False),
        ("a.output.none > 1", False),
        ("'s' in a.output.size", True),
        ("1 in a.output.size", False),
        ("1 not in a.output.list", False),
        ("1 in a.output.n", False),
        ("a.output[\"size\"] == a.output['size']", True),
        ("a.output.list[1]", 2),
        ("a.output.none or 'else'", "else"),
        (r"'it\'s' == 'it' or 'a\nb'", "a\nb"),
        ("-a.output.n == -3", None),
    ],
)
def test_values(text: str, expected: Any) -> None:
    if expected is None:
        with pytest.raises(NotAnExpression):
            parse(text)
        return
    assert evaluate(parse(text), value_of) == expected


@pytest.mark.parametrize(
    "text",
    [
        "a.output +", "a b", "f(a)", "len()", "len(a, b)", "a.__class__()", "[x for x in a]", "lambda: 1", "a = 1",
        "a if b else c", "(a.output).real", "a[b]", "{1: 2}", "'open", "1_000", "a @ b", "",
        "x" * (LONGEST + 1), "(" * 900 + ")" * 900, "not", "== 2", "a.output[-1]",
    ],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(NotAnExpression):
        parse(text)


def test_references_keep_their_paths() -> None:
    found = parse('research/code.output.x-y[2] == inputs["a b"] and steps["Market Analyst"].output').references

    assert found == (
        Reference("research/code", ("output", "x-y", 2)),
        Reference("inputs", ("a b",)),
        Reference("Market Analyst", ("output",)),
    )
    assert [str(one) for one in found] == [
        "research/code.output.x-y[2]",
        'inputs["a b"]',
        'steps["Market Analyst"].output',
    ]


def test_one_reference_is_alone() -> None:
    assert parse("a.output").alone
    assert not parse("a.output == 1").alone


@pytest.mark.parametrize("text", ["a.output.list > 3", "a.output < 3", "true < a.output.list"])
def test_what_has_no_order_says_so(text: str) -> None:
    with pytest.raises(Unresolved, match="have no order"):
        evaluate(parse(text), value_of)


def test_minus_before_a_text() -> None:
    with pytest.raises(NotAnExpression):
        parse("-'x'")


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    try:
        parsed = parse(text)
    except NotAnExpression:
        return
    for reference in parsed.references:
        assert parse(str(reference)).references == (reference,)


@given(st.text(alphabet=st.characters(exclude_categories=("C", "Z"))) | st.sampled_from(['"', "\\", "\n", "\t", "{{"]))
def test_a_quoted_text_is_itself(text: str) -> None:
    assert evaluate(parse(quoted(text)), value_of) == text
