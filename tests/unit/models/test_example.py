from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from agentops_kit.models.example import instance

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

NAMES = st.sampled_from(["title", "score", "tags", "kind"])


def bounded() -> SearchStrategy[dict[str, Any]]:
    low = st.integers(-50, 50)
    return st.one_of(
        st.builds(lambda kind, least: {"type": kind, "minimum": least}, st.sampled_from(["integer", "number"]), low),
        st.builds(lambda kind, most: {"type": kind, "maximum": most}, st.sampled_from(["integer", "number"]), low),
        st.builds(
            lambda least, more: {"type": "integer", "minimum": least, "maximum": least + more}, low, st.integers(0, 9)
        ),
        st.builds(lambda least: {"type": "number", "exclusiveMinimum": least}, low),
        st.builds(lambda most: {"type": "integer", "exclusiveMaximum": most}, low),
        st.builds(
            lambda step, least: {"type": "integer", "multipleOf": step, "minimum": least}, st.integers(1, 9), low
        ),
    )


LEAVES = st.one_of(
    bounded(),
    st.sampled_from([{"type": "boolean"}, {"type": "null"}, {"type": ["null", "string"]}, {}, {"const": 3}, True]),
    st.lists(st.integers(), min_size=1, max_size=3).map(lambda values: {"enum": values}),
    st.builds(lambda least: {"type": "string", "minLength": least}, st.integers(0, 60)),
    st.builds(lambda most: {"type": "string", "maxLength": most}, st.integers(0, 9)),
    st.sampled_from(["date", "date-time", "email", "uri", "uuid"]).map(lambda form: {"type": "string", "format": form}),
    st.sampled_from([r"^\d+$", "^[a-z]+$", r"^v\d$"]).map(lambda pattern: {"type": "string", "pattern": pattern}),
)


def nested(inner: SearchStrategy[Any]) -> SearchStrategy[dict[str, Any]]:
    objects = st.dictionaries(NAMES, inner, max_size=3).flatmap(
        lambda properties: st.builds(
            lambda required: {"type": "object", "properties": properties, "required": required},
            st.lists(st.sampled_from([*properties, "more"]), unique=True),
        )
    )
    arrays = st.builds(
        lambda items, least, more: {"items": items, "minItems": least, "maxItems": least + more},
        inner,
        st.integers(0, 3),
        st.integers(0, 3),
    )
    return st.one_of(
        objects,
        arrays,
        inner.map(lambda one: {"anyOf": [{"type": "null"}, one]}),
        inner.map(lambda one: {"oneOf": [one]}),
        objects.map(lambda one: {"allOf": [one, {"type": "object", "required": ["also"]}]}),
    )


@given(schema=st.recursive(LEAVES, nested, max_leaves=8).filter(lambda one: isinstance(one, dict)))
def test_an_instance_meets_its_schema(schema: dict[str, Any]) -> None:
    made = instance(schema, "5eed")

    assert not [error.message for error in Draft202012Validator(schema).iter_errors(made)]
    assert made == instance(schema, "5eed")


def test_a_schema_that_refers_to_itself_ends() -> None:
    tree = {
        "$defs": {
            "node": {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "below": {"type": "array", "items": {"$ref": "#/$defs/node"}},
                },
                "required": ["name"],
            }
        },
        "$ref": "#/$defs/node",
    }

    assert Draft202012Validator(tree).is_valid(instance(tree, "5eed"))


def test_items_of_a_list_are_told_apart() -> None:
    made = instance({"type": "array", "items": {"type": "object", "properties": {"title": {}}}}, "5eed00")

    assert made == [{"title": "title of value 1 5eed00"}, {"title": "title of value 2 5eed00"}]


@pytest.mark.parametrize("schema", [{"$ref": "#/nowhere"}, {"default": "x"}, {"properties": {"a": {"default": 4}}}])
def test_what_is_not_said_is_filled_all_the_same(schema: dict[str, Any]) -> None:
    assert instance(schema, "5eed") in ("value 5eed", "x", {"a": 4})


def test_a_schema_that_requires_itself_ends_too() -> None:
    endless = {"$defs": {"n": {"properties": {"n": {"$ref": "#/$defs/n"}}, "required": ["n"]}}, "$ref": "#/$defs/n"}

    assert set(instance(endless, "5eed")) == {"n"}  # nothing meets it


@pytest.mark.parametrize("items", [True, {"type": "string", "pattern": "^[A-Z]{3}$"}])
def test_anything_is_a_text(items: Any) -> None:
    made = instance({"type": "array", "items": items}, "5eed")

    assert all(isinstance(one, str) for one in made)
