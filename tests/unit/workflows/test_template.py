from __future__ import annotations

from typing import Any

import pytest

from agentops_kit.workflows.context import context
from agentops_kit.workflows.template import Unresolved, condition_reads, holds, paths, reads, render, text_of

SCOPE: dict[str, Any] = {
    "inputs": {"topic": "cats", "n": 2},
    "outputs": {"a": {"items": [1, 2], "t": "x"}, "b": '{"k": ["v"]}', "c": "plain", "e": {}},
    "item": {"name": "Ada"},
    "index": 3,
    "run": {"id": "r1"},
}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("no template", "no template"),
        ("{{ inputs.topic }}", "cats"),
        ("{{inputs.n}}", 2),
        ("About {{ inputs.topic }} ({{ inputs.n }})", "About cats (2)"),
        ("{{ a.output }}", {"items": [1, 2], "t": "x"}),
        ("is {{ a.output.items }}", "is [1, 2]"),
        ("{{ a.output.items[1] }}", 2),
        ("{{ b.output.k[0] }}", "v"),
        ("{{ item.name }}/{{ index }}/{{ run.id }}", "Ada/3/r1"),
        ("{{ gone.output }}", None),
        ("[{{ gone.output.x }}]", "[]"),
        ("{{ gone.output or 'none' }}", "none"),
        ("{{ a.output.t == 'x' }}", True),
        ('{{ "{{" }}x}}', "{{x}}"),
        ("{{ '}}' }}", "}}"),
        ({"k": ["{{ inputs.n }}", 5, None]}, {"k": [2, 5, None]}),
    ],
)
def test_rendering(template: Any, expected: Any) -> None:
    assert render(template, SCOPE) == expected


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ a.output.title }}", "it has no `title`, it has items, t"),
        ("{{ a.output.items[7] }}", "the list has 2 items"),
        ("{{ c.output.x }}", "a text or number has no `x`"),
        ("{{ e.output.x }}", "it is an empty mapping"),
        ("{{ inputs.other }}", "it has no `other`"),
        ("{{ b.output.zz }}", "it has k"),
    ],
)
def test_what_is_not_there_is_named(template: str, message: str) -> None:
    with pytest.raises(Unresolved, match=message):
        render(template, SCOPE)


def test_a_scope_without_an_item_says_so() -> None:
    with pytest.raises(Unresolved, match="nothing was given"):
        render("{{ item.x }}", {"inputs": {}})


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("", True),
        ("c.output", True),
        ("gone.output.type == 'text'", False),
        ("a.output.missing.more", False),
        ("'false'", False),
        ("inputs.n > 1", True),
        ("b.output.k", True),
    ],
)
def test_conditions(condition: str, expected: bool) -> None:
    assert holds(condition, SCOPE) is expected


def test_what_is_read_is_known_before_a_run() -> None:
    value = {"x": "{{ research/code.output.files[0] }} {{ inputs.a }}", "y": ["{{ b.output == 1 and c.output.d }}"]}

    assert reads(value) == {"research/code", "b", "c"}
    assert paths(value) == (("research/code", ("files", 0)), ("b", ()), ("c", ("d",)))
    assert condition_reads("a.output > inputs.n") == {"a"}
    assert condition_reads(" ") == frozenset()


def test_values_in_a_text() -> None:
    assert [text_of(one) for one in ("é", None, True, ["é"])] == ["é", "", "true", '["é"]']


def test_one_dependency_stands_alone_and_several_have_their_names() -> None:
    assert context("Do it.", [("a", "A")], single=True) == "Do it.\n\nContext from dependency:\nA"
    assert context("Do it.", [("a", "A")]) == "Do it.\n\nContext from dependency:\n[a]\nA"
    assert context("Do it.", [("a", "A"), ("b", {"k": 1}), ("c", "")]) == (
        'Do it.\n\nContext from dependency:\n[a]\nA\n\n[b]\n{"k": 1}'
    )


def test_a_task_without_outputs_stays_as_it_is() -> None:
    assert context("Do it.", [("a", None)], single=True) == "Do it."
