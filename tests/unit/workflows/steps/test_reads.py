from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator

from agentops_kit.models.example import instance
from agentops_kit.workflows.steps import reads
from tests.support import jobs

if TYPE_CHECKING:
    from agentops_kit.workflows.spec import Step, Workflow


def shape(flow: Workflow, step: str, *, compared: bool = True) -> Any:
    found = reads.of(flow, step)
    return None if found is None else found.schema(compared=compared)


def flow(*steps: Step, **outputs: str) -> Workflow:
    return replace(jobs.flow(*steps), outputs=outputs)


def test_what_nobody_looks_into_has_no_shape() -> None:
    whole = flow(jobs.step(id="a"), jobs.step(id="b", prompt="{{ a.output }} and {{ aa.output.x }} {{ x/a.output.y }}"))

    assert shape(whole, "a") is None


def test_fields_that_are_read_are_needed() -> None:
    whole = flow(jobs.step(id="b", prompt="{{ a.output.title }}", inputs={"n": "{{ a.output.meta.size }}"}))

    made = shape(whole, "a")

    assert made["required"] == ["title", "meta"]
    assert made["properties"]["meta"]["required"] == ["size"]


def test_a_workflows_outputs_read_too() -> None:
    assert shape(flow(jobs.step(id="a"), best="{{ a.output.best }}"), "a")["required"] == ["best"]


def test_values_compared_with_make_a_run_go_on() -> None:
    conditions = ["a.output.kind == 'text'", "a.output.score > 0.5", "a.output.low <= -3", "a.output.ok == true"]
    whole = flow(*(replace(jobs.step(id=f"b{n}"), condition=said) for n, said in enumerate(conditions)))

    assert instance(shape(whole, "a"), "s") == {"kind": "text", "score": 1.5, "low": -3, "ok": True}
    assert instance(shape(whole, "a", compared=False), "s")["kind"] == "kind s"


def test_a_whole_output_may_be_compared_with() -> None:
    whole = flow(replace(jobs.step(id="b"), condition="a.output == 'yes'"))

    assert shape(whole, "a") == {"enum": ["yes"]}
    assert shape(whole, "a", compared=False) == {}


def test_what_is_iterated_is_a_list_of_what_its_body_reads() -> None:
    body = (jobs.step(id="in", prompt="{{ item.title }}"), replace(jobs.step(id="out"), condition="item.size > 3"))
    whole = flow(jobs.step(id="each", kind="map", over="{{ a.output.documents }}", steps=body))

    made = instance(shape(whole, "a"), "s")

    assert [set(one) for one in made["documents"]] == [{"title", "size"}] * 2
    assert made["documents"][0]["size"] == 4


def test_an_item_may_have_another_name() -> None:
    body = (jobs.step(prompt="{{ doc.name }}"),)
    settings: dict[str, Any] = {"over": "{{ a.output }}", "as": "doc", "steps": body}
    whole = flow(replace(jobs.step("each", kind="map"), settings=settings))

    made = shape(whole, "a")

    assert made["items"]["required"] == ["name"]
    assert Draft202012Validator(made).is_valid([{"name": "x"}])


def test_a_switch_gets_its_first_case() -> None:
    whole = flow(jobs.step(id="b", kind="switch", on="{{ a.output.kind }}", cases={"text": ["c"], "image": ["d"]}))

    assert shape(whole, "a")["properties"]["kind"] == {"enum": ["text"]}


def test_bodies_of_maps_read_outer_steps() -> None:
    body = (jobs.step(id="in", prompt="{{ a.output.rule }}"),)

    assert shape(flow(jobs.step(id="each", kind="map", over="{{ b.output }}", steps=body)), "a")["required"] == ["rule"]


def test_a_long_workflow_is_read_once() -> None:
    steps = [jobs.step(f"s{n}", prompt=f"{{{{ s{n - 1}.output.x }}}}") for n in range(3_000)]
    whole = flow(*steps)

    assert all(shape(whole, f"s{n}") for n in range(2_999))
    assert shape(whole, "s2999") is None
    kept = len(reads._shapes)
    del whole
    assert len(reads._shapes) == kept - 1
