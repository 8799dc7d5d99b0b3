"""The published schema and the loader are one table: what one refuses, the other refuses."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agentops_kit.content.library import shipped
from agentops_kit.content.workflow_shape import CHECKER, DIALECTS, KINDS
from agentops_kit.workflows import schema
from tests.support import source

if TYPE_CHECKING:
    from pathlib import Path

FILES = sorted((source.ROOT / "tests/support/workflows").glob("*.yaml"))
OURS = sorted((shipped() / "profiles").glob("*/workflows/*.yaml"))
VALIDATOR = jsonschema.Draft202012Validator(schema.published())
SAMPLES = [yaml.safe_load(path.read_text()) for path in (*FILES, OURS[0])]


def taken(values: Any) -> bool:
    """Say whether one dialect takes a file's shape, as the loader does."""
    return sum(not any(CHECKER.check(shape, values)) for shape in DIALECTS.values()) == 1


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema.published())


def test_the_published_file_is_the_one_the_code_writes() -> None:
    published = source.ROOT / "docs/reference/workflow.schema.json"

    assert json.loads(published.read_text(encoding="utf-8")) == schema.published(), (
        "write it anew: python -m agentops_kit.cli.reference"
    )


@pytest.mark.parametrize("path", [*FILES, *OURS], ids=lambda path: path.stem)
def test_every_file_fits_the_schema(path: Path) -> None:
    VALIDATOR.validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def test_the_samples_have_every_kind_and_every_key_of_a_step() -> None:
    ours = next(one for one in SAMPLES if one["name"] == "every-kind")
    said = {key for step in ours["steps"] for key in step}

    assert said >= KINDS.keys() | {"needs", "if", "retries", "timeout", "optional", "queue", "inputs", "quality"}


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [path]
    if isinstance(value, dict):
        found += [one for key, inner in value.items() for one in places(inner, (*path, key))]
    if isinstance(value, list):
        found += [one for number, inner in enumerate(value) for one in places(inner, (*path, number))]
    return found


def changed(value: Any, path: tuple[str | int, ...], how: str, new: Any) -> Any:
    whole = {"": copy.deepcopy(value)}
    inner: Any = whole
    keys: tuple[Any, ...] = ("", *path)
    for key in keys[:-1]:
        inner = inner[key]
    if how == "remove" and path:
        del inner[keys[-1]]
    elif how == "rename" and isinstance(keys[-1], str) and path:
        inner[f"{keys[-1]}x"] = inner.pop(keys[-1])
    elif how == "add" and isinstance(inner[keys[-1]], dict):
        inner[keys[-1]]["unheard-of"] = new
    else:
        inner[keys[-1]] = new
    return whole[""]


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 200),
    st.sampled_from([1.0, 0.5, -0.0, 1e300]),
    st.sampled_from(["", "x", "a b", "a/b", "code", "5m", "5 m", "stop", "text", "X" * 65, "a\n", "Gold", "person"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["any", "at_least", "of", "failed", "name", "prompt", "times"]), inner, max_size=2
        )
    ),
    max_leaves=4,
)


def a_part(data: st.DataObject, values: dict[str, Any]) -> dict[str, Any]:
    """Return a file with two of its steps: the schema's validator takes long over many."""
    key = next(key for key in ("steps", "agents", "dag", "nodes", "phases") if key in values)
    if key == "dag":
        return {**values, "dag": a_part(data, values["dag"])}
    return {**values, key: data.draw(st.lists(st.sampled_from(values[key]), min_size=1, max_size=2))}


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_what_one_refuses_the_other_refuses(data: st.DataObject) -> None:
    values = a_part(data, data.draw(st.sampled_from(SAMPLES)))
    for _ in range(data.draw(st.integers(1, 2))):
        path = data.draw(st.sampled_from(places(values)))
        how = data.draw(st.sampled_from(["remove", "rename", "add", "replace", "replace"]))
        values = changed(values, path, how, data.draw(VALUES))

    assert VALIDATOR.is_valid(values) == taken(values)


@given(VALUES)
@example({"name": "x", "steps": [{"name": "a"}], "agents": []})
@example({"steps": [{"name": "a"}]})
@example({"phases": [{"name": "p", "steps": [{"name": "a"}]}], "x-mine": 3})
@example({"steps": [{"name": "a", "needs": {"any": ["b"], "failed": "c"}}]})
@example({"steps": [{"name": "a", "needs": {"at_least": 1}}]})
@example({"steps": [{"name": "a", "llm": "x", "http": "y"}]})
@example({"name": "x", "nodes": [{"id": "a", "type": "llm"}], "dag": {"nodes": []}})
def test_what_is_no_workflow_is_refused_by_both(values: Any) -> None:
    assert VALIDATOR.is_valid(values) == taken(values)
